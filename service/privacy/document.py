"""Everything held about a person, as one document (docs/privacy.md describes its form). Nothing in it is of others.

Read batch by batch, each in a read of its own, so that somebody with a hundred thousand comments holds up nobody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from service import (
    comments,
    identity,
    mailing,
    moderation,
    readers,
    redress,
    sanctions,
    sites,
    threads,
    votes,
)
from service.comments import Comment
from service.identity import Person
from service.kit import clock
from service.kit.db import Database, ReadTx
from service.kit.seal import Keeper
from service.privacy import erasures, own
from service.redress import Appeal, Statement
from service.sanctions import Sanction

FORM = "parley-person/1"
_BATCH = 200


async def document(db: Database, keeper: Keeper, person: Person) -> dict[str, Any]:
    """The document as JSON has it: ids are strings, times RFC 3339 in UTC."""
    site = await db.read(sites.by_id, person.site_id)
    return {
        "form": FORM,
        "made_at": _at(clock.now()),
        "site": {"name": site.name, "title": site.title},
        "person": {
            "id": str(person.id),
            "name": person.name,
            "email": await db.read(identity.email, keeper, person.id),
            "kind": person.kind,
            "mark": person.mark,
            **await db.read(identity.pictured, person.id),
            "since": _at(person.created_at),
        },
        "comments": await _all(db, _comments, person),
        "votes": await _all(db, _votes, person),
        "reports": await _all(db, _reports, person),
        **await db.read(_redress, person),
        "sanctions": await db.read(_sanctions, person),
        "sessions": await db.read(_sessions, person),
        "account": _dated(await db.read(readers.held, keeper, person)),
        "mail": await db.read(mailing.held, keeper, person.id),
        "erasure": await db.read(_erasure, person),
    }


def state_told(state: str) -> str:
    """A comment's state as its author is told it: a shadow is not told while it lasts, nor by which word it went."""
    if state in {"published", "shadowed"}:
        return "published"
    return comments.gone_reason(state)


def is_told(sanction: Sanction) -> bool:
    """Whether a person is told of a sanction: of a shadow when it is over."""
    return sanction.kind != "shadow" or not sanction.is_active


_Batch = Callable[[ReadTx, Person, int | None], Awaitable[tuple[list[dict[str, Any]], int | None]]]


async def _all(db: Database, batch: _Batch, person: Person) -> list[dict[str, Any]]:
    found, before = await db.read(batch, person, None)
    while before is not None:
        more, before = await db.read(batch, person, before)
        found += more
    return found


async def _comments(tx: ReadTx, person: Person, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
    some = await comments.owned(tx, person.id, before=before, limit=_BATCH)
    about = await threads.get_many(tx, [each.thread_id for each in some])
    found = [await _comment(tx, each, about[each.thread_id]) for each in some]
    return found, some[-1].id if len(some) == _BATCH else None


async def _comment(tx: ReadTx, comment: Comment, thread: threads.Thread) -> dict[str, Any]:
    earlier = await comments.revisions(tx, comment.id) if comment.edited_at else []
    return {
        "id": str(comment.id),
        "page": {"url": thread.url, "title": thread.title},
        "thread": str(comment.thread_id),
        "parent": str(comment.parent_id) if comment.parent_id else None,
        "state": state_told(comment.state),
        "body": comment.body or "",
        "body_format": "markdown" if comment.is_markdown else "html",
        "created_at": _at(comment.created_at),
        "edited_at": _at(comment.edited_at),
        "up": comment.up,
        "down": comment.down,
        "featured": comment.featured,
        "pinned": comment.pinned,
        "has_address": await comments.address_of(tx, comment.id) is not None,
        "earlier": [{"version": it.version, "body": it.body, "from": _at(it.at)} for it in earlier],
    }


async def _votes(tx: ReadTx, person: Person, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
    some = await votes.owned(tx, person.id, before=before, limit=_BATCH)
    found = [{"comment": str(it.comment_id), "value": it.value, "at": _at(it.created_at)} for it in some]
    return found, some[-1].comment_id if len(some) == _BATCH else None


async def _reports(tx: ReadTx, person: Person, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
    some = await moderation.reported_by(tx, person.id, before=before, limit=_BATCH)
    found = [
        {"comment": str(it.comment_id), "reason": it.reason, "detail": it.detail, "at": _at(it.created_at)}
        for it in some
    ]
    return found, some[-1].comment_id if len(some) == _BATCH else None


async def _redress(tx: ReadTx, person: Person) -> dict[str, Any]:
    told, after = await redress.told_to(tx, person.id, limit=_BATCH)
    while after:
        more, after = await redress.told_to(tx, person.id, after=after, limit=_BATCH)
        told += more
    said: list[Appeal] = []
    while some := await redress.appeals_by(tx, person.id, after=said[-1].id if said else 0, limit=_BATCH):
        said += some
    return {"statements": [_statement(each) for each in told], "appeals": [_appeal(each) for each in said]}


def _statement(said: Statement) -> dict[str, Any]:
    return {
        "comment": str(said.comment_id) if said.comment_id else None,
        "restriction": said.restriction,
        "reason": said.reason,
        "title": said.title,
        "rule": said.rule,
        "ground": said.ground,
        "facts": said.facts,
        "note": said.note,
        "automated_decision": said.automated_decision,
        "created_at": _at(said.created_at),
        "ends_at": _at(said.ends_at),
        "withdrawn_at": _at(said.withdrawn_at),
    }


def _appeal(said: Appeal) -> dict[str, Any]:
    return {
        "comment": str(said.comment_id),
        "text": said.text,
        "state": said.state,
        "answer": said.answer,
        "created_at": _at(said.created_at),
        "decided_at": _at(said.decided_at),
    }


async def _sanctions(tx: ReadTx, person: Person) -> list[dict[str, Any]]:
    return [_sanction(each) for each in await sanctions.of_person(tx, person.id, 1_000) if is_told(each)]


def _sanction(each: Sanction) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "reason": each.reason,
        "title": each.title,
        "created_at": _at(each.created_at),
        "until": _at(each.until),
        "lifted_at": _at(each.lifted_at),
    }


async def _sessions(tx: ReadTx, person: Person) -> list[dict[str, Any]]:
    found: Sequence[own.OwnSession] = await own.sessions_of(tx, person.id)
    return [{"created_at": _at(each.created_at), "expires_at": _at(each.expires_at)} for each in found]


async def _erasure(tx: ReadTx, person: Person) -> dict[str, Any] | None:
    found = await erasures.open_of(tx, person.id)
    return {"asked_at": _at(found.asked_at), "due_at": _at(found.due_at)} if found else None


def _dated(held: Any) -> Any:
    """The same with times as the document writes them."""
    if isinstance(held, dict):
        return {name: _dated(value) for name, value in held.items()}
    if isinstance(held, list):
        return [_dated(each) for each in held]
    return _at(held) if isinstance(held, datetime) else held


def _at(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at is not None else None
