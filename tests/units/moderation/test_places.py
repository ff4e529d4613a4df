"""Texts that go out and come back: places in a queue and tokens of claims."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.paging import InvalidCursor
from service.moderation import InvalidClaim, Place, Token

ids = st.integers(min_value=1, max_value=(1 << 63) - 1)
versions = st.integers(min_value=1, max_value=(1 << 31) - 1)
times = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2139, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone


@given(times, ids)
def test_a_place_comes_back_to_the_microsecond(due_at: datetime, case: int) -> None:
    place = Place(due_at, case)

    assert Place.read(place.encode()) == place


@given(times, ids, times, ids)
def test_places_are_ordered_by_due_time_and_then_by_case(
    due: datetime, case: int, other_due: datetime, other_case: int
) -> None:
    assert (Place(due, case) < Place(other_due, other_case)) == ((due, case) < (other_due, other_case))


@given(ids, ids, ids, ids, versions)
def test_a_token_comes_back(site: int, case: int, fence: int, comment: int, version: int) -> None:
    token = Token(site, case, fence, comment, version)

    assert Token.read(token.encode()) == token
    assert len(token.encode()) <= 120


@pytest.mark.parametrize("text", ["", "-", "1-", "-1", "1-2-3", "1-٣", "9" * 19 + "-1", "1-" + "9" * 20, "x-1", " 1-1"])
def test_other_texts_are_no_places(text: str) -> None:
    with pytest.raises(InvalidCursor):
        Place.read(text)


@pytest.mark.parametrize(
    "text", ["", "1.2.3.4", "1.2.3.4.5.6", "1.2.3.4.x", "1.2.3.4.-5", "1.2.3.4.٣", "1.2.3.4." + "9" * 20]
)
def test_other_texts_are_no_tokens(text: str) -> None:
    with pytest.raises(InvalidClaim):
        Token.read(text)
