from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit import clock, ids

times = st.datetimes(datetime(2000, 1, 2), datetime(2139, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # see timezones
shards = st.integers(0, ids.SHARDS - 1)


@given(shards, times)
def test_an_id_carries_its_shard_and_its_time_to_the_millisecond(shard: int, at: datetime) -> None:
    made = ids.new_id(shard, at)
    assert 0 < made < 1 << 63
    assert ids.shard_of(made) == shard
    # A thousand ids fit into the millisecond; hypothesis does not make as many at one time.
    assert timedelta() <= at - ids.created_at(made) < timedelta(milliseconds=1)


@given(shards, times, shards, times)
def test_ids_sort_by_time_of_creation_whatever_their_shards(a: int, early: datetime, b: int, late: datetime) -> None:
    if early + timedelta(milliseconds=2) < late:
        assert ids.new_id(a, early) < ids.new_id(b, late)


def test_ids_of_one_instant_rise_within_a_shard_even_when_the_millisecond_is_full() -> None:
    with clock.frozen():
        made = [ids.new_id(7) for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {ids.shard_of(each) for each in made} == {7}


def test_comments_of_one_second_of_an_import_keep_their_order() -> None:
    second = datetime(2005, 3, 1, 12, 0, 0, tzinfo=UTC)
    made = [ids.new_id(3, second) for _ in range(50)]
    assert made == sorted(set(made))
    assert made[-1] < ids.new_id(3, second + timedelta(seconds=1))


def test_threads_at_once_never_make_the_same_id() -> None:
    with clock.frozen(), ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [ids.new_id(shard) for shard in (1, 2) for _ in range(500)], range(8)))
    assert len({each for batch in batches for each in batch}) == 8_000


def test_threads_without_a_shard_are_spread() -> None:
    assert len({ids.shard_of(ids.new_id()) for _ in range(2_000)}) > 500


@pytest.mark.parametrize("year", [1, 1999, 2140, 9999])
def test_times_beyond_the_range_still_give_an_id(year: int) -> None:
    made = ids.new_id(0, datetime(year, 1, 1, tzinfo=UTC))
    assert 0 < made < 1 << 63
    assert (made < ids.new_id(0)) == (year < 2000)


def test_naive_times_and_foreign_shards_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        ids.new_id(0, datetime(2020, 1, 1))  # noqa: DTZ001  # naive on purpose
    with pytest.raises(ValueError, match="shard"):
        ids.new_id(1024)


@given(st.integers(1, (1 << 63) - 1))
def test_an_id_is_read_back(number: int) -> None:
    assert ids.parse_id(str(number), field="comment") == number


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "+1", "01", " 1", "1\n", "1.0", "1e3", "٣", "１", "9223372036854775808", "9" * 20, "x", "\x00"],
)
def test_anything_else_is_no_id(text: str) -> None:
    with pytest.raises(ids.InvalidId) as refused:
        ids.parse_id(text, field="comment")
    assert (refused.value.type, refused.value.field, refused.value.status) == ("invalid-id", "comment", 422)


@given(st.text())
def test_parsing_never_fails_otherwise(text: str) -> None:
    with contextlib.suppress(ids.InvalidId):
        assert str(ids.parse_id(text, field="id")) == text
