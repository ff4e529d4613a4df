"""A server on the loopback that counts who comes and keeps what they send."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heard:
    """One request, whole."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Reply = Callable[[Heard], Awaitable[bytes]]


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An answer in HTTP; underscores in the names of headers become hyphens."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Listener:
    """What arrived so far; `reply` makes the answers and may be replaced at any time."""

    port: int = 0
    connections: int = 0
    heard: list[Heard] = field(default_factory=list)
    server_names: list[str] = field(default_factory=list)
    reply: Reply | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            request = await _request(reader)
            self.heard.append(request)
            writer.write(await self.reply(request) if self.reply else answer(204))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return Heard(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


@asynccontextmanager
async def listener(tls: ssl.SSLContext | None = None, *, host: str = "127.0.0.1") -> AsyncIterator[Listener]:
    """A listener on a free port, for as long as the block lasts."""
    made = Listener()
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: made.server_names.append(name)
    server = await asyncio.start_server(made._serve, host, 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
        server.close()
