"""Remapping: many discussions to new addresses, by a rule or a list; first counted, then done to what was counted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, select

from service import threads
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.errors import Refused
from service.publishing.mapping import Mapper, sample, tally
from service.publishing.tables import ThreadJobItemRow, ThreadJobRow
from service.sites import Site
from service.threads import AddressTaken, Thread, ThreadUnknown, Wanted, canonical

PIECE = 100
_LOOKED = 500
_SAMPLES = 20
PLANNED = "moves"


@dataclass(frozen=True)
class Line:
    """What would become of one discussion."""

    thread: int
    before: str
    after: str
    outcome: str


@dataclass(frozen=True)
class Plan:
    """A piece of a plan, the place to go on behind, and whether it is the last one."""

    lines: tuple[Line, ...]
    position: int
    is_last: bool


async def look(db: Database, site: Site, mapper: Mapper, position: int) -> Plan:
    """Look at the next discussions, outside of any transaction that writes."""
    if mapper.kind == "pairs":
        return await _look_at_pairs(db, site, mapper, position)
    found = await db.read(threads.look_through, site.id, Wanted(), before=position or None, limit=_LOOKED)
    # Not on the loop: a pattern somebody wrote may take its time over a long address.
    new = await asyncio.to_thread(lambda: [mapper.apply(thread.url) for thread in found.threads])
    about = [(thread, address) for thread, address in zip(found.threads, new, strict=True) if address is not None]
    lines = await db.read(_lines, site, about)
    return Plan(tuple(lines), found.following or position, found.following is None)


async def put_down(tx: WriteTx, row: ThreadJobRow, plan: Plan) -> None:
    """Keep a piece of the plan, with counts and samples. Nobody is moved twice: the first line wins."""
    known = select(ThreadJobItemRow.number).where(
        ThreadJobItemRow.job_id == row.id, col(ThreadJobItemRow.number).in_([line.thread for line in plan.lines])
    )
    seen = set(await tx.exec(known)) if plan.lines else set[int]()
    outcomes: list[str] = []
    for line in plan.lines:
        outcome = "twice" if line.thread in seen else line.outcome
        outcomes.append(outcome)
        if outcome == PLANNED:
            seen.add(line.thread)
            tx.add(
                ThreadJobItemRow(
                    job_id=row.id, number=line.thread, outcome=PLANNED, before=line.before, after=line.after
                )
            )
        if len(row.samples) < _SAMPLES and outcome != "same":
            row.samples = [*row.samples, sample(line.before, line.after, outcome)]
    row.counts = tally(row.counts, outcomes)
    row.position, row.total = plan.position, row.counts.get(PLANNED, 0)
    if plan.is_last:
        row.position = 0
        row.asked = {**row.asked, "pairs": []}  # what they came to is kept, and that alone
    await tx.flush()


async def move_some(tx: WriteTx, site: Site, row: ThreadJobRow) -> bool:
    """Move the next discussions that were planned; True when there are no more. What is refused is counted."""
    some = await _next(tx, row)
    outcomes: list[str] = []
    for item in some:
        try:
            async with tx.begin_nested():
                moved = await threads.move(tx, site, item.number, canonical(item.after))
            outcome = "moved" if moved.was_added else "moved-known"
        except AddressTaken:
            outcome = "taken"
        except ThreadUnknown:
            outcome = "gone"
        outcomes.append("moved" if outcome == "moved-known" else outcome)
        await _set(tx, row, item.number, outcome)
    row.counts = tally(row.counts, outcomes)
    row.done += outcomes.count("moved")
    row.position = some[-1].number if some else row.position
    await tx.flush()
    return len(some) < PIECE


async def move_back_some(tx: WriteTx, site: Site, row: ThreadJobRow) -> bool:
    """Move the next discussions back that are still where this job moved them; True when there are no more."""
    some = await _next(tx, row)
    outcomes: list[str] = []
    for item in some:
        if not item.outcome.startswith("moved"):
            continue
        key = canonical(item.after).key if item.outcome == "moved" else None
        try:
            was_back = await threads.move_back(tx, site, item.number, item.after, item.before, key)
        except Refused:
            was_back = False
        outcomes.append("moved-back" if was_back else "moved-since")
    row.counts = tally(row.counts, outcomes)
    row.done = max(0, row.done - outcomes.count("moved-back"))
    row.position = some[-1].number if some else row.position
    await tx.flush()
    return len(some) < PIECE


async def _look_at_pairs(db: Database, site: Site, mapper: Mapper, position: int) -> Plan:
    some = mapper.pairs[position : position + _LOOKED]
    lines = await db.read(_lines_of_pairs, site, some)
    ahead = position + len(some)
    return Plan(tuple(lines), ahead, ahead >= len(mapper.pairs))


async def _lines(tx: ReadTx, site: Site, about: Sequence[tuple[Thread, str]]) -> list[Line]:
    return [await _line(tx, site, thread, address) for thread, address in about]


async def _lines_of_pairs(tx: ReadTx, site: Site, pairs: Sequence[tuple[str, str]]) -> list[Line]:
    found: list[Line] = []
    for old, new in pairs:
        number = await threads.at_key(tx, site.id, canonical(old).key)
        known: Mapping[int, Thread] = await threads.get_many(tx, [number]) if number is not None else {}
        if number is None or number not in known:
            found.append(Line(0, old, new, "unknown"))
        else:
            found.append(await _line(tx, site, known[number], new))
    return found


async def _line(tx: ReadTx, site: Site, thread: Thread, address: str) -> Line:
    try:
        url = canonical(address)
    except Refused:
        return Line(thread.id, thread.url, address[:2_000], "no-address")
    if url.text == thread.url:
        return Line(thread.id, thread.url, url.text, "same")
    there = await threads.at_key(tx, site.id, url.key)
    return Line(thread.id, thread.url, url.text, PLANNED if there in {None, thread.id} else "taken")


async def _next(tx: ReadTx, row: ThreadJobRow) -> Sequence[ThreadJobItemRow]:
    query = select(ThreadJobItemRow).where(
        ThreadJobItemRow.job_id == row.id, col(ThreadJobItemRow.number) > row.position
    )
    return (await tx.exec(query.order_by(col(ThreadJobItemRow.number)).limit(PIECE))).all()


async def _set(tx: WriteTx, row: ThreadJobRow, number: int, outcome: str) -> None:
    this = (col(ThreadJobItemRow.job_id) == row.id, col(ThreadJobItemRow.number) == number)
    await tx.exec(update(ThreadJobItemRow).where(*this).values(outcome=outcome))
