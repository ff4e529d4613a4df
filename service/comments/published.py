"""Published comments of a thread or a site by time, newest first, wherever they stand in the tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, literal_column, select
from sqlmodel import col
from sqlmodel import select as select_rows

from service.comments.comment import PUBLIC, Comment, seen_by
from service.comments.tables import CommentRow
from service.kit.db import ReadTx

_STEP = 250  # rows read at a time by a walk
# Written out: a partial index is not used for a value that comes as a parameter.
_PUBLISHED = col(CommentRow.state) == literal_column("'published'")


@dataclass(frozen=True)
class Walk:
    """Where a walk over a thread came to: what was found, and the comment to go on behind, None at the end."""

    found: tuple[Comment, ...]
    last: int | None


async def newest_in_thread(tx: ReadTx, thread_id: int, limit: int, before: int | None = None) -> list[Comment]:
    """The newest published comments of a thread, those older than the comment `before`."""
    return await _read(tx, CommentRow.thread_id == thread_id, limit, before)


async def newest_in_site(tx: ReadTx, site_id: int, limit: int, before: int | None = None) -> list[Comment]:
    """The newest published comments of a site, those older than the comment `before`."""
    return await _read(tx, CommentRow.site_id == site_id, limit, before)


async def published_page(
    tx: ReadTx, *, site_id: int, thread_id: int | None, after: int | None, since: int, is_ascending: bool, limit: int
) -> list[Comment]:
    """Published comments of a site, or of one of its threads, by time, those behind the comment `after`.

    Only those with ids of at least `since`.
    """
    number = col(CommentRow.id)
    of = CommentRow.site_id == site_id if thread_id is None else CommentRow.thread_id == thread_id
    query = select_rows(CommentRow).where(of, _PUBLISHED, number >= since)
    if after is not None:
        query = query.where(number > after if is_ascending else number < after)
    ordered = query.order_by(number if is_ascending else number.desc()).limit(limit)
    return [seen_by(row, PUBLIC) for row in await tx.exec(ordered)]


async def places_of_newest(tx: ReadTx, site_id: int, look_at: int) -> list[tuple[int, int]]:
    """Thread and author of the newest `look_at` published comments of a site: where people talk now, and who."""
    query = select(col(CommentRow.thread_id), col(CommentRow.person_id)).where(
        col(CommentRow.site_id) == site_id, _PUBLISHED
    )
    rows = await (await tx.connection()).execute(query.order_by(col(CommentRow.id).desc()).limit(look_at))
    return [(thread, person) for thread, person in rows]


async def newest_threads(tx: ReadTx, site_id: int, look_at: int, before: int | None = None) -> list[tuple[int, int]]:
    """The newest published comments of a site by number, each with the thread it is in: a range of one index.

    Those older than the comment `before`.
    """
    query = select(col(CommentRow.id), col(CommentRow.thread_id)).where(col(CommentRow.site_id) == site_id, _PUBLISHED)
    if before is not None:
        query = query.where(col(CommentRow.id) < before)
    rows = await (await tx.connection()).execute(query.order_by(col(CommentRow.id).desc()).limit(look_at))
    return [(number, thread) for number, thread in rows]


async def newest_answers(
    tx: ReadTx, person_id: int, look_at: int, limit: int, before: int | None = None
) -> list[Comment]:
    """The newest published answers by others to the last `look_at` comments of a person that can be read.

    Those older than the comment `before`.
    """
    own = select(col(CommentRow.id)).where(col(CommentRow.person_id) == person_id)
    rows = await (await tx.connection()).execute(own.order_by(col(CommentRow.id).desc()).limit(look_at))
    mine = [number for (number,) in rows]
    to_me = col(CommentRow.parent_id).in_(mine)
    return await _read(tx, to_me & (col(CommentRow.person_id) != person_id), limit, before) if mine else []


async def authors_in_thread(tx: ReadTx, thread_id: int, look_at: int) -> list[int]:
    """Who wrote the newest `look_at` published comments of a thread: ids of people, the latest first, each once."""
    query = select(col(CommentRow.person_id)).where(col(CommentRow.thread_id) == thread_id, _PUBLISHED)
    rows = await (await tx.connection()).execute(query.order_by(col(CommentRow.id).desc()).limit(look_at))
    return list(dict.fromkeys(person for (person,) in rows if person is not None))


async def find_in_thread(
    tx: ReadTx, thread_id: int, is_meant: Callable[[str], bool], *, before: int | None, most: int, look_at: int
) -> Walk:
    """Published comments whose HTML `is_meant`, newest first, those older than the comment `before`.

    At most `most` are found and about `look_at` looked at. Of those looked at nothing but the HTML is loaded.
    """
    meant: list[int] = []
    while look_at > 0:
        some = (await (await tx.connection()).execute(_texts(thread_id, before))).all()
        for number, html in some:
            before = number
            if is_meant(html):
                meant.append(number)
                if len(meant) == most:
                    return Walk(await _those(tx, meant), before)
        if len(some) < _STEP:
            return Walk(await _those(tx, meant), None)
        look_at -= len(some)
    return Walk(await _those(tx, meant), before)


def _texts(thread_id: int, before: int | None) -> Select[int, str]:
    query = select(col(CommentRow.id), col(CommentRow.html)).where(col(CommentRow.thread_id) == thread_id, _PUBLISHED)
    if before is not None:
        query = query.where(col(CommentRow.id) < before)
    return query.order_by(col(CommentRow.id).desc()).limit(_STEP)


async def _those(tx: ReadTx, comment_ids: list[int]) -> tuple[Comment, ...]:
    rows = await tx.exec(
        select_rows(CommentRow).where(col(CommentRow.id).in_(comment_ids)).order_by(col(CommentRow.id).desc())
    )
    return tuple(seen_by(row, PUBLIC) for row in rows)


async def _read(tx: ReadTx, of: Any, limit: int, before: int | None) -> list[Comment]:
    query = select_rows(CommentRow).where(of, _PUBLISHED)
    if before is not None:
        query = query.where(col(CommentRow.id) < before)
    rows = await tx.exec(query.order_by(col(CommentRow.id).desc()).limit(limit))
    return [seen_by(row, PUBLIC) for row in rows]
