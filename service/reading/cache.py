"""Ready answers: a page that was asked for is kept as the bytes it was sent as, until something on it changes.

An entry is found by what was asked (path, query, coding) and forgotten by what it shows (its tags). Who asked is in
neither: public answers are the same for everybody, and answers that are not are never offered to the cache.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from service.reading.pace import Pace

Key = tuple[bytes, str]  # what was asked for, query and all, and the coding
Headers = list[tuple[bytes, bytes]]

LATE = 3_600.0  # seconds past its time that a page may still be shown while the database is away
STORM = 1.0  # seconds until a page shows what changes in storms, such as votes
RUSH = 0.25  # seconds until it shows what was added, once that comes faster than pages should be drawn

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_NOTED = 10_000  # changes remembered by their tags
# Bytes that Python takes beside the contents (64 bits): for an entry and its places, a header field, a tag and its set.
_ENTRY, _FIELD, _TAG = 900, 150, 500


@dataclass(slots=True)
class Entry:
    """An answer as it goes over the wire."""

    headers: Headers
    body: bytes
    tags: frozenset[str]
    expires: float
    asked_in: int = 0  # bytes of the question it is found by
    etag: bytes = field(init=False)
    not_modified: Headers = field(init=False)
    # The same headers as they stand on the wire, the empty line behind them too: a hit has nothing to put together.
    head: bytes = field(init=False)
    not_modified_head: bytes = field(init=False)
    size: int = field(init=False)
    """Bytes in memory: contents, question, headers (as fields, and twice as lines), and what Python takes for them."""

    def __post_init__(self) -> None:
        self.etag = next((value for name, value in self.headers if name == b"etag"), b"")
        dropped = {b"content-length", b"content-type", b"content-encoding"}
        self.not_modified = [(name, value) for name, value in self.headers if name not in dropped]
        self.head, self.not_modified_head = (lines(fields) + b"\r\n" for fields in (self.headers, self.not_modified))
        beside = _ENTRY + _FIELD * len(self.headers) + _TAG * len(self.tags)
        self.size = len(self.body) + 3 * len(self.head) + self.asked_in + beside

    def is_had(self, asked: bytes) -> bool:
        """Whether the client that sent this If-None-Match has these very bytes.

        Weak comparison, and `*` for whatever there is (RFC 9110 section 13.1.2).
        """
        if not asked or not self.etag:
            return False
        return (
            asked == self.etag
            or asked.strip() == b"*"
            or self.etag in [tag.strip().removeprefix(b"W/") for tag in asked.split(b",")]
        )


class PageCache:
    """Bounded in bytes, least recently used first out. Not for several threads."""

    def __init__(self, most_bytes: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most_bytes
        self._clock = clock
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._by_tag: dict[str, set[Key]] = {}
        # When a tag was last told of, so that what was being read meanwhile is seen to be old.
        self._forgotten: OrderedDict[str, int] = OrderedDict()
        self._softened: OrderedDict[str, int] = OrderedDict()
        self._grown: OrderedDict[str, int] = OrderedDict()
        self._pace = Pace(clock)
        # What is being asked for; an answer that others may have too comes out, or None.
        self.loading: dict[Key, asyncio.Future[Entry | None]] = {}
        self._time = 0
        self._begun = 0
        self.bytes = 0
        self.hits = 0
        self.loads = 0
        """Times somebody had to be asked for a page."""
        # Seconds an answer lives when nobody says that it changed: short while other processes cannot be heard.
        self.life = 15.0
        self.is_deaf = False

    def get(self, key: Key) -> Entry | None:
        """The answer, if there is one and it is still good."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires <= self._clock():
            return None  # it may be wanted late
        self._entries.move_to_end(key)
        self.hits += 1
        return entry

    def late(self, key: Key) -> tuple[Entry, float] | None:
        """An answer that is past its time and how late it is (seconds), for when no other can be had.

        Only while changes are heard: what somebody elsewhere took down must not come back by this.
        """
        entry = self._entries.get(key)
        if entry is None or self.is_deaf:
            return None
        seconds = self._clock() - entry.expires
        return (entry, max(0.0, seconds)) if seconds < LATE else None

    def is_to_be_had(self, key: Key) -> bool:
        """Whether there is, or will be in a moment, an answer that costs nothing: a late one, or somebody else's."""
        return key in self.loading or self.late(key) is not None

    def now(self) -> int:
        """A moment before a page is read from the database, for `put`."""
        self.loads += 1
        return self._time

    def put(self, key: Key, headers: Headers, body: bytes, tags: Iterable[str], *, since: int, life: float) -> Entry:
        """Keep an answer, unless something on it changed after `since`: it was read before that change then."""
        kept = frozenset(tags)
        lives = min(life, self.life)
        for told, seconds in ((self._softened, STORM), (self._grown, RUSH)):
            if any(told.get(tag, -1) >= since for tag in kept):
                lives = min(lives, seconds)
        entry = Entry(headers, body, kept, self._clock() + lives, len(key[0]))
        if self._may_keep(entry, since):
            self._keep(key, entry)
        return entry

    def _may_keep(self, entry: Entry, since: int) -> bool:
        if since < self._begun or any(self._forgotten.get(tag, -1) >= since for tag in entry.tags):
            return False
        # A hit goes past the server's own look at this.
        is_clean = not any(_CONTROL.search(name + value) for name, value in entry.headers)
        return is_clean and entry.size <= self._most // 4

    def _keep(self, key: Key, entry: Entry) -> None:
        self._drop(key)
        self._entries[key] = entry
        self.bytes += entry.size
        for tag in entry.tags:
            self._by_tag.setdefault(tag, set()).add(key)
        while self.bytes > self._most:
            self._drop(next(iter(self._entries)))

    def forget(self, tags: Iterable[str]) -> None:
        """Drop whatever shows one of these."""
        for tag in tags:
            self._note(self._forgotten, tag)
            for key in list(self._by_tag.get(tag, ())):
                self._drop(key)

    def soften(self, tags: Iterable[str]) -> None:
        """Let whatever shows one of these expire within a second: for changes that come in storms."""
        for tag in tags:
            self._note(self._softened, tag)
            self._shorten(tag, STORM)

    def grow(self, tags: Iterable[str]) -> None:
        """Drop whatever shows one of these, to which something was added; in a rush let it expire soon instead.

        One discussion would otherwise be drawn anew in every process as fast as it can be, for as long as the rush
        lasts. What was taken away is `forget`'s: it may not be seen a moment longer.
        """
        for tag in tags:
            if self._pace.is_rush(tag):
                self._note(self._grown, tag)
                self._shorten(tag, RUSH)
            else:
                self.forget((tag,))

    def _shorten(self, tag: str, seconds: float) -> None:
        until = self._clock() + seconds
        for key in self._by_tag.get(tag, ()):
            entry = self._entries[key]
            entry.expires = min(entry.expires, until)

    def live(self, seconds: float, *, deaf: bool = False) -> None:
        """Let pages live so long from now on; those that are there no longer than that either.

        `deaf`: what changes elsewhere is not heard.
        """
        self.is_deaf = deaf
        self.life, until = seconds, self._clock() + seconds
        for entry in self._entries.values():
            entry.expires = min(entry.expires, until)

    def clear(self) -> None:
        """Drop everything, and keep nothing of what is being read now."""
        self._time += 1
        self._begun = self._time
        self._entries.clear()
        self._by_tag.clear()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def _note(self, told: OrderedDict[str, int], tag: str) -> None:
        told[tag] = self._time
        told.move_to_end(tag)
        self._time += 1
        if len(told) > _NOTED:
            # A read takes seconds at most. One that has seen so many changes is not kept, whatever they were about.
            self._begun = max(self._begun, told.popitem(last=False)[1] + 1)

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self.bytes -= entry.size
        for tag in entry.tags:
            keys = self._by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._by_tag[tag]


def lines(headers: Headers) -> bytes:
    """Header fields as they stand on the wire, each with its line's end."""
    return b"".join(b"%b: %b\r\n" % field for field in headers)
