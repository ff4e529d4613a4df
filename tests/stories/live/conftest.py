"""Real connections: a server on a real socket, in the loop the stores belong to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from service.web.parts import Parts
from tests.servers.waiting import eventually
from tests.world import World


class Listener:
    """One open connection, and what it has heard."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.last: str | None = None
        self.is_over = False

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [event for event in self.events if event["type"] == kind]

    async def hears(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait for so many events of a kind."""
        await eventually(lambda: len(self.of(kind)) >= count, f"{count} × {kind}, heard: {self.events}")
        return self.of(kind)

    def take(self, line: str) -> None:
        """A line of the stream."""
        if line.startswith("id: "):
            self.last = line[4:]
        elif line.startswith("data: "):
            self.events.append(json.loads(line[6:]))


class Line:
    """The server, as listeners reach it."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextlib.asynccontextmanager
    async def listen(self, thread: str, *, last: str | None = None, **params: Any) -> AsyncIterator[Listener]:
        """Open a connection and wait for the greeting."""
        listener = Listener()
        headers = {"Last-Event-ID": last} if last else {}
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=None) as client:  # noqa: S113  # it is to stay open
            task = asyncio.create_task(_hear(client, f"/api/v1/threads/{thread}/events", params, headers, listener))
            try:
                await listener.hears("hello")
                yield listener
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


async def _hear(
    client: httpx.AsyncClient, path: str, params: dict[str, Any], headers: dict[str, str], listener: Listener
) -> None:
    async with client.stream("GET", path, params=params, headers=headers) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            listener.take(line)
    listener.is_over = True


@pytest.fixture(scope="session")
async def line(app: FastAPI, parts: Parts) -> AsyncIterator[Line]:
    """A server around the app of the run, whose own lifespan has begun already."""
    await eventually(lambda: parts.fanout.is_heard, "the channel to be heard")
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=5)
    )
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, "the server to listen")
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Line(f"http://127.0.0.1:{port}")
    server.should_exit = True
    await task


@pytest.fixture
async def thread(world: World) -> str:
    """A discussion with one comment in it, of which everything has been told."""
    made = await world.guest().post("The first.")
    await world.settle()
    return str(made["comment"]["thread"])
