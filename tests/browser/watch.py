"""What must not happen on any page: an uncaught error, an error in the console, a request to somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request, WebError

_OURS = {"localhost", "127.0.0.1"}

# A stream of events whose server ended, and the page that asks on: no page can keep a browser from telling.
_CUT = re.compile(
    r"ERR_(INCOMPLETE_CHUNKED_ENCODING|CONNECTION_REFUSED|EMPTY_RESPONSE|CONNECTION_RESET) \(\S*/(events|changes)\?"
)


class Watch:
    """Follows contexts and keeps what went wrong in `problems`, one sentence each."""

    def __init__(self, ours: Iterable[str] = ()) -> None:
        """`ours` are further hosts that are ours."""
        self._ours = {*_OURS, *ours}
        self._problems: list[str] = []
        self._explained: dict[re.Pattern[str], bool] = {}

    def follow(self, context: BrowserContext) -> None:
        """Watch every page and frame of this context."""
        context.on("request", self._request)
        context.on("weberror", self._error)
        context.on("console", self._console)

    def explain(self, pattern: str, why: str) -> None:
        """What matches `pattern` belongs to the story, because of `why`; at least one such problem has to come."""
        assert why
        self._explained[re.compile(pattern)] = False

    @property
    def problems(self) -> list[str]:
        """What went wrong, and what was explained and never came."""
        unseen = [f"never seen: {pattern.pattern}" for pattern, seen in self._explained.items() if not seen]
        return self._problems + unseen

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and not self._is_ours(parts.hostname or ""):
            self._note(f"request to somebody else: {request.url}")

    def _is_ours(self, host: str) -> bool:
        return host in self._ours or f"*.{host.partition('.')[2]}" in self._ours

    def _error(self, error: WebError) -> None:
        self._note(f"uncaught on {error.page.url if error.page else '?'}: {error.error}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"error in the console: {message.text} ({message.location.get('url', '')})")

    def _note(self, problem: str) -> None:
        if _CUT.search(problem):
            return
        for pattern in self._explained:
            if pattern.search(problem):
                self._explained[pattern] = True
                return
        self._problems.append(problem)
