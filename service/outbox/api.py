"""The outbox over HTTP, for those who run the platform: what waits, what was given up, setting it going again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from service import outbox, record
from service.identity import Staff
from service.kit.db import WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.ids import parse_id
from service.pages.views import View
from service.record import Actor
from service.web.input import Body, PublicId, number
from service.web.problem import raises
from service.web.team import CursorText, Limit, private
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/outbox", tags=["operations"])

_SHARED = (SignInNeeded, Forbidden, Invalid)


class DeadFactView(View):
    """Something that happened and whose consequences failed until they were given up."""

    id: str
    kind: str = Field(examples=["CommentPosted"])
    payload: dict[str, Any] = Field(description="Ids and versions, never text")
    attempts: int
    last_error: str
    created_at: datetime


class OutboxView(View):
    """What waits, and what was given up, newest first."""

    waiting: int = Field(description="10,000 at most are counted")
    oldest: datetime | None = Field(description="Since when the oldest one waits")
    dead: int
    items: list[DeadFactView]
    next_cursor: str | None = None


class RedriveBody(Body):
    """Which ones."""

    facts: Annotated[list[PublicId], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Null: the oldest thousand"
    )


class RedrivenView(View):
    """How many are handed on again."""

    count: int


@router.get("", responses=raises(*_SHARED))
async def get_outbox(
    response: Response, parts: AllParts, who: Moderator, cursor: CursorText = None, limit: Limit = 25
) -> OutboxView:
    """How it stands with what follows from what happened."""
    private(response)
    _refuse_others(who)
    before = parse_id(cursor, field="cursor") if cursor else None
    figures = await parts.db.read(outbox.figures)
    found = await parts.db.read(outbox.dead, before, limit + 1)
    return OutboxView(
        waiting=figures.waiting,
        oldest=figures.oldest,
        dead=figures.dead,
        items=[DeadFactView.model_validate({**vars(fact), "id": str(fact.id)}) for fact in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("/retry", responses=raises(*_SHARED))
async def post_retry(wanted: RedriveBody, parts: AllParts, who: Moderator) -> RedrivenView:
    """Let what was given up be handed on again; harmless, for what follows is safe to repeat."""
    _refuse_others(who)
    facts = [number(each) for each in wanted.facts] if wanted.facts is not None else None

    async def redrive(tx: WriteTx) -> int:
        count = await outbox.redrive(tx, facts)
        by = Actor.account(who.account.id)
        await record.append(tx, record.PLATFORM, by, "outbox-redriven", "outbox", {"count": count})
        return count

    count = await parts.db.transact(redrive)
    parts.relay.poke()
    return RedrivenView(count=count)


def _refuse_others(who: Staff) -> None:
    if not who.is_admin:
        raise Forbidden("Only who runs the platform may do this.")
