"""Two hundred clients that dribble, stall and never read, and a server with two database connections beside them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from service import sites
from service.kit import migrate
from service.kit.db import Database
from tests.conftest import settings_of
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.redis import RedisServer
from tests.world import OPEN

PAGE = {"site": "courier", "url": "https://courier.example/story"}
MANY = 50  # of each of four kinds
POST = (
    b"POST /api/v1/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100000\r\n\r\n" + b'{"site": "courier", "body": "'
)
READ = b"GET /embed?site=courier&url=https%3A%2F%2Fcourier.example%2Fstory HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """Where the server keeps its truth; None is SQLite."""
    if request.param == "sqlite":
        return None
    return str(request.getfixturevalue("postgres_of_run").create_database())


@pytest.fixture
async def server(tmp_path: Path, database_url: str | None, redis_of_run: RedisServer) -> AsyncIterator[Process]:
    """One server with hardly any database connections and little patience."""
    db = Database(settings_of(tmp_path / "var", redis_of_run.url, database_url))
    (tmp_path / "var").mkdir()
    await migrate.upgrade(db.engine)
    await db.transact(sites.create, "courier", "courier", ["https://courier.example"], dict(OPEN))
    await db.close()
    env = {
        "PARLEY_REDIS_URL": redis_of_run.url,
        "PARLEY_SECRET_KEY": SECRET,
        "PARLEY_POOL_SIZE": "2",
        "PARLEY_CLIENT_SECONDS": "4",
        **({"PARLEY_DATABASE_URL": database_url} if database_url else {}),
    }
    with parley("serve", folder=tmp_path, port=free_port(), env=env) as started:
        yield started


class Slow:
    """A client with a bad will: sends something, goes on as it likes, and sees when it is cut off."""

    def __init__(self, port: int, first: bytes, then: bytes) -> None:
        self._port = port
        self._first = first
        self._then = then

    async def live(self, started: asyncio.Event) -> str:
        """Until the server ends it; what it was told first, if anything."""
        loop = asyncio.get_running_loop()
        with socket.socket() as own:
            own.settimeout(0)
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            await loop.sock_connect(own, ("127.0.0.1", self._port))
            sending = asyncio.ensure_future(loop.sock_sendall(own, self._first))
            with contextlib.suppress(TimeoutError, OSError):
                await asyncio.wait_for(asyncio.shield(sending), 1)
            started.set()
            told = b""
            with contextlib.suppress(OSError):
                while not _is_ended(own):
                    if sending.done() and self._then:
                        await loop.sock_sendall(own, self._then)
                        told = told or _peek(own)
                    await asyncio.sleep(0.2)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            return told.decode(errors="replace")


def _is_ended(own: socket.socket) -> bool:
    # Whatever lies unread before it, the kernel knows that the other end is gone.
    state = own.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state != 1  # TCP_ESTABLISHED


def _peek(own: socket.socket) -> bytes:
    with contextlib.suppress(BlockingIOError):
        return own.recv(200, socket.MSG_PEEK)
    return b""


def _bad_clients(port: int) -> Iterator[tuple[str, Slow]]:
    for _ in range(MANY):
        yield "head", Slow(port, b"GET /embed HTTP/1.1\r\nX-Slow: ", b"x")
        yield "body", Slow(port, POST, b"x")
        yield "silent", Slow(port, b"", b"")
        # It says something now and then, so that its system learns when the other end is gone.
        yield "never reads", Slow(port, READ * 60, b"\r\n")


@pytest.mark.timeout(240)
async def test_slow_clients_hold_nobody_up_and_are_cut_off(server: Process, database_url: str | None) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=60, trust_env=False) as client:

        async def post(number: int) -> int:
            body = {**PAGE, "body": f"Comment {number}. " + "Words. " * 200, "author": {"name": f"Reader {number}"}}
            return (await client.post("/api/v1/comments", json=body)).status_code

        assert {await post(number) for number in range(40)} == {201}
        assert len((await client.get("/embed", params=PAGE)).content) > 20_000
        port = int(server.url.rpartition(":")[2])
        bad, started = list(_bad_clients(port)), [asyncio.Event() for _ in range(4 * MANY)]
        lives = [asyncio.ensure_future(one.live(event)) for (_, one), event in zip(bad, started, strict=True)]
        await asyncio.gather(*(event.wait() for event in started))

        # Everybody else goes on, with pages that have to be drawn and posts that have to be kept.
        # Fewer at once than the least that find a place: some of the slow ones may be in theirs still.
        statuses = await asyncio.gather(*(post(number) for number in range(100, 120)))
        reads = [await client.get("/api/v1/threads", params={**PAGE, "limit": 1 + n}) for n in range(30)]
        assert set(statuses) == {201}
        assert {answer.status_code for answer in reads} == {200}
        if database_url:
            held = await _transactions(database_url)
            assert held == 0

        told = await asyncio.wait_for(asyncio.gather(*lives), 120)
        by_kind: dict[str, set[str]] = {}
        for (kind, _), said in zip(bad, told, strict=True):
            by_kind.setdefault(kind, set()).add(said[:12])
        # Waited for until it was too long; or refused at once, where all places were promised when its head came.
        assert {"HTTP/1.1 408"} <= by_kind["body"] <= {"HTTP/1.1 408", "HTTP/1.1 503"}
        assert by_kind["head"] == by_kind["silent"] == {""}
        assert await post(500) == 201


async def _transactions(url: str) -> int:
    """How many sessions of the server stand in an open transaction and wait for it to go on."""
    connection = await asyncpg.connect(url)
    try:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        return int(await connection.fetchval(asked))
    finally:
        await connection.close()
