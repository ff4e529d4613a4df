from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.pages.words import age, count, is_long, iso, web_address

NOW = datetime(2026, 11, 4, 9, 5, 7, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=1_500), "1,500 days"),
    ],
)
def test_age_is_said_in_one_unit(passed: timedelta, words: str) -> None:
    assert age(NOW - passed, NOW) == words


def test_dates_are_for_programs() -> None:
    assert iso(NOW) == "2026-11-04T09:05:07Z"


def test_one_is_not_many() -> None:
    assert [count(n, "reply", "replies") for n in (0, 1, 2)] == ["0 replies", "1 reply", "2 replies"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", " https://a.example", "//a.example", ""])
def test_only_the_web_is_linked(url: str) -> None:
    assert web_address(url) == ""
    assert web_address("HTTPS://a.example/") == "HTTPS://a.example/"


@pytest.mark.parametrize(
    ("html", "folded"),
    [
        ("<p>Short</p>", False),
        ("<p>" + "x" * 2_000 + "</p>", True),
        ("<p>" + "a<br>" * 21 + "</p>", True),
        ("<p>a</p>" * 20, False),
        ("<pre><code>" + "a\n" * 21 + "</code></pre>", True),
    ],
)
def test_what_does_not_fit_on_a_phone_is_long(html: str, folded: bool) -> None:  # noqa: FBT001  # a case of the table
    assert is_long(html) == folded
