"""A reader who asks for each next page and each next reply, to the very end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.world import World


class Walk:
    """`seen` are the comments met so far, in reading order; `between` happens before each further request."""

    def __init__(
        self, world: World, page: str, between: Callable[[], Awaitable[None]] | None = None, **params: Any
    ) -> None:
        self._world, self._page, self._between, self._params = world, page, between, params
        self._thread = ""
        self.seen: list[str] = []
        self.requests = 1

    async def to_the_end(self) -> list[str]:
        """All that is met."""
        first = await self._world.read(self._page, **self._params)
        self._thread = first["thread"]["id"]
        # Not by recursion: a chain of replies may be longer than Python's stack. The last is read next.
        ahead = self._to_read(first, None)
        while ahead:
            item, parent, cursor = ahead.pop()
            if item is None:
                ahead += self._to_read(await self._ask(parent=parent, cursor=cursor), parent)
                continue
            self.seen.append(item["id"])
            below = item["replies"]
            if below is not None:
                ahead += self._to_read(below, item["id"])
            elif item["reply_count"]:
                ahead.append((None, item["id"], None))
        return self.seen

    @staticmethod
    def _to_read(
        level: dict[str, Any], parent: str | None
    ) -> list[tuple[dict[str, Any] | None, str | None, str | None]]:
        found: list[tuple[dict[str, Any] | None, str | None, str | None]] = [
            (item, parent, None) for item in level["items"]
        ]
        if level["next_cursor"]:
            found.append((None, parent, level["next_cursor"]))
        return found[::-1]

    async def _ask(self, **wanted: str | None) -> dict[str, Any]:
        if self._between is not None:
            await self._between()
        self.requests += 1
        asked = {**self._params, **{name: value for name, value in wanted.items() if value}}
        response = await self._world.client.get(f"/api/v1/threads/{self._thread}/comments", params=asked)
        if response.status_code == 404 and wanted["parent"]:
            return {"items": [], "next_cursor": None}  # what hung there has vanished since
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer
