"""Many who ask for a page that is not ready: few loads, and nobody gets what is older than their question."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from service.reading.cache import PageCache
from service.web.fast import FastPages
from service.web.slot import SLOT
from tests.servers.waiting import eventually


class Slow:
    """An application that answers, when it is let, with the number of changes there were when it was asked."""

    def __init__(self, cache: PageCache, *, status: int = 200) -> None:
        self.cache, self.status = cache, status
        self.changes = self.loads = 0
        self.may_answer = asyncio.Event()

    def change(self) -> None:
        self.changes += 1
        self.cache.forget(["t"])

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.loads += 1
        read = self.changes
        await asyncio.sleep(0)  # as a database makes one wait
        await self.may_answer.wait()
        scope[SLOT].tags, scope[SLOT].life = ("t",), 60.0 if self.status == 200 else 0.0
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": str(read).encode()})


class Front:
    """The pages in front of it."""

    def __init__(self, **options: Any) -> None:
        self.cache = PageCache(10**6)
        self.app = Slow(self.cache, **options)
        self.pages = FastPages(self.app)

    async def get(self) -> int:
        """The number in the answer."""
        body = b""

        async def send(message: Message) -> None:
            nonlocal body
            body += message.get("body", b"")

        async def receive() -> Message:
            raise AssertionError("nothing is read")

        parts = SimpleNamespace(pages=self.cache)
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/embed",
            "raw_path": b"/embed",
            "query_string": b"url=x",
            "headers": [],
            "app": SimpleNamespace(state=SimpleNamespace(parts=parts)),
        }
        await self.pages(scope, receive, send)
        return int(body)

    def ask(self, count: int) -> list[asyncio.Task[int]]:
        return [asyncio.create_task(self.get()) for _ in range(count)]


async def _turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_five_hundred_who_ask_at_once_are_one_load() -> None:
    front = Front()
    asked = front.ask(500)
    await _turns()
    front.app.may_answer.set()
    assert set(await asyncio.gather(*asked)) == {0}
    assert front.app.loads == 1


async def test_a_thread_that_changes_during_every_load_costs_two_loads_for_a_crowd() -> None:
    front = Front()
    asked = front.ask(500)
    await _turns()
    for load in (1, 2):
        assert front.app.loads == load
        front.app.change()  # what is being read will not be kept
        front.app.may_answer.set()
        await eventually(lambda load=load: front.app.loads > load or asked[-1].done(), "the next load")
        front.app.may_answer.clear()
    assert [task.result() for task in asked] == [0, *[1] * 499]
    assert front.app.loads == 2
    assert len(front.cache) == 0


async def test_nobody_gets_a_page_read_before_a_change_they_came_after() -> None:
    front = Front()
    early = front.ask(1)
    await _turns()
    front.app.change()
    late = front.ask(50)
    await _turns()
    front.app.may_answer.set()
    assert await early[0] == 0
    assert set(await asyncio.gather(*late)) == {1}
    assert front.app.loads == 2


async def test_what_is_not_kept_by_nature_queues_nobody() -> None:
    front = Front(status=404)
    asked = front.ask(20)
    await _turns()
    front.app.may_answer.set()
    await asyncio.gather(*asked)
    assert front.app.loads == 20
