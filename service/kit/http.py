"""The one way out: HTTP to hosts that others name.

A name is resolved here, each address it has is looked at, and the connection goes to an address that was looked at:
there is no second look-up in between for a name server to answer otherwise. TLS and `Host` keep the name. Redirects are
not followed. Time and size are bounded. While a transaction is open nothing goes out at all.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpcore
import httpx

import service
from service.kit import outside, traces
from service.kit.db import is_in_transaction
from service.kit.errors import Invalid
from service.kit.hosts import ascii_host
from service.kit.reach import Reach

Fault = Literal["address", "name", "connection", "tls", "timeout", "too-large", "protocol"]
Resolve = Callable[[str, int], Awaitable[list[str]]]

_MOST = 65_536  # bytes of an answer
_LONGEST_URL = 2_000
_MOST_ADDRESSES = 4  # of one name that are tried


class URLRefused(Invalid):
    """Parley does not send anything to this address. It takes https addresses of hosts on the public Internet."""

    type = "url-refused"


class NoAnswer(Exception):
    """Nothing usable came back; `fault` says at which step. The message may be shown to the site's owner."""

    def __init__(self, fault: Fault, message: str, seconds: float = 0.0) -> None:
        self.fault = fault
        self.seconds = seconds
        super().__init__(message)


@dataclass(frozen=True)
class Answer:
    """What came back, its body whole. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def is_good(self) -> bool:
        """A status between 200 and 299."""
        return 200 <= self.status < 300


class _AddressRefused(httpcore.ConnectError):
    """The name led to an address that may not be reached."""


class _NameUnknown(httpcore.ConnectError):
    """The name led nowhere."""


class Outbound:
    """Sends requests out, for one process. Connections are kept for a while and belong to checked addresses."""

    def __init__(
        self, allowed: Iterable[str] = (), *, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        """`allowed` are the operator's own hosts (`host`, `host:port`). Tests bring their own resolver and trust."""
        self._reach = Reach.of(allowed)
        self._resolve = resolve or _resolve
        self._tls = tls
        self._client: httpx.AsyncClient | None = None

    def checked(self, url: str, *, field: str = "url") -> str:
        """The URL in one spelling. Raises URLRefused, naming `field`, for what would never be sent to."""
        try:
            parts = httpx.URL(url)
            host, port = _place(parts)
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise URLRefused("This is not the address of a host.", field=field) from error
        fault = self._fault(parts, host, port)
        if fault is not None:
            raise URLRefused(f"Parley does not send anything to this address: {fault}.", field=field)
        return str(parts.copy_with(raw_path=parts.raw_path, host=host.strip("[]"), fragment=None))

    async def post(
        self, url: str, content: bytes, headers: Mapping[str, str], *, seconds: float, most: int = _MOST
    ) -> Answer:
        """Send, and read the whole answer, within `seconds` and `most` bytes. Raises NoAnswer."""
        return await self._send("POST", url, content, headers, seconds, most)

    async def get(self, url: str, headers: Mapping[str, str], *, seconds: float, most: int = _MOST) -> Answer:
        """Fetch, and read the whole answer, within `seconds` and `most` bytes. Raises NoAnswer."""
        return await self._send("GET", url, b"", headers, seconds, most)

    async def _send(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str], seconds: float, most: int
    ) -> Answer:
        if is_in_transaction():
            # A slow receiver would keep rows locked, and on SQLite everybody waiting.
            raise RuntimeError("nothing is sent out while a transaction is open")
        try:
            target = self.checked(url)
        except URLRefused as refused:
            raise NoAnswer("address", refused.detail) from refused
        start = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                with outside.waiting():
                    if not traces.on:
                        return await self._ask(method, target, content, headers, most, start)
                    with traces.outgoing(method) as told:
                        answer = await self._ask(method, target, content, headers, most, start)
                        told.set_attribute("http.response.status_code", answer.status)
                        return answer
        except TimeoutError as error:
            raise NoAnswer("timeout", f"no answer within {seconds:g} s", time.monotonic() - start) from error
        except httpx.HTTPError as error:
            raise NoAnswer(*_fault(error), time.monotonic() - start) from error

    async def close(self) -> None:
        """Give all connections back."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ask(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str], most: int, start: float
    ) -> Answer:
        async with self._made().stream(method, url, content=content or None, headers=dict(headers)) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                # Asked for as it is: what unpacks to a thousand times its size is not even begun.
                raise NoAnswer("protocol", "the answer is compressed", time.monotonic() - start)
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > most:
                    raise NoAnswer("too-large", f"the answer is longer than {most} bytes", time.monotonic() - start)
            return Answer(response.status_code, dict(response.headers), bytes(body), time.monotonic() - start)

    def _fault(self, url: httpx.URL, host: str, port: int) -> str | None:
        if url.userinfo:
            return "it carries a name or password"
        if len(str(url)) > _LONGEST_URL:
            return f"it is longer than {_LONGEST_URL} characters"
        if url.scheme != "https" and not self._reach.names(host, port):
            return "it does not begin with https://"
        return self._reach.fault_of_name(host, port)

    def _made(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=_Transport(_Dialer(self._reach, self._resolve), self._tls or httpx.create_ssl_context()),
                headers={"User-Agent": f"Parley/{service.__version__}", "Accept-Encoding": "identity"},
                follow_redirects=False,
                trust_env=False,
                timeout=None,  # noqa: S113  # the whole is bounded in `_send`
            )
        return self._client


async def look(url: str, *, seconds: float) -> Answer:
    """What a server of the operator's own says, asked from the command line: any address. Raises NoAnswer."""
    start = time.monotonic()
    try:
        async with httpx.AsyncClient(timeout=seconds, trust_env=False) as client:
            response = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswer("connection", type(error).__name__, time.monotonic() - start) from error
    return Answer(response.status_code, dict(response.headers), response.content, time.monotonic() - start)


