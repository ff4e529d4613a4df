from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.votes.ranks import best, controversy, hot, ranking

votes = st.integers(0, 1_000_000)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # see timezones
THEN = datetime(2026, 11, 24, tzinfo=UTC)


@given(votes, votes)
def test_best_rises_with_votes_up_and_falls_with_votes_down(up: int, down: int) -> None:
    assert 0 < best(up, down) < 1
    assert best(up + 1, down) > best(up, down)
    assert best(up, down + 1) < best(up, down)


def test_best_orders_what_readers_would_order() -> None:
    order = [(60, 2), (2, 0), (1, 0), (1, 1), (0, 0), (0, 1), (0, 50)]
    assert sorted(order, key=lambda votes: best(*votes), reverse=True) == order


def test_best_trusts_many_votes_more_than_few_of_the_same_share() -> None:
    assert best(30, 10) > best(3, 1)


def test_best_is_wilsons_lower_bound_over_votes_and_prior() -> None:
    # p with |p_hat - p| = z sqrt(p (1 - p) / n), the smaller of the two: the definition, not the formula.
    for up, down in [(0, 0), (7, 3), (0, 12), (400, 1)]:
        n, share, bound = up + down + 2, (up + 1) / (up + down + 2), best(up, down)
        assert bound < share
        assert math.isclose(share - bound, 1.2816 * math.sqrt(bound * (1 - bound) / n), rel_tol=1e-9)


@given(votes, votes, times)
def test_hot_never_falls_with_votes_up_nor_rises_with_votes_down(up: int, down: int, at: datetime) -> None:
    assert math.isfinite(hot(up, down, at))
    assert hot(up + 1, down, at) >= hot(up, down, at)
    assert hot(up, down + 1, at) <= hot(up, down, at)


@given(votes, votes, times)
def test_hot_gives_ten_times_the_score_for_twelve_and_a_half_hours(up: int, down: int, at: datetime) -> None:
    later = hot(up, down, at + timedelta(hours=12.5))
    assert math.isclose(later, hot(up, down, at) + 1, abs_tol=1e-6)
    assert math.isclose(hot(100, 0, at), hot(10, 0, at) + 1, abs_tol=1e-6)


def test_hot_is_reddits() -> None:
    assert hot(0, 0, datetime.fromtimestamp(1_134_028_003, UTC)) == 0
    assert hot(1_000, 0, datetime.fromtimestamp(1_134_028_003 + 45_000, UTC)) == 4
    assert hot(0, 100, datetime.fromtimestamp(1_134_028_003, UTC)) == -2


@given(votes, votes)
def test_controversy_is_symmetric_and_zero_for_one_side(up: int, down: int) -> None:
    assert controversy(up, down) == controversy(down, up)
    assert controversy(up, 0) == controversy(0, down) == 0
    assert 0 <= controversy(up, down) <= up + down


def test_controversy_wants_many_votes_evenly_split() -> None:
    assert controversy(50, 50) == 100
    assert controversy(50, 50) > controversy(5, 5) > controversy(9, 1)


@given(votes, votes, times)
def test_ranking_is_all_three_and_always_the_same(up: int, down: int, at: datetime) -> None:
    assert ranking(up, down, at) == (best(up, down), hot(up, down, at), controversy(up, down)) == ranking(up, down, at)
