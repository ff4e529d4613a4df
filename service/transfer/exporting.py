"""A site's comments carried out in our own form, JSON Lines, and nothing lost on the way back in.

It is the publisher's own copy, so it holds what readers do not see, each comment with its state. Not in it: addresses
of mail and of the net, who voted how, earlier versions of texts, decisions and sanctions (a backup has those).
What the lines mean is in docs/imports.md; formats/parley.py reads them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from service import comments, identity, threads
from service.kit import clock
from service.kit.db import Database, ReadTx
from service.sites import Site
from service.transfer.formats.parley import VERSION

_THREADS, _COMMENTS = 500, 1_000
Progress = Callable[[int], None]


def _silent(_done: int) -> None:
    pass


async def export_lines(db: Database, site: Site, *, progress: Progress = _silent) -> AsyncIterator[str]:
    """The lines of a site's export, each ended by a newline. `progress` gets the comments so far.

    Read page by page, so memory is constant and nobody waits for it; comments that are posted meanwhile may be in it.
    """
    head = {"parley": VERSION, "site": site.name, "title": site.title, "exported_at": _time(clock.now())}
    yield _line(head)
    counts, after = {"threads": 0, "comments": 0}, 0
    while found := await db.read(threads.carried, site.id, after, _THREADS):
        for thread in found:
            yield _line({"thread": _thread(thread)})
        counts["threads"] += len(found)
        after = found[-1].id
    after = 0
    while rows := await db.read(_comments, site.id, after):
        for row in rows:
            yield _line({"comment": row[1]})
        counts["comments"] += len(rows)
        after = rows[-1][0]
        progress(counts["comments"])
    yield _line({"end": counts})


async def _comments(tx: ReadTx, site_id: int, after: int) -> list[tuple[int, dict[str, Any]]]:
    rows = await comments.carried(tx, site_id, after, _COMMENTS)
    people = await identity.carried(tx, [row.person_id for row in rows])
    above = await comments.origins(tx, [row.parent_id for row in rows if row.parent_id is not None])
    return [(row.id, _comment(row, people, above)) for row in rows]


def _thread(thread: threads.CarriedThread) -> dict[str, Any]:
    return {
        "id": str(thread.id),
        "identifier": thread.identifier,
        "url": thread.url,
        # What a page is found by is kept without its scheme.
        "urls": [f"https://{key}" for key in thread.keys],
        "title": thread.title,
        "state": thread.state,
        "created_at": _time(thread.created_at),
    }


def _comment(row: Any, people: Mapping[int, identity.Carried], above: Mapping[int, str | None]) -> dict[str, Any]:
    author = people[row.person_id]
    return {
        "id": _name(row.id, row.origin),
        "thread": str(row.thread_id),
        "parent": None if row.parent_id is None else _name(row.parent_id, above.get(row.parent_id)),
        "author": {
            "id": author.origin,
            "name": author.name,
            "since": _time(author.created_at),
        },
        "state": row.state,
        "format": row.body_format,
        "body": row.body,
        "created_at": _time(row.created_at),
        "edited_at": None if row.edited_at is None else _time(row.edited_at),
        "up": row.up,
        "down": row.down,
        **dict.fromkeys(_marks(row), True),
    }


def _marks(row: Any) -> Sequence[str]:
    return [name for name in ("pinned", "featured", "replies_closed") if getattr(row, name)]


def _name(number: int, origin: str | None) -> str:
    """What a comment is known by outside: its id where it came from, or ours."""
    return origin or f"parley:{number}"


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
