"""Where people talk and who talks within a span of time, told by a bounded look, whatever was written in it.

The span is cut into slices, and of each the newest comments are looked at. Where that is all of them the numbers are
true. Where it is not, what was looked at stands for the slice (ids tell time, so it is known how much of the slice
was seen), and the first are counted by themselves, as far as is cheap: a thread's numbers stand in an index, of a
person's comments the rows have to be read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, union_all

from service.comments.tables import CommentRow
from service.kit.db import ReadTx

SLICES, EACH = 24, 100  # so many slices, and comments looked at in each
FIRST, COUNTED = 40, 2_000  # so many threads are counted by themselves, and so far
PEOPLE, WRITTEN = 20, 500  # the same of people

# Counts what some threads, or some people, wrote since an id.
Count = Callable[[ReadTx, Sequence[int], int], Awaitable[dict[int, int | None]]]

_COMMENTS = CommentRow.metadata.tables[str(CommentRow.__tablename__)]
# Written out: a partial index is not used for a value that comes as a parameter.
_PUBLISHED = _COMMENTS.c.state == literal_column("'published'")


@dataclass(frozen=True)
class Seen:
    """A published comment that was looked at, by its id, and whom and where it is of."""

    id: int
    thread: int
    person: int


@dataclass(frozen=True)
class Talk:
    """How much was written, by thread or by person, the most first. `is_whole`: every comment was looked at."""

    most: Mapping[int, float]
    is_whole: bool


async def seen(tx: ReadTx, site_id: int, since: int, until: int) -> list[list[Seen]]:
    """The newest comments of each slice between two ids, the slices from the oldest on."""
    edges = cuts(since, until)
    rows = await tx.run(_SEEN, {"site": site_id} | {f"at{number}": edge for number, edge in enumerate(edges)})
    found: list[list[Seen]] = [[] for _ in range(SLICES)]
    for row in rows:
        found[row.slice].append(Seen(row.id, row.thread_id, row.person_id))
    return found


def cuts(since: int, until: int) -> list[int]:
    """Where the slices between two ids begin, and where the last one ends."""
    return [since + (until - since) * number // SLICES for number in range(SLICES + 1)]


def weighed(slices: Sequence[Sequence[Seen]], since: int, until: int, *, by: str) -> Talk:
    """How much each thread or person (`by`) wrote, from what was looked at between two ids. Pure.

    A slice of which only the newest were looked at is taken to have gone on as it ended.
    """
    edges, written = cuts(since, until), dict[int, float]()
    for number, found in enumerate(slices):
        weight = 1.0
        if len(found) >= EACH:
            begin, end = edges[number], edges[number + 1]
            weight = max(1.0, (end - begin) / max(1, end - min(each.id for each in found)))
        for each in found:
            key = getattr(each, by)
            written[key] = written.get(key, 0.0) + weight
    # Equal ones the same way round each time.
    ordered = sorted(written.items(), key=lambda pair: (-pair[1], -pair[0]))
    return Talk(dict(ordered), all(len(found) < EACH for found in slices))


async def most_in_threads(tx: ReadTx, thread_ids: Sequence[int], since: int) -> dict[int, int | None]:
    """Published comments of at most FIRST threads since an id; None for COUNTED and more."""
    return await _counted(tx, _IN_THREADS, (FIRST, COUNTED), thread_ids, since)


async def most_by_people(tx: ReadTx, person_ids: Sequence[int], since: int) -> dict[int, int | None]:
    """Published comments of at most PEOPLE people since an id; None for WRITTEN and more."""
    return await _counted(tx, _BY_PEOPLE, (PEOPLE, WRITTEN), person_ids, since)


async def _counted(
    tx: ReadTx, statement: Any, bounds: tuple[int, int], numbers: Sequence[int], since: int
) -> dict[int, int | None]:
    places, most = bounds
    # One text for however many: nobody has the id 0.
    asked = {f"of{place}": numbers[place] if place < len(numbers) else 0 for place in range(places)}
    rows = await tx.run(statement, asked | {"since": since})
    found = {numbers[row.place]: row.number for row in rows if row.place < len(numbers)}
    return {number: count if count < most else None for number, count in found.items()}


def _slice(number: int) -> Any:
    query = (
        select(literal_column(str(number)).label("slice"), _COMMENTS.c.id, _COMMENTS.c.thread_id, _COMMENTS.c.person_id)
        .where(
            _COMMENTS.c.site_id == bindparam("site"),
            _PUBLISHED,
            _COMMENTS.c.id >= bindparam(f"at{number}"),
            _COMMENTS.c.id < bindparam(f"at{number + 1}"),
        )
        .order_by(_COMMENTS.c.id.desc())
        .limit(literal_column(str(EACH)))
    )
    return select(query.subquery())


def _count(column: Any, place: int, most: int) -> Any:
    some: Any = (
        select(literal_column("1"))
        .select_from(_COMMENTS)
        .where(column == bindparam(f"of{place}"), _PUBLISHED, _COMMENTS.c.id >= bindparam("since"))
        .limit(literal_column(str(most)))
    )
    counted: Any = select(literal_column(str(place)).label("place"), func.count().label("number"))
    return counted.select_from(some.subquery())


# Put together once: two dozen ranges of one index, in one statement.
_SEEN = union_all(*(_slice(number) for number in range(SLICES)))
_IN_THREADS = union_all(*(_count(_COMMENTS.c.thread_id, place, COUNTED) for place in range(FIRST)))
_BY_PEOPLE = union_all(*(_count(_COMMENTS.c.person_id, place, WRITTEN) for place in range(PEOPLE)))
