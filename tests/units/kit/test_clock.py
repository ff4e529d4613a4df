from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from service.kit import clock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_clock_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_a_stopped_clock_stands_until_it_is_moved() -> None:
    with clock.frozen(NOON) as hands:
        assert clock.now() == clock.now() == NOON
        hands.advance(timedelta(minutes=15))
        assert clock.now() == NOON + timedelta(minutes=15)
        hands.set(NOON - timedelta(days=1))
        assert clock.now() == NOON - timedelta(days=1)


def test_the_clock_runs_again_afterwards_even_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), clock.frozen(datetime(2005, 1, 1, tzinfo=UTC)):
        raise ZeroDivisionError
    assert clock.now().year > 2005


def test_stopped_clocks_nest() -> None:
    with clock.frozen(NOON):
        with clock.frozen(NOON + timedelta(hours=1)):
            assert clock.now().hour == 13
        assert clock.now() == NOON


async def test_a_task_begun_before_sees_the_stopped_clock() -> None:
    go = asyncio.Event()

    async def ask() -> datetime:
        await go.wait()
        return clock.now()

    task = asyncio.create_task(ask())
    with clock.frozen(NOON):
        go.set()
        assert await task == NOON


def test_naive_times_are_refused_and_others_brought_to_utc() -> None:
    with pytest.raises(ValueError, match="naive"), clock.frozen(NOON.replace(tzinfo=None)):
        pass
    with clock.frozen(datetime(2026, 11, 24, 14, tzinfo=timezone(timedelta(hours=2)))):
        assert clock.now().isoformat() == "2026-11-24T12:00:00+00:00"
