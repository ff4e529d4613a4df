"""Redis has no room: all goes on as if it were away, nothing is lost, it is told. One that evicts breaks nothing."""

from __future__ import annotations

from typing import Any

import pytest
import redis as client

from tests.conftest import Floor
from tests.servers.redis import RedisServer
from tests.servers.waiting import eventually
from tests.stories.operating.test_metrics import read, scraped
from tests.world import World, flat

_LIMITED: dict[str, Any] = {"screening": {"hold_first_comments": True}, "limits": {"post": {"address": ["8/60s"]}}}


def narrow(floor: Floor) -> RedisServer:
    """The server of this floor, where it is ours to change."""
    if not isinstance(floor.redis_server, RedisServer):
        pytest.skip("a cluster's nodes are narrowed one by one")
    return floor.redis_server


async def waiting(world: World) -> int:
    """How many cases are in the queue, once the worker has compared it with the database."""
    await world.parts.queue.reconcile(world.site.id, thorough=True)
    return await world.parts.queue.size(world.site.id)


async def test_all_goes_on_while_redis_refuses_to_write(
    world: World, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, held = world.guest("Ada"), await world.another(_LIMITED)
    first = (await ada.post("Written before."))["comment"]["id"]
    moderator = await held.staff("moderator")
    with narrow(floor).narrow():
        made = [await world.guest(f"Reader {n}").post(f"Written meanwhile {n}.", parent=first) for n in range(3)]
        assert (await ada.vote(made[0]["comment"]["id"], 1)).status_code == 200
        assert (await ada.edit(first, "Changed meanwhile.")).status_code == 200
        assert (await ada.report(made[1]["comment"]["id"])).is_success
        # Limits are counted by the process, at half of what they are.
        tries = [(await held.guest(address="10.9.9.9").try_post(f"Held {n}")).status_code for n in range(6)]
        assert tries == [202] * 4 + [429] * 2
        claimed = await moderator.post("/api/v1/moderation/claims", json={"site": held.site.name, "limit": 2})
        assert claimed.is_success, claimed.text
        await world.settle()
        assert len(flat((await world.read(sort="oldest"))["items"])) == 4
        ready = await world.client.get("/readyz")
        assert (ready.status_code, ready.json()["degraded"]) == (200, ["redis-full"])
        assert read(await scraped(world), "parley_away", part="redis-full") == 1

    redis = world.parts.redis
    await eventually(lambda: not redis.is_resting, "Redis to be tried again")
    assert await waiting(held) == 4
    monkeypatch.setattr(redis, "_full_until", 0.0)  # some seconds later
    assert (await world.client.get("/readyz")).json() == {"status": "ready", "degraded": []}
    page = await world.read(sort="oldest")
    assert (page["thread"]["comment_count"], page["items"][0]["html"]) == (4, "<p>Changed meanwhile.</p>")
    assert page["items"][0]["replies"]["items"][0]["up"] == 1
    await world.guest("Eve").post("Written after.")
    assert (await world.client.get("/readyz")).json()["degraded"] == []


async def test_one_that_evicts_breaks_nothing(world: World, floor: Floor) -> None:
    """Whatever it throws away: all that is in it can be made again."""
    held = await world.another(_LIMITED | {"limits": {}})
    moderator = await held.staff("moderator")
    narrow(floor).flush()
    with narrow(floor).narrow("allkeys-random", room=3_000_000), client.Redis.from_url(floor.redis_server.url) as other:
        before = int(other.info("stats")["evicted_keys"])
        for number in range(12):
            # What somebody else has in it.
            other.mset({f"other:{number}:{key}": "x" * 20_000 for key in range(20)})
            posted = await world.guest(f"Reader {number}").try_post(f"Number {number}")
            queued = await held.guest(f"Waiter {number}").try_post(f"Number {number}")
            assert (posted.status_code, queued.status_code) == (201, 202)
            claimed = await moderator.post("/api/v1/moderation/claims", json={"site": held.site.name, "limit": 1})
            assert claimed.is_success, claimed.text
        await world.settle()
        assert int(other.info("stats")["evicted_keys"]) > before
    assert (await world.read())["thread"]["comment_count"] == 12
    await eventually(lambda: not world.parts.redis.is_resting, "Redis to be tried again")
    assert await waiting(held) == 12
    narrow(floor).flush()
