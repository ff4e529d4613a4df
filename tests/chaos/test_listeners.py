"""A thousand listen, a hundred of them never read: the others hear everything, also over a restart of the server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from service import sites
from service.kit import migrate
from service.kit.db import Database
from tests.conftest import settings_of
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.redis import RedisServer
from tests.servers.waiting import eventually
from tests.world import OPEN

HOST = "https://courier.example"
LISTENERS, STUCK, COMMENTS = 900, 100, 12
AT_ONCE = 100
WATCHES = {"Authorization": "Bearer only for who watches"}
LIMITS = {**OPEN["limits"], "live": {"address": ["100000/s"]}}
# The path of events is the same on both floors: one of them in a run of all tests, both in `make chaos`.
FLOORS = ["postgresql", "sqlite"] if "PARLEY_KILLS" in os.environ else ["postgresql"]


@dataclass
class Place:
    """A server that is started, ended and started again."""

    folder: Path
    env: dict[str, str]
    database_url: str | None
    port: int

    @contextlib.contextmanager
    def server(self) -> Iterator[Process]:
        with parley("serve", folder=self.folder, port=self.port, env=self.env) as process:
            yield process


@pytest.fixture(params=FLOORS)
async def place(request: pytest.FixtureRequest, tmp_path: Path, redis_of_run: RedisServer) -> Place:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_of_run").create_database()
    (tmp_path / "var").mkdir()
    db = Database(settings_of(tmp_path / "var", redis_of_run.url, url))
    await migrate.upgrade(db.engine)
    await db.transact(sites.create, "courier", "courier", [HOST], {**OPEN, "limits": LIMITS})
    await db.close()
    env = {
        "PARLEY_REDIS_URL": redis_of_run.url,
        "PARLEY_SECRET_KEY": SECRET,
        "PARLEY_POOL_SIZE": "4",
        "PARLEY_CLIENT_SECONDS": "3",
        "PARLEY_LIVE_PER_ADDRESS": "2000",
        "PARLEY_WORKER_IN_SERVER": "true",
        "PARLEY_METRICS_TOKEN": "only for who watches",
        **({"PARLEY_DATABASE_URL": url} if url else {}),
    }
    return Place(tmp_path, env, url, free_port())


class Listener(asyncio.Protocol):
    """A reader's EventSource, as little of it as a thousand of them need."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.last = ""
        self.retry = 0
        self.is_open = self.is_greeted = False
        self._rest = b""
        self._is_refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.is_open, self._is_refused = True, False

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._is_refused |= line.startswith(b"HTTP/1.1 503 ")
            if line.startswith(b"id: "):
                self.last = line[4:].decode()
            elif line.startswith(b"retry: "):
                self.retry = int(line[7:])
            elif line.startswith(b'data: {"type":"hello"'):
                self.is_greeted = True
            elif found := re.match(rb'data: \{.*"type":"posted".*"comment":"(\d+)"', line):
                self.heard.append(found[1].decode())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # as asyncio has it
        self.is_open = self.is_greeted = False
        self._rest = b""

    async def listen(self, port: int, thread: str) -> None:
        """Come, again and again, until it is let in: from where it was the last time."""
        last = f"Last-Event-ID: {self.last}\r\n" if self.last else ""
        head = f"GET /api/v1/threads/{thread}/events HTTP/1.1\r\nHost: a\r\n{last}\r\n".encode()
        while not self.is_greeted:
            with contextlib.suppress(OSError):
                await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
                self._transport.write(head)  # type: ignore[attr-defined]  # a stream's
                async with asyncio.timeout(20):
                    while self.is_open and not (self.is_greeted or self._is_refused):  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
            if not self.is_greeted:
                self.leave()
                await asyncio.sleep(0.3)

    def leave(self) -> None:
        if self.is_open:
            self._transport.close()


@dataclass
class Crowd:
    """All who listen to one discussion, and who writes in it."""

    port: int
    client: httpx.AsyncClient
    thread: str
    listeners: list[Listener] = field(default_factory=lambda: [Listener() for _ in range(LISTENERS)])
    posted: list[str] = field(default_factory=list)

    async def come(self, at_once: int) -> None:
        gate = asyncio.Semaphore(at_once)

        async def come(one: Listener) -> None:
            async with gate:
                await one.listen(self.port, self.thread)

        async with asyncio.timeout(90):
            await asyncio.gather(*map(come, self.listeners))

    async def post(self) -> None:
        new = {"site": "courier", "thread": self.thread, "body": "Something new.", "author": {"name": "Ada"}}
        while (made := await self.client.post("/api/v1/comments", json=new)).status_code != 201:
            assert made.status_code == 503, made.text
        self.posted.append(made.json()["comment"]["id"])

    async def all_heard(self) -> None:
        """Each of them every comment, once, in order."""
        await eventually(lambda: all(len(each.heard) >= len(self.posted) for each in self.listeners), "all to hear", 60)
        assert {tuple(each.heard) for each in self.listeners} == {tuple(self.posted)}

    async def figure(self, name: str) -> float:
        page = (await self.client.get("/metrics", headers=WATCHES)).text
        return float(next(line for line in page.splitlines() if line.startswith(f"{name} ")).split()[1])


