"""The record read: newest first, filtered, searched."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, func, select

from service.kit.db import ReadTx
from service.record.append import Actor
from service.record.tables import DetailRow, EntryRow


@dataclass(frozen=True)
class Entry:
    """One act on record. `words` are None when there were none or they have been erased."""

    id: int
    chain: int
    seq: int
    at: datetime
    actor: Actor
    act: str
    subject: str
    section: str | None
    detail: dict[str, Any]
    words: dict[str, Any] | None
    sealed: str | None
    previous: str
    hash: str
    detail_text: str = field(repr=False, default="{}")

    def number(self, kind: str) -> int | None:
        """The id in a subject of this kind (`comment`), or None."""
        name, _, number = self.subject.partition(":")
        return int(number) if name == kind and number.isdigit() else None


@dataclass(frozen=True)
class Filter:
    """Which entries: all that is given must hold. `sections` limits to entries of these sections, None to nothing."""

    text: str | None = None
    actor: int | None = None
    act: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sections: Collection[str] | None = None


async def entries(
    tx: ReadTx, chain: int, wanted: Filter | None = None, *, before: int | None = None, limit: int = 50
) -> list[Entry]:
    """Entries of a chain, the newest first, from behind the one with the number `before`."""
    query = (
        select(EntryRow, DetailRow)
        .outerjoin(DetailRow, col(DetailRow.entry_id) == col(EntryRow.id))
        .where(EntryRow.chain == chain, *_conditions(wanted or Filter()))
    )
    if before is not None:
        query = query.where(col(EntryRow.seq) < before)
    rows = await tx.exec(query.order_by(col(EntryRow.seq).desc()).limit(limit))
    return [_entry(row, kept) for row, kept in rows.all()]


async def lines(tx: ReadTx, chain: int, after: int, limit: int) -> list[Entry]:
    """The next entries of a chain behind the number `after`, the oldest first."""
    rows = await tx.exec(
        select(EntryRow, DetailRow)
        .outerjoin(DetailRow, col(DetailRow.entry_id) == col(EntryRow.id))
        .where(EntryRow.chain == chain, col(EntryRow.seq) > after)
        .order_by(col(EntryRow.seq))
        .limit(limit)
    )
    return [_entry(row, kept) for row, kept in rows.all()]


async def was_noted(tx: ReadTx, chain: int, actor: Actor, act: str, subject: str, since: datetime) -> bool:
    """Whether this actor did the same to the same since then: what is looked at twice in a minute is one look."""
    query = (
        select(EntryRow.id)
        .where(EntryRow.chain == chain, EntryRow.subject == subject, EntryRow.act == act)
        .where(EntryRow.actor_kind == actor.kind, EntryRow.actor_id == actor.id, col(EntryRow.at) >= since)
    )
    return (await tx.exec(query.limit(1))).first() is not None


def _conditions(wanted: Filter) -> list[Any]:
    found: list[Any] = []
    if wanted.text:
        like = f"%{_literal(wanted.text.casefold())}%"
        codes = [func.lower(col(each)).like(like, escape="\\") for each in (EntryRow.subject, EntryRow.detail)]
        either = (col(EntryRow.act).like(like, escape="\\"), col(DetailRow.searched).like(like, escape="\\"))
        found.append(or_(*either, *codes))
    if wanted.actor is not None:
        found.append(col(EntryRow.actor_id) == wanted.actor)
    if wanted.act:
        found.append(col(EntryRow.act) == wanted.act)
    if wanted.subject:
        found.append(col(EntryRow.subject) == wanted.subject)
    if wanted.since is not None:
        found.append(col(EntryRow.at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(EntryRow.at) < wanted.until)
    if wanted.sections is not None:
        found.append(col(EntryRow.section).in_(sorted(wanted.sections)))
    return found


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _entry(row: EntryRow, kept: DetailRow | None) -> Entry:
    return Entry(
        row.id,
        row.chain,
        row.seq,
        row.at,
        Actor(row.actor_kind, row.actor_id),  # type: ignore[arg-type]  # what was written was one
        row.act,
        row.subject,
        row.section,
        json.loads(row.detail),
        json.loads(kept.words) if kept else None,
        row.sealed,
        row.previous,
        row.hash,
        row.detail,
    )
