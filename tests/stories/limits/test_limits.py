"""Limits: atomic, shared, explained, and there when Redis is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.exceptions import ResponseError

from service.kit.redis import Away
from service.limits import Limit, Limiter, LimitReached
from service.limits.rules import ScopeLimits
from tests.conftest import Floor
from tests.world import World


def _only(**acts: dict[str, list[str]]) -> dict[str, Any]:
    return {"limits": acts}


async def test_past_the_limit_the_answer_says_when_to_come_back(world: World) -> None:
    strict = await world.another(_only(post={"address": ["3/60s"]}))
    ada = strict.guest("Ada", address="10.5.5.5")
    for _ in range(3):
        await ada.post()
    response = await ada.try_post("One too many")

    assert response.status_code == 429
    assert response.headers["content-type"] == "application/problem+json"
    assert 1 <= int(response.headers["retry-after"]) <= 20
    assert response.headers["ratelimit-policy"] == '"address";q=3;w=60'
    assert response.headers["ratelimit"].startswith('"address";r=0;t=')


async def test_thirty_at_once_are_let_through_exactly_as_many_as_allowed(world: World) -> None:
    strict = await world.another(_only(post={"address": ["5/60s"]}))
    # As many as have a place however slow the machine is.
    guests = [strict.guest(f"Reader {n}", address="10.6.6.6") for n in range(30)]
    statuses = [response.status_code for response in await asyncio.gather(*(guest.try_post() for guest in guests))]
    assert statuses.count(201) == 5
    assert statuses.count(429) == 25


async def test_refused_tries_do_not_lengthen_the_wait(world: World) -> None:
    strict = await world.another(_only(post={"address": ["1/60s"]}))
    ada = strict.guest("Ada", address="10.7.7.7")
    await ada.post()
    waits = [int((await ada.try_post()).headers["retry-after"]) for _ in range(30)]
    assert max(waits) <= 60
    assert waits[-1] <= waits[0]


async def test_an_ipv6_household_is_one_client(world: World) -> None:
    strict = await world.another(_only(post={"address": ["2/60s"]}))
    addresses = ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3"]
    statuses = [(await strict.guest(address=address).try_post()).status_code for address in addresses]
    assert statuses == [201, 201, 429]
    assert (await strict.guest(address="2001:db8:1:3::1").try_post()).status_code == 201


async def test_a_header_does_not_change_the_address(world: World) -> None:
    strict = await world.another(_only(post={"address": ["1/60s"]}))
    ada = strict.guest(address="10.8.8.8")
    await ada.post()
    ada.client.headers["X-Forwarded-For"] = "1.2.3.4"
    ada.client.headers["X-Real-IP"] = "1.2.3.4"
    ada.client.headers["Forwarded"] = "for=1.2.3.4"
    assert (await ada.try_post()).status_code == 429


async def test_thread_and_site_have_limits_of_their_own(world: World) -> None:
    strict = await world.another(_only(post={"thread": ["2/60s"], "site": ["3/60s"]}))
    statuses = [
        (await strict.guest(f"R{n}").try_post(page=page)).status_code
        for n, page in enumerate(["one", "one", "one", "two", "three"])
    ]
    assert statuses == [201, 201, 429, 201, 429]


async def test_with_redis_away_the_limit_is_stricter_and_posting_goes_on(world: World, floor: Floor) -> None:
    strict = await world.another(_only(post={"address": ["8/60s"]}))
    floor.redis_server.kill()
    try:
        ada = strict.guest("Ada", address="10.4.4.4")
        statuses = [(await ada.try_post(f"Number {n}")).status_code for n in range(8)]
    finally:
        await floor.bring_redis_back(world.parts.redis)
    assert statuses == [201, 201, 201, 201, 429, 429, 429, 429]
    assert (await strict.read())["thread"]["comment_count"] == 4


async def test_an_emptied_redis_is_no_error(world: World, floor: Floor) -> None:
    strict = await world.another(_only(post={"address": ["2/60s"]}))
    ada = strict.guest("Ada", address="10.3.3.3")
    await ada.post()
    floor.redis_server.flush()
    await ada.post("after the flush")


async def test_both_ways_of_counting_agree(world: World) -> None:
    rules = ScopeLimits(address=(Limit(4, 60), Limit(10, 600)))

    async def passes(limiter: Limiter, name: str) -> list[bool]:
        let_through = []
        for _ in range(6):
            try:
                await limiter.spend(1, "same", rules, {"address": name})
                let_through.append(True)
            except LimitReached:
                let_through.append(False)
        return let_through

    class _NoRedis:
        async def script(self, *_: object) -> object:
            raise Away

    doubled = ScopeLimits(address=(Limit(8, 60), Limit(20, 600)))
    shared = await passes(world.parts.limiter, f"both-{world.site.id}")
    rules = doubled  # the process allows half
    local = await passes(Limiter(_NoRedis(), world.parts.keeper), "both")  # type: ignore[arg-type]  # the seam
    assert shared == local == [True] * 4 + [False] * 2


async def test_commands_that_come_together_have_each_their_own_answer(world: World) -> None:
    """They share round trips; one that is wrong, one whose script is not known, and who goes away disturb nobody."""
    redis, tag = world.parts.redis, f"{{{world.site.id}}}"
    new = f"return ARGV[1] .. ' {world.site.id}'"
    await redis.call("SET", f"{tag}:text", "words")

    async def wrong() -> str:
        with pytest.raises(ResponseError):
            await redis.call("LPUSH", f"{tag}:text", "x")
        return "wrong"

    asked = [asyncio.create_task(redis.script(new, [f"{tag}:{n}"], [n])) for n in range(30)]
    gone = [asyncio.create_task(redis.call("GET", f"{tag}:text")) for _ in range(5)]
    mixed = [wrong(), *(redis.call("GET", f"{tag}:text") for _ in range(10)), wrong()]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    assert await asyncio.gather(*asked) == [f"{n} {world.site.id}" for n in range(30)]
    assert await asyncio.gather(*mixed) == ["wrong", *["words"] * 10, "wrong"]
    assert all(task.cancelled() for task in (await asyncio.wait(gone))[0])
