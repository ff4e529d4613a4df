"""One timer for many: each is given up when its own time is over, and nobody else."""

from __future__ import annotations

import asyncio

import pytest

from service.web.sandglass import Sandglass
from tests.servers.waiting import eventually


async def _run(glass: Sandglass, ends: asyncio.Event) -> str:
    try:
        async with asyncio.timeout(None) as running:
            glass.begin(running)
            try:
                await ends.wait()
            finally:
                glass.stop(running)
    except TimeoutError:
        return "given up"
    return "done"


async def test_each_has_its_own_time_and_who_is_done_is_left_alone() -> None:
    glass, never, soon = Sandglass(0.05), asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(_run(glass, never))
    done = asyncio.create_task(_run(glass, soon))
    soon.set()
    assert await done == "done"
    assert await first == "given up"
    # The timer has gone; who comes later starts another.
    later = [asyncio.create_task(_run(glass, never)) for _ in range(3)]
    assert await asyncio.gather(*later) == ["given up"] * 3
    assert not glass._ends


async def test_those_who_began_later_end_later() -> None:
    glass, never, ended = Sandglass(0.05), asyncio.Event(), list[int]()

    async def one(number: int) -> None:
        await _run(glass, never)
        ended.append(number)

    tasks = []
    for number in range(3):
        tasks.append(asyncio.create_task(one(number)))
        await asyncio.sleep(0.01)
    await eventually(lambda: len(ended) == 3, "all to be given up")
    assert ended == [0, 1, 2]
    await asyncio.gather(*tasks)


async def test_who_is_cancelled_by_somebody_else_is_cancelled() -> None:
    glass = Sandglass(9.0)
    task = asyncio.create_task(_run(glass, asyncio.Event()))
    await eventually(lambda: bool(glass._ends), "it to begin")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not glass._ends