class _Transport(httpx.AsyncHTTPTransport):
    def __init__(self, dialer: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        # httpx has no public place for a network backend. Its pool is httpcore's, so it is made once more with ours.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=200,
            max_keepalive_connections=40,
            keepalive_expiry=20,
            http1=True,
            http2=False,
            network_backend=dialer,
        )


class _Dialer(httpcore.AsyncNetworkBackend):
    """Connects to addresses, never to names; TLS is begun above, with the name."""

    def __init__(self, reach: Reach, resolve: Resolve) -> None:
        self._reach = reach
        self._resolve = resolve
        self._through = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the base's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failed: Exception | None = None
        for address in await self._addresses(host, port):
            try:
                return await self._through.connect_tcp(address, port, timeout or 5.0, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or _NameUnknown(f"{host} has no address")

    async def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise _AddressRefused(path)

    async def sleep(self, seconds: float) -> None:
        await self._through.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            spelled = ascii_host(f"[{host}]" if ":" in host else host)
            found = await self._resolve(host, port)
        except (OSError, ValueError) as error:
            raise _NameUnknown(f"{host} is not known") from error
        for address in found:
            # One that may not be reached is enough to refuse the name: an honest one has none.
            if (fault := self._reach.fault_of_address(address, spelled, port)) is not None:
                raise _AddressRefused(f"{host} leads to {address}: {fault}")
        return found[:_MOST_ADDRESSES]


async def _resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as this machine finds them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _place(url: httpx.URL) -> tuple[str, int]:
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("not an address of the web")
    host = ascii_host(f"[{url.host}]" if ":" in url.host else url.host)
    if url.port is not None:
        return host, url.port
    return host, 443 if url.scheme == "https" else 80


def _fault(error: httpx.HTTPError) -> tuple[Fault, str]:
    cause = error.__cause__
    if isinstance(cause, _AddressRefused):
        return "address", str(cause)
    if isinstance(cause, _NameUnknown):
        return "name", str(cause)
    if isinstance(error, httpx.TimeoutException):
        return "timeout", "no answer in time"
    if isinstance(error, httpx.ConnectError) and _has(error, ssl.SSLError):
        return "tls", "no trusted connection: the certificate or protocol is not right"
    if isinstance(error, httpx.NetworkError):
        return "connection", "no connection"
    return "protocol", f"not an answer in HTTP ({type(error).__name__})"


def _has(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
