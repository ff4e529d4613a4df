"""Looking for somebody in all that is stored: files byte by byte, rows of every table, every key of Redis."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from redis.asyncio import Redis as Client
from sqlalchemy import text

from service.tables import metadata
from service.web.parts import Parts


def spellings(word: str) -> Mapping[str, bytes]:
    """What a word could be hidden as."""
    raw = word.encode()
    found = {
        "plain": raw,
        "escaped": json.dumps(word)[1:-1].encode(),
        "quoted": quote(word).encode(),
        "hex": raw.hex().encode(),
        **{name: hashlib.new(name, raw).hexdigest().encode() for name in ("md5", "sha1", "sha256")},
        **{f"{name} folded": hashlib.new(name, raw.lower()).hexdigest().encode() for name in ("md5", "sha1", "sha256")},
    }
    for shift in range(3):
        # Whatever stands before it moves the letters of base64; what depends on the neighbours is left out.
        coded = base64.b64encode(b"x" * shift + raw)
        begin = -(-shift * 8 // 6) if shift else 0
        found[f"base64 {shift}"] = coded[begin : len(coded) - (4 if (shift + len(raw)) % 3 else 0)]
    return found


async def everything(parts: Parts) -> Iterator[tuple[str, bytes]]:
    """Everything stored, with the place it was found in."""
    stored = (path for path in sorted(parts.settings.data_dir.rglob("*")) if path.is_file())
    found = [(path.name, path.read_bytes()) for path in stored]
    if not parts.db.is_sqlite:
        found += await _rows(parts)
    found += await _redis(str(parts.settings.redis_url))
    return iter(found)


async def _rows(parts: Parts) -> list[tuple[str, bytes]]:
    async with parts.db.engine.connect() as connection:
        found = []
        for table in metadata.sorted_tables:
            rows = await connection.execute(text(f'SELECT t::text FROM "{table.name}" t'))  # noqa: S608  # our own
            found.append((table.name, "\n".join(row for (row,) in rows).encode()))
        return found


async def _redis(url: str) -> list[tuple[str, bytes]]:
    client = Client.from_url(url)
    found = []
    async for key in client.scan_iter(count=1_000):
        kind = (await client.type(key)).decode()
        if kind == "none":
            continue  # it has ended meanwhile
        read = {
            "string": lambda key=key: client.get(key),
            "hash": lambda key=key: client.hgetall(key),
            "list": lambda key=key: client.lrange(key, 0, -1),
            "set": lambda key=key: client.smembers(key),
            "zset": lambda key=key: client.zrange(key, 0, -1, withscores=True),
            "stream": lambda key=key: client.xrange(key),
        }[kind]
        found.append(("redis", key + b" " + str(await read()).encode()))
    await client.aclose()
    return found


async def sightings(parts: Parts, words: Mapping[str, str], *more: Path) -> list[str]:
    """Where any of these words is, in any spelling."""
    wanted = [(name, how, raw) for name, word in words.items() for how, raw in spellings(word).items()]
    places = [*await everything(parts), *((path.name, path.read_bytes()) for path in more)]
    found = []
    for place, content in places:
        folded = content.lower()
        found += [f"{name} ({how}) in {place}" for name, how, raw in wanted if raw in content or raw.lower() in folded]
    return found
