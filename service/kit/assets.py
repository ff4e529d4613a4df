"""Built files (scripts, styles, icons): read once into memory, named by the manifest, served ready-compressed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from starlette.types import Message, Receive, Scope, Send

from service.kit.encoding import Coding, choose, compress

MANIFEST = "manifest.json"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_SUFFIXES: dict[str, Coding] = {".br": "br", ".gz": "gzip"}
_HASHED = re.compile(r"^/static/([^/]+)\.[0-9a-f]{12}(?=\.\w+$)")
_IMMUTABLE = "public, max-age=31536000, immutable"
# The loaders keep their names for ever, so browsers have to ask again soon.
_SHORT = "public, max-age=300, stale-while-revalidate=86400"


class NotBuilt(Exception):
    """The scripts and styles are not built. Run `make embed`."""

    def __init__(self, missing: Path) -> None:
        super().__init__(f"{self.__doc__} (missing: {missing})")


@dataclass(frozen=True)
class Asset:
    """One file in all its codings."""

    bodies: Mapping[Coding, bytes]
    digest: str
    content_type: str
    cache_control: str

    def tag(self, coding: Coding) -> str:
        """A strong ETag: another coding is another tag (RFC 9110 section 8.8.3.3)."""
        return f'"{self.digest}-{coding}"'


class Assets:
    """A plain ASGI app for `/static/*` and the loaders `/embed.js`, `/count.js`; and the names of what it serves.

    Paths are looked up in a dictionary, so no path can lead to a file that the build did not name.
    """

    def __init__(
        self,
        files: Mapping[str, Asset],
        names: Mapping[str, str],
        makers: Mapping[str, Callable[[], bytes]] | None = None,
    ) -> None:
        """`files`: path to asset. `names`: logical name to path. `makers`: what makes a file when it is needed."""
        self._files = dict(files)
        self._names = dict(names)
        self._makers = dict(makers or {})

    @classmethod
    def load(cls, static: Path, makers: Mapping[str, Callable[[], bytes]] | None = None) -> Assets:
        """Read what the build wrote into `static`; `makers` as in `Assets`. Raises NotBuilt."""
        manifest = static / MANIFEST
        if not manifest.is_file():
            raise NotBuilt(manifest)
        built: dict[str, str] = json.loads(manifest.read_text())
        names = {name: f"/{name}" if file == name else f"/static/{file}" for name, file in built.items()}
        files = {names[name]: _read(static / file, is_hashed=file != name) for name, file in built.items()}
        return cls(files, names, makers)

    def url(self, name: str) -> str:
        """The path of a built file: `frame.css` → `/static/frame.3f9c….css`. Raises KeyError for an unknown name."""
        if name not in self._names:
            self._make(name, self._makers[name])
        return self._names[name]

    def body(self, name: str) -> bytes:
        """What is in a built file. Raises KeyError for an unknown name."""
        return self._files[self._names[name]].bodies["identity"]

    def serves(self, path: str) -> bool:
        """Whether there is a file under this path."""
        return path in self._files

    def _make(self, name: str, maker: Callable[[], bytes]) -> None:
        body, (stem, _, ending) = maker(), name.rpartition(".")
        digest = hashlib.sha256(body).hexdigest()
        path = f"/static/{stem}.{digest[:12]}.{ending}"
        bodies: dict[Coding, bytes] = {coding: compress(body, coding) for coding in get_args(Coding)}
        self._files[path] = Asset(bodies, digest[:24], _TYPES[f".{ending}"], _IMMUTABLE)
        self._names[name] = path

    def _find(self, path: str) -> Asset | None:
        # Another process may have drawn the page that names a file nobody has needed here yet.
        name = _HASHED.sub(r"\1", path)
        if path not in self._files and name in self._makers and name not in self._names:
            self._make(name, self._makers[name])
        return self._files.get(path)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] == "HEAD":
            send = _without_body(send)
        elif scope["method"] != "GET":
            await _refuse(send, 405, "Method not allowed", "Files can only be read.", {"allow": "GET, HEAD"})
            return
        asset = self._find(scope["path"])
        if asset is None:
            await _refuse(send, 404, "Not found", "There is no file of that name.", {})
        else:
            await _send_asset(send, asset, _headers_of(scope))


def _read(file: Path, *, is_hashed: bool) -> Asset:
    if not file.is_file():
        raise NotBuilt(file)
    bodies: dict[Coding, bytes] = {"identity": file.read_bytes()}
    for suffix, coding in _SUFFIXES.items():
        ready = file.with_name(file.name + suffix)
        if ready.is_file():
            bodies[coding] = ready.read_bytes()
    digest = hashlib.sha256(bodies["identity"]).hexdigest()[:24]
    cache_control = _IMMUTABLE if is_hashed else _SHORT
    return Asset(bodies, digest, _TYPES.get(file.suffix, "application/octet-stream"), cache_control)


async def _send_asset(send: Send, asset: Asset, asked: Mapping[str, str]) -> None:
    coding = choose(asked.get("accept-encoding", ""))
    if coding not in asset.bodies:
        coding = "identity"
    body = asset.bodies[coding]
    headers = {
        "etag": asset.tag(coding),
        "vary": "Accept-Encoding",
        "cache-control": asset.cache_control,
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
        "timing-allow-origin": "*",
        "x-content-type-options": "nosniff",
    }
    if asset.tag(coding) in _tags(asked.get("if-none-match", "")):
        await _answer(send, 304, headers, b"")
        return
    headers |= {"content-type": asset.content_type, "content-length": str(len(body))}
    if coding != "identity":
        headers["content-encoding"] = coding
    await _answer(send, 200, headers, body)


async def _refuse(send: Send, status: int, title: str, detail: str, more: Mapping[str, str]) -> None:
    kind = title.lower().replace(" ", "-")
    body = json.dumps({"type": f"/errors#{kind}", "title": title, "status": status, "detail": detail}).encode()
    headers = {
        "content-type": "application/problem+json",
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **more,
    }
    await _answer(send, status, headers, body)


def _without_body(send: Send) -> Send:
    """An answer to HEAD has every header of the answer to GET, its length too (RFC 9110 section 9.3.2)."""

    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head


async def _answer(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _headers_of(scope: Scope) -> Mapping[str, str]:
    """Request headers; repeated ones are joined, as RFC 9110 section 5.3 allows for lists."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _tags(if_none_match: str) -> Iterator[str]:
    # Weak comparison: for a 304 the W/ does not count (RFC 9110 section 13.1.2).
    return (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
