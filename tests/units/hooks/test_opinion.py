"""A hook's answer is taken to the letter or counts as silence, and the breaker rests what does not answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.hooks import Hook
from service.hooks.breaker import Breaker
from service.hooks.hook import WhenSilent
from service.hooks.opinion import read

PLAIN = "You utter fool."


def hook(when_silent: WhenSilent = "hold", hold_at: float = 0.8) -> Hook:
    return Hook("tone", "https://hooks.example/", "wait", when_silent=when_silent, hold_at=hold_at, id=7)


def said(answer: object, **settings: Any) -> tuple[str, str, list[tuple[str, float]]]:
    opinion = read(hook(**settings), json.dumps(answer).encode(), PLAIN, 5)
    return opinion.outcome, opinion.action, [(signal.name, signal.score) for signal in opinion.signals]


def signal(**fields: Any) -> dict[str, Any]:
    return {"name": "insult", "score": 0.9, "reason": "Calls somebody a fool", **fields}


def test_signals_carry_the_hooks_name_and_a_high_one_holds() -> None:
    assert said({"signals": [signal(span=[10, 14])]}) == ("answered", "hold", [("tone.insult", 0.9)])
    assert said({"signals": [signal(score=0.7)]}) == ("answered", "publish", [("tone.insult", 0.7)])
    assert said({"signals": [signal(score=0.7)]}, hold_at=0.5)[1] == "hold"
    assert said({"signals": []}) == ("answered", "publish", [])
    assert said({"signals": [signal()], "action": "publish"})[1] == "publish"
    assert said({"signals": [], "action": "reject"})[1] == "reject"
    assert said({"signals": [signal(score=1)]})[0] == "answered"


@pytest.mark.parametrize(
    "answer",
    [
        None, [], "publish", 1, {}, {"signals": None}, {"signals": {}}, {"signals": [None]}, {"action": "hold"},
        {"signals": [], "action": "Hold"}, {"signals": [], "action": "remove"}, {"signals": [], "state": "published"},
        {"signals": [signal(score="0.9")]}, {"signals": [signal(score=1.01)]}, {"signals": [signal(score=-0.1)]},
        {"signals": [signal(score=True)]}, {"signals": [signal(name="Insult")]}, {"signals": [signal(name="a.b")]},
        {"signals": [signal(name="x" * 41)]}, {"signals": [signal(name="")]}, {"signals": [signal(reason="")]},
        {"signals": [signal(reason="\u202e\x00 ")]}, {"signals": [signal(reason="x" * 301)]},
        {"signals": [signal(reason=3)]},
        {"signals": [signal(span=[0, 99])]}, {"signals": [signal(span=[4, 4])]}, {"signals": [signal(span=[-1, 3])]},
        {"signals": [signal(span=[1])]}, {"signals": [signal(span=["0", "4"])]}, {"signals": [signal(span="0-4")]},
        {"signals": [signal(severity=1)]}, {"signals": [signal()] * 21},
    ],
)  # fmt: skip
def test_what_is_not_to_the_letter_is_silence(answer: object) -> None:
    assert said(answer) == ("invalid", "hold", [("tone.silent", 0.3)])
    assert said(answer, when_silent="pass") == ("invalid", "publish", [])


@pytest.mark.parametrize("body", [b"", b"{", b'{"signals":[{"name":"a","score":NaN,"reason":"x"}]}', b"\xff\xfe",
                                  b'{"signals":[{"name":"a","score":1e999,"reason":"x"}]}', b"[" * 50_000])  # fmt: skip
def test_what_is_no_json_is_silence(body: bytes) -> None:
    assert read(hook(), body, PLAIN, 1).outcome == "invalid"


def test_a_fault_is_told_without_what_was_answered() -> None:
    opinion = read(hook(), json.dumps({"signals": [signal(name="Secret words")]}).encode(), PLAIN, 1)
    assert "Secret" not in opinion.fault
    assert "signals.0.name" in opinion.fault


keys = st.sampled_from(["signals", "action", "name", "score", "reason", "span", "x"])
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner),
)


@given(st.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode()))
def test_nothing_that_is_answered_raises(body: bytes) -> None:
    opinion = read(hook(), body, PLAIN, 1)
    assert opinion.action in {"publish", "hold", "reject"}
    assert all(each.name.startswith("tone.") for each in opinion.signals)


class Hands:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_dead_hook_is_tried_three_times_and_then_now_and_then() -> None:
    now = Hands()
    breaker = Breaker(now)
    asked = 0
    for _ in range(100):
        if breaker.admits(1):
            asked += 1
            breaker.went(1, well=False)
    assert asked == 3
    assert breaker.admits(2), "another hook is not concerned"
    for rest in (10, 20, 40, 80, 160, 300, 300):
        now.at += rest - 0.1
        assert not breaker.admits(1)
        now.at += 0.2
        # One of many at once tries it; the others do not wait for that.
        assert [breaker.admits(1) for _ in range(5)] == [True, False, False, False, False]
        breaker.went(1, well=False)
    now.at += 301
    assert breaker.admits(1)
    breaker.went(1, well=True)
    assert all(breaker.admits(1) for _ in range(5))


def test_a_failure_now_and_then_rests_nothing() -> None:
    breaker = Breaker(Hands())
    for _ in range(50):
        for well in (False, False, True):
            assert breaker.admits(1)
            breaker.went(1, well=well)
