"""The log over HTTP: who did what, searched, and exported as JSON Lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, Field
from starlette.responses import StreamingResponse

from service import identity, record, sites
from service.identity import Staff
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.ids import parse_id
from service.moderation import names
from service.pages.views import View
from service.record import Actor, Entry, Filter
from service.record.canonical import canonical, spelled
from service.sites import Site, SiteUnknown
from service.web.input import PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation", tags=["log"])

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
Words = Annotated[Text | None, Query(min_length=1, max_length=200, description="In acts, subjects, details and notes")]
By = Annotated[Text | None, Query(max_length=254, description="An account's id or address")]
Act = Annotated[
    Text | None,
    Query(
        max_length=40,
        description="Only acts of this name: what was decided (`remove`, `undo`), or such as `sanction-imposed`,"
        " `role-given`, `settings-changed`, `queue-saved`, `import-begun`, `looked-at-person`",
        examples=["remove"],
    ),
]
About = Annotated[PublicId | None, Query(description="Only about this comment")]
Since = Annotated[AwareDatetime | None, Query(description="Only from this time on; RFC 3339, with its zone")]
Until = Annotated[AwareDatetime | None, Query(description="Only before this time; RFC 3339, with its zone")]
CursorText = Annotated[Text | None, Query(max_length=19, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100, description="Items on a page")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown, Invalid)
_BATCH = 500


class EntryView(View):
    """One act on record. A decision has `comment`, `version`, `reason` and both states, other acts have `detail`."""

    id: str
    seq: int = Field(description="Its number in the site's chain")
    at: datetime
    by: str = Field(description="Who did it, by name")
    account: str | None = Field(description="Whose account; null for the terminal and the service itself")
    action: str = Field(examples=["remove", "sanction-imposed", "role-given", "looked-at-person"])
    subject: str = Field(examples=["comment:1734301234567890123"])
    section: str | None = None
    reason: str = ""
    note: str = Field(default="", description="Empty when there was none, and when it has been erased")
    comment: str | None = None
    decision: str | None = None
    version: int | None = Field(default=None, description="The comment's version that was decided about")
    state_before: str | None = None
    state_after: str | None = None
    detail: dict[str, Any]
    words: dict[str, Any] | None = Field(description="What may be erased one day, such as notes and addresses of staff")
    hash: str = Field(description="SHA-256 over the hash of the entry before and this one")


class LogView(View):
    """Acts, newest first."""

    items: list[EntryView]
    next_cursor: str | None = None


@router.get("/log", responses=raises(*_SHARED))
async def get_log(
    response: Response,
    parts: AllParts,
    who: Moderator,
    site: SiteName,
    q: Words = None,
    by: By = None,
    action: Act = None,
    comment: About = None,
    since: Since = None,
    until: Until = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> LogView:
    """Everything people with authority did at a site, newest first."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await _site(parts, who, site)
    wanted = Filter(
        text=q,
        actor=await _account(parts, by) if by else None,
        act=action,
        subject=f"comment:{number(comment)}" if comment is not None else None,
        since=since,
        until=until,
        sections=who.sections_at(found.id),
    )
    before = parse_id(cursor, field="cursor") if cursor else None
    items = await parts.db.read(record.entries, found.id, wanted, before=before, limit=limit + 1)
    known = await parts.db.read(_names, found, items)
    return LogView(
        items=[_view(entry, known) for entry in items[:limit]],
        next_cursor=str(items[limit - 1].seq) if len(items) > limit else None,
    )


@router.get(
    "/log.jsonl",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {}}}, **raises(*_SHARED)},
)
async def get_log_lines(parts: AllParts, who: Moderator, site: SiteName) -> Response:
    """The whole chain as JSON Lines, the oldest first, as it was hashed; for owners. That it was taken is on record."""
    found = await _site(parts, who, site)
    if not who.owns(found.id):
        raise Forbidden
    await parts.db.transact(_note_export, found, who)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{found.name}-log.jsonl"',
    }
    return StreamingResponse(_lines(parts.db, found), media_type="application/jsonl", headers=headers)


async def _site(parts: Parts, who: Staff, name: str) -> Site:
    found = await parts.db.read(sites.by_name, name)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    return found


async def _account(parts: Parts, by: str) -> int:
    """The number of an account; of one there is not, a number nobody has."""
    if "@" not in by:
        return parse_id(by, field="by")
    known = await parts.db.read(identity.account_by_email, by)
    return known.id if known else -1


async def _names(tx: ReadTx, site: Site, items: Sequence[Entry]) -> dict[int, str]:
    return await names(tx, site.id, {entry.actor.id for entry in items if entry.actor.kind == "account"})


def _view(entry: Entry, known: Mapping[int, str]) -> EntryView:
    words, comment = entry.words or {}, entry.number("comment")
    by = {"terminal": "The server's terminal", "system": "Parley"}
    return EntryView(
        id=str(entry.id),
        seq=entry.seq,
        at=entry.at,
        by=by.get(entry.actor.kind) or known.get(entry.actor.id, "Somebody"),
        account=str(entry.actor.id) if entry.actor.kind == "account" else None,
        action=entry.act,
        subject=entry.subject,
        section=entry.section,
        reason=entry.detail.get("reason", ""),
        note=words.get("note", ""),
        comment=str(comment) if comment is not None else None,
        decision=entry.detail.get("decision"),
        version=entry.detail.get("version"),
        state_before=entry.detail.get("state_before"),
        state_after=entry.detail.get("state_after"),
        detail=entry.detail,
        words=entry.words,
        hash=entry.hash,
    )


async def _note_export(tx: WriteTx, site: Site, who: Staff) -> None:
    await record.append(tx, site.id, Actor.account(who.account.id), "exported", "log")


async def _lines(db: Database, site: Site) -> AsyncIterator[str]:
    """Batch by batch, each in a read of its own: a slow client holds no connection."""
    after = 0
    while batch := await db.read(record.lines, site.id, after, _BATCH):
        yield "".join(f"{_line(entry)}\n" for entry in batch)
        after = batch[-1].seq


def _line(entry: Entry) -> str:
    """What was hashed, with the hash; `detail` is the very text, so that anybody can check it."""
    return canonical(
        {
            "v": 1,
            "chain": str(entry.chain),
            "seq": entry.seq,
            "id": str(entry.id),
            "at": spelled(entry.at),
            "actor": f"{entry.actor.kind}:{entry.actor.id}",
            "act": entry.act,
            "subject": entry.subject,
            "section": entry.section,
            "detail": entry.detail_text,
            "sealed": entry.sealed,
            "words": entry.words,
            "previous": entry.previous,
            "hash": entry.hash,
        }
    )
