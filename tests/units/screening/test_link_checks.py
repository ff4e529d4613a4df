from __future__ import annotations

import pytest

from service.kit.text import render
from service.screening import Draft, Facts, Policy, Verdict, judge


def verdict(source: str, policy: Policy) -> Verdict:
    rendered = render(source)
    return judge(Draft(rendered.plain, source, "Ada", rendered.links), Facts(published_before=1), policy)


def hosts(source: str, policy: Policy) -> list[str]:
    return [
        signal.reason.split()[2].rstrip(",") for signal in verdict(source, policy).signals if signal.name == "link-host"
    ]


def test_as_many_links_as_the_policy_has_it_go_unseen() -> None:
    links = [f"http://a{n}.example/" for n in range(4)]
    assert verdict(" ".join(links[:3]), Policy()).action == "publish"
    too_many = verdict(" ".join(links), Policy())
    assert (too_many.action, too_many.signals[0].name) == ("hold", "links")
    assert verdict(links[0], Policy(max_links=0)).action == "hold"


def test_more_links_score_more() -> None:
    four, forty = (
        verdict(" ".join(f"http://a{n}.example" for n in range(count)), Policy()).signals[0].score for count in (4, 40)
    )
    assert 0 < four < forty < 1


def test_links_to_allowed_hosts_do_not_count() -> None:
    policy = Policy(max_links=1, allowed_hosts=("news.example",))
    assert verdict("http://news.example http://www.news.example http://a.example", policy).action == "publish"
    assert verdict("http://news.example http://evilnews.example http://a.example", policy).action == "hold"


DENIED = Policy(denied_hosts=("spam.example", "bücher.example"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("http://spam.example/x", ["spam.example"]),
        ("[x](https://shop.SPAM.example:8080)", ["shop.spam.example"]),
        ("![x](http://spam.example./i.png)", ["spam.example"]),
        ("http://notspam.example http://spam.example.org", []),
        ("see Spam.Example today", ["spam.example"]),
        ("http://bücher.example and xn--bcher-kva.example", ["xn--bcher-kva.example"]),
        ("[x](http://%73pam.example)", ["spam.example"]),
        ("http://good.example/?to=http://spam.example", ["spam.example"]),
        ("..... a.b.c. --- 3.14", []),
    ],
)
def test_denied_hosts_are_found_in_links_and_in_the_text(source: str, expected: list[str]) -> None:
    assert hosts(source, DENIED) == expected


def test_a_denied_host_rejects_and_an_allowed_one_within_it_passes() -> None:
    assert verdict("http://spam.example", DENIED).action == "reject"
    excepted = Policy(denied_hosts=("example",), allowed_hosts=("good.example",))
    assert verdict("http://www.good.example", excepted).action == "publish"
    assert verdict("http://bad.example", excepted).action == "reject"


def test_what_the_text_names_has_its_place() -> None:
    found = verdict("visit spam.example now", DENIED).signals[0].span
    assert found == (6, 18)


def test_links_to_addresses_of_ipv6_are_no_fault() -> None:
    assert verdict("http://[::1]:8000/x", DENIED).action == "publish"
