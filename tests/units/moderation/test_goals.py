"""The order of a queue: severity counts, and waiting counts more in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.moderation import ModerationGoals
from service.moderation.goals import level, severity

scores = st.floats(min_value=0, max_value=1)
minutes = st.integers(min_value=1, max_value=7 * 24 * 60)
goals = st.builds(ModerationGoals, high_minutes=minutes, medium_minutes=minutes, low_minutes=minutes)


@given(st.lists(scores), scores)
def test_a_further_signal_never_lowers_severity(some: list[float], further: float) -> None:
    assert 0 <= severity(some) <= severity([*some, further]) <= 1


@given(st.lists(scores, min_size=1))
def test_severity_is_at_least_the_strongest_signal(some: list[float]) -> None:
    assert severity(some) >= max(some) - 1e-9


@given(st.lists(st.floats(allow_nan=False)))
def test_scores_out_of_range_do_no_harm(some: list[float]) -> None:
    assert 0 <= severity(some) <= 1


def test_nothing_noticed_is_no_severity() -> None:
    assert severity([]) == 0


@pytest.mark.parametrize(
    ("scores", "word"), [([], "low"), ([0.3], "low"), ([0.5], "medium"), ([0.3, 0.3], "medium"), ([0.5, 0.5], "high")]
)
def test_severity_in_a_word(scores: list[float], word: str) -> None:
    assert level(severity(scores)) == word


@given(goals, scores, scores)
def test_whoever_has_waited_for_the_longest_goal_comes_first(of: ModerationGoals, light: float, severe: float) -> None:
    longest = timedelta(minutes=max(of.high_minutes, of.medium_minutes, of.low_minutes))

    # Opened that much earlier and due earlier, whatever comes now.
    assert of.target(light) - longest <= of.target(severe)


def test_the_severe_are_due_first_by_default() -> None:
    of = ModerationGoals()

    assert of.target(0.9) < of.target(0.5) < of.target(0.1)
