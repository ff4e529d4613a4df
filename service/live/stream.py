"""The last events of a thread, kept in Redis for those who come late or again.

An event is a small JSON object with a `type`, ids and numbers, never a text: who wants to read asks for the public
page, which shows what may be read at that moment. Its id is the one Redis gave it in the thread's stream. Every event
carries the thread's `thread_version` as of its announcement, so a page that says its version can be brought up to
date from the stream too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.kit.redis import Redis

CHANNEL = "parley:live"
_KEPT = 200  # events of one thread; Redis trims whole nodes of 100, so it may hold some more
_LIFE = 86_400  # seconds after the last one
_TELL = Path(__file__).with_name("tell.lua").read_text()
_ID = re.compile(r"\d{1,16}-\d{1,10}")


@dataclass(frozen=True)
class Event:
    """One event of a thread."""

    id: str
    data: str  # JSON

    def frame(self) -> bytes:
        """As it goes over the wire, like tell.lua writes it."""
        return f"id: {self.id}\ndata: {self.data}\n\n".encode()

    @property
    def thread_version(self) -> int:
        """The thread's version when this was announced."""
        return int(json.loads(self.data)["thread_version"])


@dataclass(frozen=True)
class Since:
    """What happened since; when `is_complete` is False there may be more, and everything has to be read anew."""

    events: Sequence[Event]
    is_complete: bool
    last: str | None  # the id to resume from


def frame(event: Mapping[str, Any], event_id: str | None = None) -> bytes:
    """An event as it goes over the wire; without an id it is not one to resume from."""
    named = f"id: {event_id}\n" if event_id else ""
    return f"{named}data: {json.dumps(event, separators=(',', ':'))}\n\n".encode()


def topic(thread_id: int) -> str:
    """What listeners of a thread listen for."""
    return f"thread-{thread_id}"


def is_after(one: str, other: str) -> bool:
    """Whether one event's id is later than another's."""
    return _order(one) > _order(other)


def is_id(text: str) -> bool:
    """Whether this could be an event's id."""
    return _ID.fullmatch(text) is not None


async def tell(redis: Redis, thread_id: int, event: Mapping[str, Any]) -> None:
    """Keep an event and tell it to all who listen, in every process. Raises Away."""
    data = json.dumps(event, separators=(",", ":"))
    await redis.script(_TELL, [_key(thread_id)], [data, CHANNEL, topic(thread_id), _KEPT, _LIFE])


async def since(redis: Redis, thread_id: int, *, now: int, after: str | None, version: int | None) -> Since:
    """What happened after the event `after`, or else since the thread had `version`; `now` is its version now.

    Without either nothing has been missed. Raises Away.
    """
    if after is None and version is None:
        newest = _events(await redis.call("XREVRANGE", _key(thread_id), "+", "-", "COUNT", 1))
        return Since((), is_complete=True, last=newest[0].id if newest else None)
    kept = _events(await redis.call("XRANGE", _key(thread_id), "-", "+", "COUNT", 2 * _KEPT))
    last = kept[-1].id if kept else after
    if after is not None and kept and not is_after(kept[0].id, after):
        return Since([event for event in kept if is_after(event.id, after)], is_complete=True, last=last)
    if version is None:
        return Since((), is_complete=False, last=last)
    if now <= version:
        return Since((), is_complete=True, last=last)
    # An event's version is at least that of the change it tells of, so none is left out; some may be known already.
    missed = [event for event in kept if event.thread_version > version]
    reaches_back = bool(kept) and kept[0].thread_version <= version + 1
    return Since(missed if reaches_back else (), is_complete=reaches_back, last=last)


def _key(thread_id: int) -> str:
    return f"parley:{{{thread_id}}}:live"


def _order(event_id: str) -> tuple[int, int]:
    at, _, number = event_id.partition("-")
    return int(at), int(number)


def _events(entries: Sequence[Any]) -> list[Event]:
    return [Event(event_id, fields["e"] if isinstance(fields, dict) else fields[1]) for event_id, fields in entries]
