"""Quantiles, agreement, and cells that are no formulas."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.moderation.figures import Agreement, quantile
from service.moderation.spreadsheet import safe


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 1.0]))
def test_a_quantile_is_the_nearest_rank(values: list[int], share: float) -> None:
    assert quantile(Counter(values), share) == sorted(values)[math.ceil(share * len(values)) - 1]


def test_nothing_has_no_quantile() -> None:
    assert quantile({}, 0.5) is None


@pytest.mark.parametrize(
    ("pairs", "share", "kappa"),
    [
        ((0, 0, 0, 0), None, None),
        ((10, 0, 0, 0), 1.0, None),  # nobody restricts: chance would agree as well
        ((5, 5, 0, 0), 1.0, 1.0),
        ((0, 0, 5, 5), 0.0, -1.0),
        ((25, 25, 25, 25), 0.5, 0.0),
        ((20, 15, 5, 10), 0.7, 0.4),  # the worked example of many a textbook
    ],
)
def test_agreement(pairs: tuple[int, int, int, int], share: float | None, kappa: float | None) -> None:
    agreement = Agreement(*pairs)

    assert agreement.share == share
    assert agreement.kappa == (None if kappa is None else pytest.approx(kappa))


@given(st.tuples(*[st.integers(0, 1000)] * 4), st.tuples(*[st.integers(0, 1000)] * 4))
def test_agreement_adds_up_and_stays_in_its_bounds(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    both = Agreement(*one) + Agreement(*other)

    assert both.looked_at == sum(one) + sum(other)
    assert both.kappa is None or -1 - 1e-9 <= both.kappa <= 1 + 1e-9


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])
def test_no_name_is_a_formula(name: str) -> None:
    assert safe(name) == f"'{name}"


@pytest.mark.parametrize("cell", ["Ada", "a=b", -0.25, 3, None, ""])
def test_other_cells_are_left_alone(cell: str | float | None) -> None:
    assert safe(cell) == cell
