"""Redis killed and emptied while a team works: nothing is decided twice, nothing is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest

from service import moderation
from service.identity import Staff
from service.kit.db import Database
from service.kit.redis import Away, Redis
from service.kit.seal import Keeper
from service.moderation import Action, DecidedMeanwhile, Queue
from tests.servers.redis import RedisServer, redis_server
from tests.stories.moderation.desk import Desk, eventually

CASES = 400
LEFT = 30  # cases that nobody gets to
WORKERS = 8


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A Redis of this test's own, to be killed."""
    with redis_server() as made:
        yield made


@pytest.fixture
async def fragile(db: Database, keeper: Keeper, server: RedisServer) -> AsyncIterator[Desk]:
    """A desk on that Redis."""
    redis = Redis(server.url)
    yield await Desk.new(db, Queue(redis, db), keeper)
    await redis.close()


async def test_without_redis_cases_come_in_sql_s_order_and_the_version_decides(
    fragile: Desk, server: RedisServer
) -> None:
    await fragile.post_many(["One", "Two", "Three"])
    ada, grace = await fragile.moderator("Ada"), await fragile.moderator("Grace")
    server.kill()

    here, there = await fragile.claim(ada), await fragile.claim(grace)

    assert [claim.comment.body for claim in here] == ["One", "Two", "Three"]
    assert [claim.case.id for claim in here] == [claim.case.id for claim in there]
    assert {claim.token for claim in here} == {claim.expires_at for claim in here} == {None}
    assert (await fragile.decide(ada, here[0], "approve")).refusal is None
    assert isinstance((await fragile.decide(grace, there[0], "reject")).refusal, DecidedMeanwhile)
    assert await moderation.mine(fragile.db, fragile.queue, ada, fragile.site) == []
    assert await moderation.leave(fragile.queue, ada, fragile.site) == 0


async def test_a_claim_from_before_the_loss_still_decides(fragile: Desk, server: RedisServer) -> None:
    await fragile.post_many(["One", "Two"])
    ada = await fragile.moderator()
    one, two = await fragile.claim(ada)

    server.flush()
    assert (await fragile.decide(ada, one, "approve")).refusal is None
    server.kill()
    assert (await fragile.decide(ada, two, "approve")).refusal is None
    server.restart()

    await _redis_is_back(fragile)
    await fragile.settle()
    await fragile.queue.reconcile(fragile.site.id)
    assert await fragile.queue.size(fragile.site.id) == await fragile.count() == 0


async def test_a_case_opened_while_redis_was_away_is_found(fragile: Desk, server: RedisServer) -> None:
    server.kill()
    await fragile.post_many(["One", "Two"])
    server.restart()
    await _redis_is_back(fragile)

    assert len(await fragile.claim(await fragile.moderator())) == 2


class Team:
    """Moderators in processes of their own, each with a queue and a Redis client of its own."""

    def __init__(self, desk: Desk, server: RedisServer) -> None:
        self.desk = desk
        self.server = server
        self.decided: list[int] = []
        self.refused: Counter[str] = Counter()
        self.unleased = 0

    async def work(self, staff: Staff, action: Action) -> None:
        """Claim and decide until few enough are left."""
        redis = Redis(self.server.url)
        try:
            queue = Queue(redis, self.desk.db)
            while len(self.decided) < CASES - LEFT:
                await self._take(staff, queue, action)
        finally:
            await redis.close()

    async def _take(self, staff: Staff, queue: Queue, action: Action) -> None:
        hand = await moderation.claim(self.desk.db, queue, staff, self.desk.site, 4)
        self.unleased += sum(claim.token is None for claim in hand)
        own = Desk(self.desk.db, queue, self.desk.keeper, self.desk.site)
        for claim in hand:
            if len(self.decided) >= CASES - LEFT:
                return
            outcome = await own.decide(staff, claim, action)
            if outcome.decision is not None:
                self.decided.append(outcome.comment)
            else:
                assert outcome.refusal is not None
                self.refused[outcome.refusal.type] += 1

    async def has_decided(self, number: int) -> None:
        """Wait until so many are done."""

        async def done() -> bool:
            return len(self.decided) >= number

        await eventually(done, f"{number} decisions", seconds=60)


async def test_nothing_is_decided_twice_or_lost_when_redis_dies_and_comes_back_empty(
    fragile: Desk, server: RedisServer
) -> None:
    written = await fragile.post_many([f"Comment {i}" for i in range(CASES)])
    members = [await fragile.moderator(f"M{i}") for i in range(WORKERS)]
    team = Team(fragile, server)
    actions: tuple[Action, Action] = ("approve", "reject")

    workers = [asyncio.create_task(team.work(one, actions[i % 2])) for i, one in enumerate(members)]
    work = asyncio.gather(*workers)
    await team.has_decided(60)
    await asyncio.to_thread(server.kill)
    await team.has_decided(140)
    await asyncio.to_thread(server.restart)
    await team.has_decided(240)
    await asyncio.to_thread(server.flush)
    await work

    await _redis_is_back(fragile)
    await fragile.settle()
    await fragile.queue.reconcile(fragile.site.id)
    log = await _log(fragile, members[0])
    open_now = await fragile.db.read(moderation.list_open, [fragile.site.id], limit=CASES)
    assert await fragile.queue.members(fragile.site.id) == {case.id for case in open_now}
    assert await fragile.queue.size(fragile.site.id) == await fragile.count() == len(open_now)

    # 0 twice: each comment has one decision. 0 lost: each is decided, or its case is open and in the queue.
    assert len(log) == len(set(log)) == len(team.decided)
    assert set(log) == set(team.decided)
    assert set(log) | {case.comment_id for case in open_now} == {author.comment.id for author in written}
    assert len(log) + len(open_now) == CASES
    assert team.unleased > 0
    assert set(team.refused) <= {"decided-meanwhile", "claim-lost"}


async def _log(desk: Desk, staff: Staff) -> list[int]:
    return [entry.comment_id for entry in await desk.db.read(moderation.entries, staff, desk.site.id, limit=2 * CASES)]


async def _redis_is_back(desk: Desk) -> None:
    async def answers() -> bool:
        await desk.queue.reconcile(desk.site.id)
        try:
            return await desk.queue.is_ready(desk.site.id)
        except Away:
            return False

    await eventually(answers, "Redis to be back")
