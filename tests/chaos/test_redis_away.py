"""Redis is killed and emptied while people post: nothing acknowledged is lost, nothing is answered with a 500."""

from __future__ import annotations

import asyncio

from tests.conftest import Floor
from tests.servers.waiting import eventually
from tests.world import World, flat


async def test_posting_and_reading_go_on_through_the_death_of_redis(world: World, floor: Floor) -> None:
    stop = asyncio.Event()
    statuses: set[int] = set()
    acknowledged: list[str] = []

    async def post(number: int) -> None:
        guest = world.guest(f"Reader {number}")
        while not stop.is_set():
            response = await guest.try_post(f"Through it all {len(acknowledged)}")
            statuses.add(response.status_code)
            if response.status_code == 201:
                acknowledged.append(response.json()["comment"]["id"])
            statuses.add((await world.client.get("/readyz")).status_code)

    async def torment() -> None:
        for _ in range(2):
            floor.redis_server.flush()
            await _posts(acknowledged, 5)
            floor.redis_server.kill()
            await _posts(acknowledged, 5)
            floor.redis_server.restart()
            await _posts(acknowledged, 5)
        stop.set()
        await floor.bring_redis_back(world.parts.redis)

    await asyncio.gather(torment(), *(post(number) for number in range(4)))

    assert statuses == {200, 201}
    seen: set[str] = set()
    cursor = None
    while True:
        page = await world.read(sort="oldest", limit=100, **({"cursor": cursor} if cursor else {}))
        seen |= {comment["id"] for comment in flat(page["items"])}
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == set(acknowledged)
    assert page["thread"]["comment_count"] == len(acknowledged)


async def _posts(acknowledged: list[str], more: int) -> None:
    goal = len(acknowledged) + more
    await eventually(lambda: len(acknowledged) >= goal, f"{more} more comments to be acknowledged", seconds=30)
