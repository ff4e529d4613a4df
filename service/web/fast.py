"""Ready pages, kept as they are made and sent before the framework is asked.

On a miss the first asker goes to the app and the others wait for its answer. What may be kept is said by the endpoint
(`respond.public` fills the slot in the scope), never guessed here. Most hits do not even come here: service/web/wire.py
answers them one floor below, with the same cache.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.kit.encoding import choose
from service.kit.errors import Overloaded
from service.reading.cache import Entry, Headers, Key, PageCache
from service.web.late import marked
from service.web.parts import Parts
from service.web.slot import SLOT, Slot

_OK, _AWAY = 200, 503
# This one is about a moment, and not about the database.
_OVERLOADED = f'/errors#{Overloaded.type}"'.encode()
_REST = 2.0  # seconds in which pages that are there are shown late, after the database was found to be away
_PAGES = {
    "/embed", "/embed/comments", "/embed/pieces", "/api/v1/threads", "/api/v1/counts", "/api/v1/jsonld",
    "/api/v1/feed.atom", "/api/v1/feed.json",
}  # fmt: skip
_BELOW = ("/comments", "/changes", "/feed.atom", "/feed.json", "/jsonld")


@dataclass(slots=True)
class _Sent:
    """An answer overheard on its way out."""

    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)


class FastPages:
    """Plain ASGI, in front of everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._away_until = 0.0
        self._refusal: Entry | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _may_be_kept(scope["path"]):
            await self._app(scope, receive, send)
            return
        cache = cast("Parts", scope["app"].state.parts).pages
        accept, asked = _headers(scope)
        key: Key = (_target(scope), choose(accept))
        entry = cache.get(key) or self._late(cache, key) or await self._shared(cache, key) or self._late(cache, key)
        if entry is not None:
            await _send(entry, asked, send)
        elif time.monotonic() < self._away_until and self._refusal is not None:
            # Somebody has just found that out, and each of us would take as long.
            await _send(self._refusal, asked, send, _AWAY)
        else:
            await self._load(cache, key, asked, scope, receive, send)

    async def _shared(self, cache: PageCache, key: Key) -> Entry | None:
        """What comes of somebody else's question; None when there is none or its answer is for them alone.

        An answer that is not kept was read before something changed, perhaps before our reader's own comment. The next
        one was asked for after our reader came, and is theirs even if it is not kept either: however fast a thread
        changes, nobody waits for more than two.
        """
        for is_next in (False, True):
            loading = cache.loading.get(key)
            if loading is None:
                return cache.get(key)
            answer = await asyncio.shield(loading)
            if answer is None or is_next or cache.get(key) is answer:
                return answer
        return None

    async def _load(self, cache: PageCache, key: Key, asked: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        loading = None
        if key not in cache.loading:
            loading = cache.loading[key] = asyncio.get_running_loop().create_future()
        slot, sent, since, entry = Slot(), _Sent(), cache.now(), None
        # The app is asked for the whole page even if this client has it: the next one may not.
        headers = [(name, value) for name, value in scope["headers"] if name != b"if-none-match"]

        async def overhear(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent.status, sent.headers = message["status"], list(message.get("headers", ()))
            else:
                sent.body += message.get("body", b"")

        try:
            await self._app({**scope, "headers": headers, SLOT: slot}, receive, overhear)
            if sent.status == _OK and slot.life > 0:
                # Kept before it is sent: a slow client must not keep the others waiting.
                entry = cache.put(key, sent.headers, bytes(sent.body), slot.tags, since=since, life=slot.life)
        finally:
            if loading is not None:
                del cache.loading[key]
                loading.set_result(entry)
        if sent.status == _AWAY and _OVERLOADED not in sent.body:
            # For a while nobody else waits to find that out.
            self._away_until = time.monotonic() + _REST
            self._refusal = Entry(sent.headers, bytes(sent.body), frozenset(), 0.0)
        if sent.status == _AWAY and (late := _late(cache, key)) is not None:
            await _send(late, asked, send)
            return
        await _send(entry or Entry(sent.headers, bytes(sent.body), frozenset(), 0.0), asked, send, sent.status)

    def _late(self, cache: PageCache, key: Key) -> Entry | None:
        """While the database is away: the page as it was."""
        return _late(cache, key) if time.monotonic() < self._away_until else None


def _late(cache: PageCache, key: Key) -> Entry | None:
    """A page as it was, marked as late, where there is one."""
    found = cache.late(key)
    return marked(*found) if found is not None else None


def _may_be_kept(path: str) -> bool:
    """The public pages; nothing that streams, nothing that is one viewer's and nothing that was searched for."""
    return (
        path in _PAGES
        or path.startswith(("/t/", "/forums/", "/widgets/", "/api/v1/comments/", "/api/3.0/"))
        or (path.startswith(("/api/v1/threads/", "/api/v1/sites/")) and (path.endswith(_BELOW) or "/widgets/" in path))
    )


def _target(scope: Scope) -> bytes:
    """What was asked for, as it stands in the request's first line."""
    path: bytes = scope["raw_path"] or scope["path"].encode()
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


def _headers(scope: Scope) -> tuple[bytes, bytes]:
    # A field may come in several lines, which are one list (RFC 9110 section 5.3).
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
    asked = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    return accept, asked


async def _send(entry: Entry, asked: bytes, send: Send, status: int = _OK) -> None:
    if status == _OK and entry.is_had(asked):
        await send({"type": "http.response.start", "status": 304, "headers": entry.not_modified})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": status, "headers": entry.headers})
    await send({"type": "http.response.body", "body": entry.body})
