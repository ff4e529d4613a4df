"""The page behind somebody else's window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.transfer.addresses import true_address

BASE = "https://news.test"


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("https://news.test/a", "https://news.test/a"),
        (
            "http://translate.googleusercontent.com/translate_c?depth=1&u=http://x.test/a%3Fb%3D1&usg=A",
            "http://x.test/a?b=1",
        ),
        ("https://translate.google.com/translate?hl=de&sl=en&u=https://x.test/a", "https://x.test/a"),
        ("https://translate.google.com.hk/translate?u=x.test/a", "http://x.test/a"),
        ("https://translate.google.com/", "https://translate.google.com/"),
        ("http://webcache.googleusercontent.com/search?q=cache:6lJZ2aBcD3QJ:x.test/a+&cd=1", "http://x.test/a"),
        ("http://webcache.googleusercontent.com/search?q=cache:http://x.test/a&hl=de", "http://x.test/a"),
        ("http://webcache.googleusercontent.com/search?q=else", "http://webcache.googleusercontent.com/search?q=else"),
        ("https://x-test.translate.goog/a?_x_tr_sl=auto", "https://x.test/a?_x_tr_sl=auto"),
        ("https://my--blog-x-test.translate.goog/a", "https://my-blog.x.test/a"),
        ("https://web.archive.org/web/20150325id_/http://x.test/a?b=1", "http://x.test/a?b=1"),
        ("https://web.archive.org/about", "https://web.archive.org/about"),
        # A translated copy of a cached copy.
        (
            "https://translate.google.com/translate?u=http://webcache.googleusercontent.com/search%3Fq%3Dcache:x.test/a",
            "http://x.test/a",
        ),
        ("/a?b=1", "https://news.test/a?b=1"),
        ("//x.test/a", "http://x.test/a"),
        ("x.test/a", "http://x.test/a"),
        ("x.test:8080", "http://x.test:8080"),
        ("nonsense", "nonsense"),
        ("mailto:a@x.test", "mailto:a@x.test"),
        ("http://[broken", "http://[broken"),
        ("", ""),
    ],
)
def test_addresses(link: str, page: str) -> None:
    assert true_address(link, BASE) == page


def test_without_an_origin_a_path_stays_one() -> None:
    assert true_address("/a") == "/a"


@given(st.text())
def test_nothing_makes_it_stumble(link: str) -> None:
    assert isinstance(true_address(link, BASE), str)
    assert isinstance(true_address(f"https://translate.google.com/translate?u={link}", BASE), str)
