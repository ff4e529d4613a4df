"""Ready pages and refusals, sent before there is an ASGI request: a hit is a look-up and one write.

uvicorn's own protocol makes a scope, a task and a cycle for each request and looks at each header of each answer; that
is most of what a hit would cost (docs/performance.md). This one asks the cache as soon as the headers are read and
answers there and then. Whatever is unusual (another method, a body, a connection that is to be closed, an answer still
under way) and every miss goes on to uvicorn's, which knows how.

Where all places are taken, what would want another one is refused here, for the same reason: what a refusal costs is
taken from those who are answered.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.kit.encoding import choose
from service.reading.cache import Entry, PageCache, lines
from service.web import headers
from service.web.bodies import ARRIVED
from service.web.one_write import OneWrite
from service.web.places import Places
from service.web.problem import overloaded
from service.web.shedding import ALWAYS, SHED, moment

_SAFE = {b"GET", b"HEAD"}
_OK, _NOT_MODIFIED = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 304 Not Modified\r\n"
# With one of these a request is more than a question for a page.
_MORE = {b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"range"}
# With one of these a refusal has more to say.
_ASKS_FIRST = {b"expect", b"upgrade"}
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\n"


class ReadyPages(HttpToolsProtocol):
    """uvicorn's protocol, with a look into the cache in front."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The parts are made by the app's lifespan, which is over before the first connection.
        self._pages: PageCache = self.app.state.parts.pages
        self._places: Places = self.app.state.places
        self._is_answered = self._is_refused = False
        self._always: list[tuple[bytes, bytes]] = []
        self._always_lines = b""

    def on_message_begin(self) -> None:
        self._is_answered = self._is_refused = False
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        method = self.parser.get_method()
        if method in _SAFE and self._is_free() and self._answer(is_head=method == b"HEAD"):
            return
        if self._wants_place(method):
            if method != b"HEAD" and self._is_free() and self._refuse():
                return
            self._promise()
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            # uvicorn makes them by itself; the task that sends has not begun.
            self.cycle.__class__ = OneWrite

    def on_body(self, body: bytes) -> None:
        if not self._is_answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_answered:
            self.scope[ARRIVED] = True  # type: ignore[literal-required]
            super().on_message_complete()
        elif self.timeout_keep_alive_task is None:
            self._keep_alive()  # a body that was not wanted has ended it

    def _is_free(self) -> bool:
        """Whether an answer may be written now: none is under way, the client keeps up and keeps the connection."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and self.parser.should_keep_alive()
            and self.parser.get_http_version() == "1.1"
        )

    def _answer(self, *, is_head: bool) -> bool:
        """Write the page, if it is ready."""
        accept = asked = b""
        for name, value in self.headers:
            if name == b"accept-encoding":
                accept = accept + b"," + value if accept else value
            elif name == b"if-none-match":
                asked = asked + b"," + value if asked else value
            elif name in _MORE:
                return False
        entry = self._pages.get((self.url, choose(accept)))
        if entry is None:
            return False
        self._write(entry, is_had=entry.is_had(asked), is_head=is_head)
        return True

    def _wants_place(self, method: bytes) -> bool:
        """Whether the request would take a place: False for what is to be had without one."""
        path = self.url.partition(b"?")[0].decode("latin-1")
        if path in ALWAYS or path.startswith("/static/") or self.app.state.parts.assets.serves(path):
            return False
        if method not in _SAFE:
            return True
        accept = b",".join(value for name, value in self.headers if name == b"accept-encoding")
        return not self._pages.is_to_be_had((self.url, choose(accept)))

    def _promise(self) -> None:
        """Have the next one know that a place will be taken: until the loop has gone round, nobody has taken one."""
        if self._places.promise():
            self.loop.call_soon(self._places.recount)

    def _refuse(self) -> bool:
        """Refuse what wants a place, where none is left."""
        if not self._places.are_promised or {name for name, _ in self.headers} & _ASKS_FIRST:
            return False
        SHED.inc()
        self._is_refused = True
        self._send(_BUSY, _refusal(moment(), self.app.state.parts.settings.origin))
        return True

    def _write(self, entry: Entry, *, is_had: bool, is_head: bool) -> None:
        if is_had:
            self._send(_NOT_MODIFIED, entry.not_modified_head)
        else:
            self._send(_OK, entry.head, b"" if is_head else entry.body)

    def _send(self, first: bytes, *rest: bytes) -> None:
        if self._always is not self.server_state.default_headers:
            # uvicorn makes a new list, with the date in it, each second.
            self._always = self.server_state.default_headers
            self._always_lines = lines(self._always)
        self.transport.writelines([first, self._always_lines, *rest])
        self._is_answered = True
        self.server_state.total_requests += 1
        self._keep_alive()

    def _keep_alive(self) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)


@cache
def _refusal(retry_after: str, origin: str) -> bytes:
    """What middleware would have made of it: head and body as they go over the wire."""
    answer: Response = overloaded(retry_after)
    answer.headers.update(headers.safe(origin))
    return lines(answer.raw_headers) + b"\r\n" + bytes(answer.body)
