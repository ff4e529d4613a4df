"""From a comment that everybody can read to notes of whom to tell: all that the outbox has to wait for.

The fact is written in the transaction that publishes the comment, so nothing is told of what is held, and what a
moderator approves later is told then. Whether it can still be read is asked again when the mail is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, insert, literal, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from service import comments, identity, threads
from service.comments import Comment, CommentPosted, CommentUnknown
from service.kit import clock, finding, text
from service.kit.columns import UTCDateTime
from service.kit.db import Database, ReadTx, WriteTx
from service.mailing import addresses
from service.mailing.rules import GATHER, next_digest, rules_of
from service.mailing.tables import MailAddressRow, MailNoticeRow, SubscriptionRow
from service.sites import Directory, Site, SiteUnknown

LOOKED_AT = 500  # newest comments of a thread, for who takes part in it
# What is brought along or was held for long is no news.
_NEWS = timedelta(days=30)
_READY = ("waiting", "confirmed")


class Noticing:
    """The reaction to a comment that was published."""

    def __init__(self, db: Database, sites: Directory) -> None:
        self._db = db
        self._sites = sites

    async def on_posted(self, fact: CommentPosted) -> None:
        """Note who is to be told of it. Twice is the same as once."""
        try:
            site = await self._sites.by_id(fact.site)
        except SiteUnknown:
            return
        # Nobody waits for the writer where nobody is to be told, which is nearly always.
        if rules_of(site).enabled and await self._db.read(_is_for_anybody, fact.comment):
            await self._db.transact(_note, site, fact.comment)


async def _is_for_anybody(tx: ReadTx, comment_id: int) -> bool:
    found = await _news(tx, comment_id)
    if found is None:
        return False
    if await _asked_for(tx, found):
        return True
    return (await tx.exec(_following(found, await _ids_of(tx, found)).limit(1))).first() is not None


async def _note(tx: WriteTx, site: Site, comment_id: int) -> None:
    comment = await _news(tx, comment_id)
    if comment is None:
        return
    now = clock.now()
    told = await _asked_for(tx, comment)
    known = select(MailNoticeRow.person_id).where(MailNoticeRow.comment_id == comment.id)
    before = set(await tx.exec(known.where(col(MailNoticeRow.person_id).in_(list(told))))) if told else set()
    made = [person for person in told if person not in before]
    tx.add_all(
        MailNoticeRow(person_id=each, comment_id=comment.id, site_id=site.id, why=told[each], created_at=now)
        for each in made
    )
    await tx.flush()
    threads_meant = await _ids_of(tx, comment)
    followers = _following(comment, threads_meant).where(col(SubscriptionRow.person_id).not_in(known))
    some = followers.distinct().subquery()
    columns = ("person_id", "comment_id", "site_id", "why", "created_at")
    values = (some.c.person_id, literal(comment.id), literal(site.id), literal("thread"), literal(now, UTCDateTime()))
    table = MailNoticeRow.metadata.tables[str(MailNoticeRow.__tablename__)]
    connection = await tx.connection()
    await connection.execute(insert(table).from_select(columns, select_columns(*values)))
    # Those told of this one, in one statement, however many follow the discussion.
    await addresses.note_due(tx, known, now + GATHER, next_digest(site, now))


async def _news(tx: ReadTx, comment_id: int) -> Comment | None:
    """The comment, if it can be read and is news."""
    try:
        comment = await comments.get(tx, comment_id)
    except CommentUnknown:
        return None
    is_news = comment.is_published and comment.created_at > clock.now() - _NEWS
    return comment if is_news else None


async def _asked_for(tx: ReadTx, comment: Comment) -> dict[int, str]:
    """Whom it answers or names, of those who asked to be told; a person with why, the nearest reason."""
    meant = await _mentioned(tx, comment)
    parent = await _parent(tx, comment)
    if parent is not None and await _wants(tx, [parent], "replies", comment):
        meant[parent] = "replies"
    meant.pop(comment.person_id or 0, None)
    return meant


async def _parent(tx: ReadTx, comment: Comment) -> int | None:
    if comment.parent_id is None:
        return None
    found = (await comments.get_many(tx, [comment.parent_id])).get(comment.parent_id)
    return found.person_id if found is not None else None


async def _mentioned(tx: ReadTx, comment: Comment) -> dict[int, str]:
    """People who take part in the discussion, want to hear of it, and whose name stands behind an `@`."""
    plain = finding.folded(text.plain(comment.html or ""))
    if "@" not in plain:
        return {}
    present = await comments.authors_in_thread(tx, comment.thread_id, LOOKED_AT)
    asking = await _wants(tx, present, "mentions", comment)
    people = await identity.people(tx, sorted(asking))
    return {each: "mentions" for each in asking if each in people and is_named(people[each].name, plain)}


def is_named(name: str, folded: str) -> bool:
    """Whether a text, folded, has `@` and this whole name."""
    wanted = finding.folded(name.strip())
    return bool(wanted) and re.search(rf"(?<!\w)@{re.escape(wanted)}(?!\w)", folded) is not None


async def _wants(tx: ReadTx, people: Iterable[int], kind: str, comment: Comment) -> set[int]:
    """Those of these people who asked for this kind of news, here or everywhere."""
    query = select(SubscriptionRow.person_id).where(
        col(SubscriptionRow.person_id).in_(list(people)),
        SubscriptionRow.kind == kind,
        or_(
            col(SubscriptionRow.thread_id).is_(None),
            col(SubscriptionRow.thread_id).in_(await _ids_of(tx, comment)),
        ),
        col(SubscriptionRow.ended_at).is_(None),
        _may_be_told(),
    )
    return set(await tx.exec(query))


def _following(comment: Comment, thread_ids: list[int]) -> SelectOfScalar[int]:
    """Who follows the whole discussion, its author left out."""
    return select(SubscriptionRow.person_id).where(
        col(SubscriptionRow.thread_id).in_(thread_ids),
        SubscriptionRow.kind == "thread",
        col(SubscriptionRow.ended_at).is_(None),
        SubscriptionRow.person_id != comment.person_id,
        _may_be_told(),
    )


def _may_be_told() -> ColumnElement[bool]:
    # What happens before an address is confirmed is told when it is.
    known = select(MailAddressRow.person_id).where(
        MailAddressRow.person_id == SubscriptionRow.person_id, col(MailAddressRow.state).in_(_READY)
    )
    return known.exists()


async def _ids_of(tx: ReadTx, comment: Comment) -> list[int]:
    """The discussion, and those that were merged into it: who followed one of them follows this one."""
    return [comment.thread_id, *await threads.merged_into(tx, comment.thread_id)]
