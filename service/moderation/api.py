"""Moderation over HTTP, as JSON: decide. Looking is in api_queues, claiming in api_claims, the record elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, Field

from service import moderation
from service.kit import clock, text
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.pages.views import View
from service.sanctions import Kind
from service.web.input import Body, PublicId, Text, number
from service.web.problem import Problem, raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation", tags=["moderation"])


class DecisionItem(Body):
    """One comment, and what was seen of it."""

    comment: PublicId
    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="The comment's version that was seen")
    claim: Text | None = Field(default=None, max_length=120, description="Or the token of the claim")


class SanctionOfDecision(Body):
    """A sanction imposed with each decision, on whoever wrote the comment, for the decision's reason."""

    kind: Kind
    scope: Literal["person", "address"] = Field(default="person", description="The author, or their address")
    hours: int | None = Field(default=None, ge=1, le=87_600, description="How long; or say `until`")
    until: AwareDatetime | None = None
    slow_seconds: int | None = Field(default=None, ge=1, le=86_400, description="For slow mode: between two comments")


class DecisionBody(Body):
    """A decision about one or more comments; each is made and answered by itself."""

    items: list[DecisionItem] = Field(min_length=1, max_length=100)
    action: moderation.Action
    reason: Text = Field(default="", max_length=40, description="A code of the site's own list")
    note: Text = Field(default="", max_length=1_000, description="To the author, in the statement of reasons")
    sanction: SanctionOfDecision | None = None


class UndoBody(Body):
    """Why a decision is taken back."""

    note: Text = Field(default="", max_length=1_000)


class UndoneView(View):
    """A decision that took another back."""

    decision: str
    undoes: str
    comment: str
    state: str
    version: int = Field(description="The comment's version now")


class DecidedView(View):
    """What became of one item: a decision, or the problem that kept it from being made."""

    comment: str
    decision: str | None = Field(default=None, description="Id of the decision")
    state: str | None = Field(default=None, description="The comment's state afterwards")
    second_look: Literal["agrees", "differs"] | None = Field(
        default=None, description="The case was a second look: counted against the first decision, which stands"
    )
    is_repeat: bool = Field(default=False, description="The same decision had been made before, by the same person")
    problem: Problem | None = None


class DecidedListView(View):
    """One answer per item, in the order asked."""

    items: list[DecidedView]


@router.post("/decisions", responses=raises(SignInNeeded, Forbidden, Invalid))
async def post_decisions(new: DecisionBody, parts: AllParts, who: Moderator) -> DecidedListView:
    """Decide. One item that is refused does not keep the others from being done; each says what became of it."""
    items = [moderation.Item(number(item.comment), item.version, item.claim) for item in new.items]
    note = text.clean_line(new.note, field="note", max_chars=1_000) if new.note.strip() else ""
    outcomes = await moderation.decide_each(
        parts.db,
        parts.queue,
        who,
        items,
        new.action,
        reason=new.reason.strip(),
        note=note,
        sanction=_sanction(new, note),
    )
    parts.relay.poke()
    return DecidedListView(items=[_decided(outcome) for outcome in outcomes])


@router.post(
    "/decisions/{decision}/undo",
    responses=raises(
        SignInNeeded,
        Forbidden,
        Invalid,
        moderation.DecisionUnknown,
        moderation.EditorNeeded,
        moderation.FourEyes,
        moderation.UndoImpossible,
        moderation.DecidedMeanwhile,
    ),
)
async def post_undo(
    decision: Annotated[PublicId, Path(description="A decision's id")],
    parts: AllParts,
    who: Moderator,
    new: UndoBody | None = None,
) -> UndoneView:
    """Take a decision back, with its statement, its sanction and its answer to an appeal; its case is open again."""
    words = new.note if new else ""
    note = text.clean_line(words, field="note", max_chars=1_000) if words.strip() else ""
    made = await parts.db.transact(moderation.undo, who, number(decision), note=note)
    parts.relay.poke()
    return UndoneView(
        decision=str(made.id),
        undoes=str(made.undoes),
        comment=str(made.comment_id),
        state=made.state_after,
        version=made.version + 1,
    )


def _sanction(new: DecisionBody, note: str) -> moderation.NewSanction | None:
    asked = new.sanction
    if asked is None:
        return None
    if asked.hours is not None and asked.until is not None:
        raise Invalid("say either `hours` or `until`", field="sanction.hours")
    until = clock.now() + timedelta(hours=asked.hours) if asked.hours is not None else asked.until
    return moderation.NewSanction(asked.kind, asked.scope, None, until, new.reason.strip(), note, asked.slow_seconds)


def _decided(outcome: moderation.Outcome) -> DecidedView:
    if (refusal := outcome.refusal) is not None:
        problem = Problem(
            type=f"/errors#{refusal.type}",
            title=refusal.title(),
            status=refusal.status,
            detail=refusal.detail,
            field=refusal.field,
            **refusal.more,
        )
        return DecidedView(comment=str(outcome.comment), problem=problem)
    made, look = outcome.decision, outcome.look
    return DecidedView(
        comment=str(outcome.comment),
        second_look=None if look is None else "agrees" if look.agrees else "differs",
        decision=str(made.id) if made else None,
        state=made.state_after if made else None,
        is_repeat=made.is_repeat if made else False,
    )
