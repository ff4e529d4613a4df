"""A world behind Parley's own protocol, on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from service.web.server import config
from tests.servers.parley import free_port
from tests.servers.waiting import eventually
from tests.world import World


@dataclass
class Counting:
    """The application, and how often it was asked."""

    app: Any
    asked: list[str] = field(default_factory=list)

    @property
    def state(self) -> Any:
        return self.app.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        await self.app(scope, receive, send)


@dataclass
class Wire:
    """A served world."""

    world: World
    app: Counting
    port: int
    server: uvicorn.Server

    def page(self, path: str = "/embed", **more: str) -> str:
        return f"{path}?{urlencode({'site': self.world.site.name, 'url': self.world.page('article'), **more})}"

    async def get(self, target: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
            return await client.get(target, headers=headers)

    async def talk(self, sent: bytes) -> bytes:
        """Send some bytes on a connection of their own; all that comes back until it is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(sent)
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def wired(world: World, **options: Any) -> AsyncIterator[Wire]:
    """Serve a world's application; `options` as `config` has them."""
    app, port = Counting(world.app), free_port()
    chosen = config(app, **options)
    chosen.lifespan, chosen.port, chosen.timeout_keep_alive = "off", port, 1
    server = uvicorn.Server(chosen)
    serving = asyncio.create_task(server._serve())
    await eventually(lambda: server.started, "the server to listen")
    yield Wire(world, app, port, server)
    server.should_exit = True
    await serving


@pytest.fixture
async def wire(world: World) -> AsyncIterator[Wire]:
    await world.guest("Ada").post("over the wire")
    async with wired(world) as served:
        yield served
