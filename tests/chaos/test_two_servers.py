"""The large floor as it is run: two servers and a worker, a primary with a replica, Redis as a cluster of three."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from service import identity, sites
from service.kit import migrate
from service.kit.db import Database, WriteTx
from tests.conftest import settings_of
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.postgres import postgres_pair
from tests.servers.redis_cluster import redis_cluster
from tests.world import OPEN

ORIGIN = "http://comments.test"
HOST = "https://courier.example"
PAGE = {"site": "courier", "limit": 100, "sort": "oldest"}


@dataclass
class Floor:
    """What the processes share, and a place for each."""

    folder: Path
    env: dict[str, str]
    servers: list[Process]
    db: Database

    def tool(self, *args: str) -> str:
        """Run a command to its end; what it printed."""
        with parley(*args, folder=self.folder, env=self.env) as done:
            assert done.popen.wait(60) == 0, done.output()
            return done.output()

    async def waiting(self) -> int:
        """Facts that nobody has handed on yet."""
        async with self.db.engine.connect() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM outbox"))).scalar_one())


@pytest.fixture(scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    """Stores, and two servers with a worker on them."""
    folder = tmp_path_factory.mktemp("floor")
    with postgres_pair() as pair, redis_cluster() as nodes:
        env = {
            "PARLEY_DATABASE_URL": pair.primary.url,
            "PARLEY_READ_DATABASE_URL": pair.replica.url,
            "PARLEY_REDIS_URL": nodes.url,
            "PARLEY_SECRET_KEY": SECRET,
            "PARLEY_PUBLIC_URL": ORIGIN,
        }
        db = Database(settings_of(folder, nodes.url, pair.primary.url))
        await migrate.upgrade(db.engine)
        await db.transact(sites.create, "courier", "courier", [HOST], dict(OPEN))
        held = {**OPEN, "screening": {"pre_moderate": True}}
        await db.transact(sites.create, "strict", "strict", [HOST], held)
        folders = [folder / name for name in ("one", "two", "tools")]
        for each in folders:
            each.mkdir()
        with (
            parley("serve", folder=folders[0], port=free_port(), env=env) as one,
            parley("serve", folder=folders[1], port=free_port(), env=env) as two,
            parley("worker", folder=folders[2], env=env),
        ):
            yield Floor(folders[2], env, [one, two], db)
        await db.close()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Somebody outside."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as made:
        yield made


async def _post(
    client: httpx.AsyncClient, server: Process, number: int, page: str, site: str = "courier"
) -> httpx.Response:
    body = {"site": site, "url": f"{HOST}/{page}", "body": f"Comment {number}", "author": {"name": f"Reader {number}"}}
    key = {"Idempotency-Key": f"one-key-for-comment-{page}-{number}"}
    return await client.post(f"{server.url}/api/v1/comments", json=body, headers=key)


async def _page(client: httpx.AsyncClient, server: Process, page: str, **more: str) -> dict[str, Any]:
    params = {**PAGE, "url": f"{HOST}/{page}", **more}
    answer = await client.get(f"{server.url}/api/v1/threads", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _signed_in(floor: Floor, server: Process, email: str) -> httpx.AsyncClient:
    async def grant(tx: WriteTx) -> str:
        site = await sites.by_name(tx, "strict")
        account = await identity.grant(tx, email, email, site.id, "moderator")
        return await identity.make_link(tx, account.id)

    client = httpx.AsyncClient(base_url=server.url, timeout=30, trust_env=False, headers={"Origin": ORIGIN})
    answer = await client.post("/api/v1/auth/session", json={"token": await floor.db.transact(grant)})
    assert answer.status_code == 201, answer.text
    return client


@pytest.mark.timeout(240)
async def test_a_post_on_one_is_on_the_page_of_the_other_at_once(floor: Floor, client: httpx.AsyncClient) -> None:
    turns = itertools.cycle([(floor.servers[0], floor.servers[1]), (floor.servers[1], floor.servers[0])])
    # Fewer than are a rush, in which a page lives a quarter of a second.
    for number, (here, there) in zip(range(10), turns, strict=False):
        await _page(client, there, "both")  # it has a page that is about to be wrong
        assert (await _post(client, here, number, "both")).status_code == 201
        assert len((await _page(client, here, "both"))["items"]) == number + 1
        async with asyncio.timeout(2):  # by a message; by itself the page would stay for 15 seconds
            while len((await _page(client, there, "both"))["items"]) != number + 1:  # noqa: ASYNC110  # as a reader would
                await asyncio.sleep(0.01)

    await asyncio.to_thread(floor.tool, "site", "set", "courier", "posting.closed", "true")
    for server in floor.servers:
        async with asyncio.timeout(3):
            while (await _page(client, server, "both"))["thread"]["state"] != "closed":  # noqa: ASYNC110  # as a reader would
                await asyncio.sleep(0.01)
    await asyncio.to_thread(floor.tool, "site", "set", "courier", "posting.closed", "false")


@pytest.mark.timeout(240)
async def test_claims_are_exclusive_across_servers(floor: Floor, client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(_post(client, floor.servers[n % 2], n, "held", "strict") for n in range(40)))
    assert {answer.status_code for answer in answers} == {202}
    team = [await _signed_in(floor, floor.servers[n % 2], f"m{n}@courier.example") for n in range(4)]

    async def claim(one: httpx.AsyncClient) -> list[str]:
        answer = await one.post("/api/v1/moderation/claims", json={"site": "strict", "limit": 10})
        assert answer.status_code == 201, answer.text
        assert all(item["claim"] for item in answer.json()["items"])
        return [item["case"]["id"] for item in answer.json()["items"]]

    try:
        # A case is on a comment at once and in the queue when the worker, in another process, has handed its fact on.
        async with asyncio.timeout(30):
            while await floor.waiting():  # noqa: ASYNC110  # in another process
                await asyncio.sleep(0.05)
        hands = await asyncio.gather(*map(claim, team))
    finally:
        for one in team:
            await one.aclose()
    claimed = [comment for hand in hands for comment in hand]
    # Few cases are dealt, so a hand may leave some to the others.
    assert len(claimed) == len(set(claimed)) > 30


@pytest.mark.timeout(240)
async def test_one_is_killed_while_people_post_and_nothing_is_lost(floor: Floor, client: httpx.AsyncClient) -> None:
    one, two = floor.servers
    killed = asyncio.Event()

    async def post(number: int) -> None:
        # Round robin; who gets no answer is sent to the next, with the same key, as a proxy or a reader would.
        for server in itertools.islice(itertools.cycle(floor.servers), number % 2, None):
            try:
                answer = await _post(client, server, number, "killed")
            except httpx.HTTPError:
                continue
            assert answer.status_code == 201, answer.text
            break
        if number == 60:
            one.popen.kill()
            killed.set()

    for start in range(0, 160, 16):
        await asyncio.gather(*(post(number) for number in range(start, start + 16)))

    assert killed.is_set()
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await _page(client, two, "killed", **cursor)
        seen += [item["html"] for item in answer["items"]]
        if not answer["next_cursor"]:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert sorted(seen) == sorted(f"<p>Comment {number}</p>" for number in range(160))
    assert answer["thread"]["comment_count"] == 160
