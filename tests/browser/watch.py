"""What must not happen on any page: an uncaught error, a broken security policy, a request to somebody else."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request, WebError

_OURS = {"localhost", "127.0.0.1"}


class Watch:
    """Follows contexts and keeps what went wrong in `problems`, one sentence each."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        """Watch every page and frame of this context."""
        context.on("request", self._request)
        context.on("weberror", self._error)
        context.on("console", self._console)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in _OURS:
            self.problems.append(f"request to somebody else: {request.url}")

    def _error(self, error: WebError) -> None:
        self.problems.append(f"uncaught on {error.page.url if error.page else '?'}: {error.error}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.problems.append(f"refused by the policy: {message.text}")
