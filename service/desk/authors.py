"""An author's record at a site. Who looks at it is on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from service import comments, identity, moderation, record, sanctions, sites
from service.comments import Comment
from service.desk.tables import NoteRow
from service.identity import Person, Staff
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx, changed
from service.kit.errors import NotFound
from service.moderation import PastDecision
from service.record import Actor
from service.sanctions import Sanction

_LAST = 20  # comments shown
_RATED = 200  # comments a rate is taken of
_AGAIN = timedelta(minutes=10)  # looking twice within that is looking once
_AGAINST = ("rejected", "spam", "removed")


class PersonUnknown(NotFound):
    """There is no such author at this site."""

    type = "person-unknown"


@dataclass(frozen=True)
class Note:
    """What a moderator noted about an author."""

    id: int
    account_id: int
    by: str
    text: str
    created_at: datetime


@dataclass(frozen=True)
class AuthorRecord:
    """What is known of an author. Rates are shares from 0 to 1, None where there is nothing to take them of."""

    person: Person
    counts: Mapping[str, int]
    approved: float | None
    reported: float | None
    last: Sequence[Comment]
    sanctions: Sequence[Sanction]
    notes: Sequence[Note]
    decisions: Sequence[PastDecision]


async def author_record(
    tx: ReadTx, staff: Staff, site_id: int, person_id: int, *, without: int | None = None
) -> AuthorRecord:
    """The record of an author of a site; comments and decisions only of the sections `staff` moderates.

    `without` is a comment whose fate is to be kept from a second look. Raises PersonUnknown.
    """
    person = await _author(tx, staff, site_id, person_id)
    counts = (await comments.records(tx, [person_id])).get(person_id, {})
    recent = [it for it in await comments.written_by(tx, site_id, person_id, _RATED) if it.id != without]
    own = await moderation.in_reach(tx, staff, site_id, [it.thread_id for it in recent])
    shown = [it for it in recent if it.thread_id in own]
    reported = await moderation.reported_among(tx, [it.id for it in recent])
    return AuthorRecord(
        person,
        counts,
        _approved(counts),
        len(reported) / len(recent) if recent else None,
        shown[:_LAST],
        await sanctions.of_person(tx, person_id),
        await _notes(tx, site_id, person_id),
        await moderation.decisions_about(tx, site_id, [it.id for it in shown]),
    )


async def looked(tx: WriteTx, staff: Staff, site_id: int, person_id: int) -> None:
    """Put on record that somebody looked at what is known of a person. Raises PersonUnknown."""
    await _author(tx, staff, site_id, person_id)
    actor, subject = Actor.account(staff.account.id), f"person:{person_id}"
    if not await record.was_noted(tx, site_id, actor, "looked-at-person", subject, clock.now() - _AGAIN):
        await record.append(tx, site_id, actor, "looked-at-person", subject)


async def add_note(tx: WriteTx, staff: Staff, site_id: int, person_id: int, text: str) -> Note:
    """Leave a note about an author. Raises PersonUnknown."""
    await _author(tx, staff, site_id, person_id)
    row = NoteRow(
        id=ids.new_id(),
        site_id=site_id,
        person_id=person_id,
        account_id=staff.account.id,
        text=text,
        created_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    detail = {"note": str(row.id)}
    actor = Actor.account(staff.account.id)
    await record.append(
        tx, site_id, actor, "noted", f"person:{person_id}", detail, words={"note": text}, about=person_id
    )
    return Note(row.id, row.account_id, staff.account.name, row.text, row.created_at)


async def set_mark(tx: WriteTx, staff: Staff, site_id: int, person_id: int, mark: str | None) -> None:
    """Mark an author as an expert, or no more; for who may feature. Raises PersonUnknown, EditorNeeded."""
    await _author(tx, staff, site_id, person_id)
    if not staff.may_feature(site_id):
        raise moderation.EditorNeeded
    await identity.set_mark(tx, person_id, mark)
    changed(tx, sites.tag(site_id))
    actor = Actor.account(staff.account.id)
    await record.append(tx, site_id, actor, "author-marked", f"person:{person_id}", {"mark": mark})


async def _author(tx: ReadTx, staff: Staff, site_id: int, person_id: int) -> Person:
    person = await identity.person(tx, person_id)
    if person is None or person.site_id != site_id or not staff.is_moderator_at(site_id):
        raise PersonUnknown
    return person


async def _notes(tx: ReadTx, site_id: int, person_id: int) -> list[Note]:
    query = select(NoteRow).where(NoteRow.person_id == person_id, NoteRow.site_id == site_id)
    rows = list(await tx.exec(query.order_by(col(NoteRow.id).desc()).limit(50)))
    known = await moderation.names(tx, site_id, [row.account_id for row in rows])
    return [
        Note(row.id, row.account_id, known.get(row.account_id, "Somebody"), row.text, row.created_at) for row in rows
    ]


def _approved(counts: Mapping[str, int]) -> float | None:
    fine, against = counts.get("published", 0), sum(counts.get(state, 0) for state in _AGAINST)
    return fine / (fine + against) if fine + against else None
