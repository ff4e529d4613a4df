"""Rules of sites kept ready: however many sites ask and however many rules each has, so many and no more."""

from __future__ import annotations

from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.moderation import rules
from service.screening import Rule, RuleSet


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(0, 40)), max_size=30))
def test_what_is_kept_ready_is_bounded_by_rules_and_the_last_is_there(asked: list[tuple[int, int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "_ready", OrderedDict())
        patch.setattr(rules, "_MOST_READY", 50)
        for site, stamp, count in asked:
            made = RuleSet.of(Rule(number, "word", f"word {number}", "hold") for number in range(count))
            rules._keep_ready((site, stamp), made)
            assert rules._ready[site, stamp] is made
            assert sum(1 + len(each.rules) for each in rules._ready.values()) <= 50
            assert len({site for site, _ in rules._ready}) == len(rules._ready)
