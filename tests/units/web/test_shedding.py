"""Requests beyond what a process can do are refused at once, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from httpx import ASGITransport, AsyncClient, Response
from starlette.types import Receive, Scope, Send

from service.web.places import Places
from service.web.shedding import Shedding
from tests.servers.waiting import eventually


class App:
    """Reads the body, waits until it may answer, answers."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.asked = 0

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.asked += 1
        await self.may.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


def caller(app: App, most: int, seconds: float = 9.0) -> AsyncClient:
    return AsyncClient(
        transport=ASGITransport(Shedding(app, places=Places(most), seconds=seconds)), base_url="http://a.test"
    )


async def waiting(app: App, client: AsyncClient, count: int) -> list[asyncio.Task[Response]]:
    """So many requests that are being answered."""
    tasks = [asyncio.create_task(client.get("/page")) for _ in range(count)]
    await eventually(lambda: app.asked == count, "the requests to arrive")
    return tasks


async def test_what_is_too_much_is_refused_and_what_was_taken_is_answered() -> None:
    app = App()
    async with caller(app, 3) as client:
        taken = await waiting(app, client, 3)
        refused = await client.get("/page")
        assert (refused.status_code, refused.json()["type"]) == (503, "/errors#overloaded")
        assert 1 <= int(refused.headers["retry-after"]) <= 4
        app.may.set()
        assert {answer.status_code for answer in await asyncio.gather(*taken)} == {200}
        assert (await client.get("/page")).status_code == 200


async def test_who_asks_whether_it_lives_is_always_answered() -> None:
    app = App()
    async with caller(app, 1) as client:
        (taken,) = await waiting(app, client, 1)
        asking = asyncio.create_task(client.get("/livez"))
        await eventually(lambda: app.asked == 2, "both to arrive")
        app.may.set()
        assert (await asking).status_code == (await taken).status_code == 200


async def test_a_body_on_its_way_takes_nobodys_place() -> None:
    app, arrives = App(), asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"slow"
        await arrives.wait()
        yield b"ly"

    app.may.set()
    async with caller(app, 1) as client:
        sending = [asyncio.create_task(client.post("/comments", content=body())) for _ in range(5)]
        await asyncio.sleep(0)
        assert (await client.get("/page")).status_code == 200
        arrives.set()
        assert {(await each).status_code for each in sending} == {200}


async def test_what_takes_too_long_is_given_up() -> None:
    app = App()
    async with caller(app, 1, seconds=0.05) as client:
        answer = await client.get("/page")
        assert (answer.status_code, answer.json()["type"]) == (503, "/errors#unavailable")
        assert answer.headers["retry-after"]
        app.may.set()
        assert (await client.get("/page")).status_code == 200  # its place is free again
