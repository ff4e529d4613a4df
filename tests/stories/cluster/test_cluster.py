"""What only a cluster has: keys on several nodes, and one of them dead."""

from __future__ import annotations

import asyncio

import pytest

from service.kit.redis import Away, Redis
from service.moderation import Queue
from tests.conftest import Floor
from tests.servers.redis_cluster import RedisCluster
from tests.servers.waiting import eventually
from tests.stories.moderation.desk import Desk
from tests.world import World


def _a_key_on_each(nodes: RedisCluster) -> list[str]:
    keys: dict[str, str] = {}
    for number in range(1_000):
        keys.setdefault(nodes.node_of(f"{{{number}}}:x").name, f"{{{number}}}:x")
    return [keys[node.name] for node in nodes.nodes]


async def _answers(redis: Redis, key: str) -> bool:
    try:
        await redis.call("SET", key, "1")
    except Away:
        return False
    return True


async def _until_all_answer(redis: Redis, keys: list[str]) -> None:
    async with asyncio.timeout(30):
        while not all([await _answers(redis, key) for key in keys]):  # noqa: ASYNC110  # a server has no event
            await asyncio.sleep(0.05)


async def test_a_scripts_keys_share_a_tag_or_it_does_not_run(redis: Redis) -> None:
    with pytest.raises(ValueError, match="different hash tags"):
        await redis.script("return 1", ["{1}:a", "{2}:a"], [])
    with pytest.raises(ValueError, match="different hash tags"):
        await redis.pipeline([("GET", "{1}:a"), ("GET", "{2}:a")])


async def test_a_dead_node_takes_its_keys_with_it_and_no_others(
    redis: Redis, nodes: RedisCluster, world: World
) -> None:
    keys = _a_key_on_each(nodes)
    await _until_all_answer(redis, keys)
    for victim, own in zip(nodes.nodes, keys, strict=True):
        victim.kill()
        others = [key for key in keys if key != own]
        for _ in range(30):
            assert [await _answers(redis, key) for key in others] == [True, True]
            assert not await _answers(redis, own)
        ready = (await world.client.get("/readyz")).json()
        assert ready == {"status": "degraded", "degraded": ["redis"]}
        victim.start()
        await _until_all_answer(redis, keys)
        nodes.settle()


async def test_a_site_on_the_dead_node_falls_back_and_one_beside_it_does_not(
    desk: Desk, queue: Queue, redis: Redis, nodes: RedisCluster
) -> None:
    desks = {nodes.node_of(f"{{{desk.site.id}}}").name: desk}
    while len(desks) < 2:
        another = await Desk.new(desk.db, queue, desk.keeper)
        desks.setdefault(nodes.node_of(f"{{{another.site.id}}}").name, another)
    (dead, stricken), (_, spared) = desks.items()
    for one in (stricken, spared):
        await one.post_many(["One", "Two"])
    victim = next(node for node in nodes.nodes if node.name == dead)
    victim.kill()

    without = await stricken.claim(await stricken.moderator(), 1)
    with_lease = await spared.claim(await spared.moderator(), 1)

    assert [claim.token for claim in without] == [None]
    assert [claim.token is None for claim in with_lease] == [False]
    victim.start()
    await _until_all_answer(redis, _a_key_on_each(nodes))
    nodes.settle()
    # It came back empty, and is filled from SQL.
    assert {claim.token is None for claim in await stricken.claim(await stricken.moderator(), 2)} == {False}


async def test_who_listens_at_the_dead_node_listens_at_another(
    world: World, floor: Floor, nodes: RedisCluster, redis: Redis
) -> None:
    for victim in nodes.nodes:
        await eventually(lambda: world.parts.pages.life > 10, "the process to listen")
        victim.kill()
        await world.guest().post(f"While {victim.name} is dead")
        victim.start()
        await _until_all_answer(redis, _a_key_on_each(nodes))
        nodes.settle()
    await eventually(lambda: world.parts.pages.life > 10, "the process to listen again")
    assert floor.redis_server is nodes
    assert len((await world.read())["items"]) == 3
