"""A site's rules: what they find, what they leave alone, what is refused as a rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit import text
from service.kit.errors import Invalid
from service.screening import Draft, Facts, Policy, Rule, RuleSet, RuleTooBroad, cleaned, judge

OLD_HAND = Facts(published_before=9)


def drafted(body: str, name: str = "Ada") -> Draft:
    rendered = text.render(body)
    return Draft(rendered.plain, body, name, rendered.links)


def verdict(body: str, *rules: Rule, policy: Policy | None = None) -> tuple[str, list[str]]:
    judged = judge(drafted(body), OLD_HAND, policy or Policy(), rules=RuleSet.of(rules))
    return judged.action, [signal.name for signal in judged.signals]


@pytest.mark.parametrize(
    ("pattern", "whole_word", "body", "is_found"),
    [
        ("casino", True, "Come to the CASINO!", True),
        ("casino", True, "саѕіnо", True),  # Cyrillic letters
        ("casino", True, "c\u200bas\u00adino", True),  # invisible ones
        ("casino", True, "c4s1n0", True),
        ("casino", True, "casinos", False),
        ("casino", False, "bigcasinobonus", True),
        ("casino*", True, "casinobonus", True),
        ("free money", True, "FREE   money now", True),
        ("free money", True, "freemoney", False),
        ("赌场", True, "来赌场玩", True),
    ],
)
def test_a_word_is_found_however_it_is_written(pattern: str, *, whole_word: bool, body: str, is_found: bool) -> None:
    rule = Rule(7, "word", pattern, "hold", whole_word=whole_word)

    assert verdict(body, rule) == (("hold", ["rule-word"]) if is_found else ("publish", []))


def test_each_rule_says_what_follows_and_the_strictest_wins() -> None:
    hold, reject = Rule(1, "word", "tram", "hold", 0.2), Rule(2, "word", "casino", "reject", 1.0)

    judged = judge(drafted("A tram to the casino"), OLD_HAND, Policy(), rules=RuleSet.of([hold, reject]))

    assert (judged.action, judged.reasons) == ("reject", ("Not published because it contains “casino”.",))
    assert [(s.score, s.span) for s in judged.signals] == [(0.2, (2, 6)), (1.0, (14, 20))]
    assert judged.signals[0].reason == "The site's rule 1 has “tram”; found in “tram”"


@pytest.mark.parametrize(
    ("host", "body", "is_found"),
    [
        ("spam.example", "see https://spam.example/x", True),
        ("spam.example", "see https://a.b.spam.example", True),
        ("spam.example", "see spam.example", True),
        ("spam.example", "see https://notspam.example", False),
        ("zip", "get https://evil.zip/now", True),
        ("xn--bcher-kva.example", "https://bücher.example", True),
    ],
)
def test_a_host_is_found_with_its_subdomains(host: str, body: str, *, is_found: bool) -> None:
    assert verdict(body, Rule(1, "host", host, "reject"))[0] == ("reject" if is_found else "publish")


def test_what_is_allowed_is_no_signal_and_hides_nothing_else() -> None:
    policy = Policy(banned_words=("*horpe*",), denied_hosts=("example",), max_links=0)
    allowed = (Rule(1, "word", "scunthorpe", "allow"), Rule(2, "host", "good.example", "allow"))

    assert verdict("Scunthorpe, Scunthorpe and https://good.example", *allowed, policy=policy)[0] == "publish"
    assert verdict("Scunthorpe is full of thorpes", *allowed, policy=policy)[0] == "reject"
    assert verdict("https://good.example and https://bad.example", *allowed, policy=policy)[0] == "reject"


@pytest.mark.parametrize("pattern", ["*", "**", "e", "e*", "*a*", "in*", "!", "…", "  "])
def test_what_matches_everything_is_no_word(pattern: str) -> None:
    with pytest.raises(RuleTooBroad):
        cleaned("word", pattern, "hold", whole_word=True)


def test_other_patterns_are_refused_with_a_reason() -> None:
    with pytest.raises(RuleTooBroad):
        cleaned("word", "an", "hold", whole_word=False)
    with pytest.raises(RuleTooBroad):
        cleaned("host", "com", "allow", whole_word=True)
    for kind, pattern in (("word", "a*b*c*d*e*f*g*"), ("host", "no host"), ("host", ""), ("host", "http://x.y/")):
        with pytest.raises(Invalid):
            cleaned(kind, pattern, "hold", whole_word=True)  # type: ignore[arg-type]
    assert cleaned("host", "*.Bücher.example", "hold", whole_word=True) == "xn--bcher-kva.example"


@given(pattern=st.text(max_size=60), whole_word=st.booleans())
def test_a_pattern_is_cleaned_once_and_never_breaks_screening(pattern: str, *, whole_word: bool) -> None:
    try:
        made = cleaned("word", pattern, "hold", whole_word=whole_word)
    except Invalid:
        return
    assert cleaned("word", made, "hold", whole_word=whole_word) == made
    judge(drafted("Some *words* of a comment."), OLD_HAND, Policy(), rules=RuleSet.of([Rule(1, "word", made, "hold")]))


def test_hostile_patterns_end() -> None:
    """Were it not linear, this would take hours and not the blink of an eye that the run's time limit allows."""
    nasty = [Rule(i, "word", "a*a*a*a*a*b", "hold", whole_word=False) for i in range(3)]
    nasty.append(Rule(9, "word", "a" * 40 + "*b", "hold", whole_word=False))

    judged = judge(Draft("a" * 100_000, "", "Ada"), OLD_HAND, Policy(), rules=RuleSet.of(nasty))

    assert judged.action == "publish"
