"""What lies before a moderator with a case: comment, author's record, what it answers, article, reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select

from service import comments, identity, threads
from service.comments import Comment
from service.identity import Person
from service.kit.db import Database, ReadTx
from service.kit.redis import Away
from service.moderation import listing
from service.moderation.case import Case
from service.moderation.names import names
from service.moderation.queue import Queue
from service.moderation.tables import ReportRow
from service.threads import Thread

_DETAILS = 5  # of what reporters wrote, per reason


@dataclass(frozen=True)
class ReportCount:
    """Reports of one reason."""

    reason: str
    count: int
    details: tuple[str, ...]


@dataclass(frozen=True)
class DeskCase:
    """A case with its context."""

    case: Case
    comment: Comment
    author: Person
    thread: Thread
    parent: Comment | None
    parent_author: Person | None
    reports: tuple[ReportCount, ...]
    record: dict[str, int] = field(default_factory=dict)
    """The author's comments at this site by state."""


@dataclass(frozen=True)
class Held:
    """Who works on a case, until when."""

    account_id: int
    name: str
    fence: int
    until: datetime


async def lay_out(tx: ReadTx, cases: Sequence[Case]) -> list[DeskCase]:
    """The context of some cases, in their order, in a fixed number of statements."""
    about = await comments.get_many(tx, [case.comment_id for case in cases], comments.STAFF)
    # Asked after the comments: a version read here must not be the one that closed its case.
    still_open = await listing.open_among(tx, [case.id for case in cases])
    parents = await comments.get_many(tx, [c.parent_id for c in about.values() if c.parent_id], comments.STAFF)
    everybody = [c.person_id for c in (*about.values(), *parents.values()) if c.person_id is not None]
    people = await identity.people(tx, everybody)
    pages = await threads.get_many(tx, [case.thread_id for case in cases])
    reports = await reports_of(tx, [case.comment_id for case in cases])
    records = await comments.records(tx, [c.person_id for c in about.values() if c.person_id is not None])
    laid_out = []
    for case in cases:
        comment = about.get(case.comment_id)
        if case.id not in still_open or comment is None or comment.person_id is None:
            continue
        parent = parents.get(comment.parent_id or 0)
        laid_out.append(
            DeskCase(
                case,
                comment,
                people[comment.person_id],
                pages[case.thread_id],
                parent,
                people.get(parent.person_id or 0) if parent else None,
                tuple(reports.get(case.comment_id, ())),
                records.get(comment.person_id, {}),
            )
        )
    return laid_out


async def held_by(db: Database, queue: Queue, site_id: int) -> dict[int, Held]:
    """Who holds which case of a site at this moment; empty while Redis is away."""
    try:
        holders = await queue.holders(site_id)
    except Away:
        return {}
    known = await db.read(names, site_id, [holder.moderator for holder in holders.values()])
    return {
        case: Held(holder.moderator, known.get(holder.moderator, "Somebody"), holder.fence, holder.expires_at)
        for case, holder in holders.items()
    }


async def reports_of(tx: ReadTx, comment_ids: Sequence[int]) -> dict[int, list[ReportCount]]:
    """Readers' reports of some comments, by reason, the most frequent first."""
    if not comment_ids:
        return {}
    rows = await tx.exec(
        select(ReportRow.comment_id, ReportRow.reason, ReportRow.detail)
        .where(col(ReportRow.comment_id).in_(sorted(set(comment_ids))))
        .order_by(col(ReportRow.created_at))
    )
    grouped: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for comment_id, reason, detail in rows:
        grouped[comment_id][reason].append(detail)
    return {
        comment_id: [
            ReportCount(reason, len(details), tuple(detail for detail in details if detail)[:_DETAILS])
            for reason, details in sorted(reasons.items(), key=lambda item: -len(item[1]))
        ]
        for comment_id, reasons in grouped.items()
    }