async def _stuck(port: int, thread: str) -> socket.socket:
    """Somebody who asks, is let in, and never reads."""
    while True:
        own = socket.socket()
        own.settimeout(0)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # as little as the kernel lets one have
        await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", port))
        own.send(f"GET /api/v1/threads/{thread}/events HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        await eventually(lambda own=own: bool(_peek(own)), "an answer", 30)  # type: ignore[misc]  # bound on purpose
        if _peek(own) == b"HTTP/1.1 200":
            return own
        own.close()


def _peek(own: socket.socket) -> bytes:
    with contextlib.suppress(BlockingIOError):
        return own.recv(12, socket.MSG_PEEK)
    return b""


def _open(process: psutil.Process) -> int:
    """Connections of readers that the server has."""
    return sum(each.status == psutil.CONN_ESTABLISHED for each in process.net_connections("tcp"))


async def _first(client: httpx.AsyncClient) -> str:
    new = {"site": "courier", "url": f"{HOST}/story", "body": "The first.", "author": {"name": "Ada"}}
    thread = str((await client.post("/api/v1/comments", json=new)).json()["comment"]["thread"])
    # Told before anybody listens; those who come hear only what is new.
    async with asyncio.timeout(30):
        while not (await client.get(f"/api/v1/threads/{thread}/changes?version=0")).json()["items"]:  # noqa: ASYNC110
            await asyncio.sleep(2)  # for so long an answer may be kept
    return thread


@pytest.mark.timeout(240)
async def test_a_thousand_listen_and_a_hundred_are_stuck(place: Place) -> None:
    stuck: list[socket.socket] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{place.port}", timeout=30, trust_env=False) as client:
        with place.server() as server:
            process = psutil.Process(server.popen.pid)
            crowd = Crowd(place.port, client, await _first(client))
            empty = process.memory_info().rss
            await crowd.come(AT_ONCE // 2)
            stuck += [await _stuck(place.port, crowd.thread) for _ in range(STUCK)]
            await _counted(crowd, LISTENERS + STUCK)
            for _ in range(COMMENTS):
                await crowd.post()
            await crowd.all_heard()
            each = (process.memory_info().rss - empty) / (LISTENERS + STUCK)
            assert each < 60_000, f"{each:.0f} bytes a listener"
            await _is(crowd, "parley_database_connections_in_use", 0)
            if place.database_url:
                await _nobody_stands_in_one(place.database_url)
            # Those who take nothing are let go: nobody keeps a line for them.
            await _counted(crowd, LISTENERS)
            await eventually(lambda: _open(process) < LISTENERS + STUCK // 2, "the stuck ones to be ended")
            assert server.stop() == 0
        await eventually(lambda: not any(each.is_open for each in crowd.listeners), "the listeners to be sent away")
        # Told when to come again, and not all at the same moment.
        told = [each.retry for each in crowd.listeners]
        assert 2_000 <= min(told) < max(told) <= 8_000
        assert len(set(told)) > LISTENERS // 4
        with place.server():
            # As if nobody had heeded that: all at once, while people write.
            coming = asyncio.create_task(crowd.come(LISTENERS))
            for _ in range(COMMENTS // 4):
                await crowd.post()
            await coming
            await crowd.all_heard()
            for each in crowd.listeners:
                each.leave()
    for own in stuck:
        own.close()


async def _counted(crowd: Crowd, count: int) -> None:
    await _is(crowd, "parley_live_listeners", count)


async def _is(crowd: Crowd, figure: str, count: int) -> None:
    async with asyncio.timeout(60):
        while await crowd.figure(figure) != count:  # noqa: ASYNC110  # it is another process's
            await asyncio.sleep(0.1)


async def _nobody_stands_in_one(url: str) -> None:
    """No session is left in a transaction that waits for a listener; the worker's own come and go."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        " AND xact_start < now() - interval '1 second'"
    )
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(30):
            while await connection.fetchval(asked):  # noqa: ASYNC110  # of another process
                await asyncio.sleep(0.1)
    finally:
        await connection.close()
