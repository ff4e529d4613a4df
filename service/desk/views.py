"""The shapes of what the desk lays out, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from service.desk.authors import AuthorRecord, Note
from service.moderation import PastDecision
from service.pages.views import CommentsView, CommentView, StatementView, View
from service.sanctions import Kind, Sanction, Target


class TargetView(View):
    """Whom a sanction concerns."""

    type: Target
    value: str = Field(description="A person's id, the pseudonym of an address, or a host")


class SanctionView(View):
    """A sanction, in force or over."""

    id: str
    kind: Kind
    target: TargetView
    person: str | None = Field(description="Whom it was meant for, where that is known")
    comment: str | None
    by: str
    reason: str
    title: str
    note: str
    slow_seconds: int | None
    created_at: datetime
    until: datetime | None
    lifted_at: datetime | None
    is_active: bool


class NoteView(View):
    """What a moderator noted about an author."""

    id: str
    by: str
    text: str
    created_at: datetime


class PastDecisionView(View):
    """A decision made before."""

    id: str
    comment: str
    at: datetime
    by: str
    action: str
    reason: str
    note: str
    version: int
    state_before: str
    state_after: str
    undoes: str | None
    is_undone: bool


class StaffCommentView(CommentView):
    """A comment as moderators see it: its text whatever became of it, and what that was."""

    moderation_state: str = Field(examples=["removed"])


# The base class names it before it is defined; here it is.
StaffCommentView.model_rebuild(_types_namespace={"CommentsView": CommentsView})


class AuthorRecordView(View):
    """What is known of an author at a site."""

    person: str
    name: str
    kind: str
    mark: str | None
    since: datetime
    counts: dict[str, int] = Field(description="Comments by state")
    approved: float | None = Field(description="Share of published ones among those published or taken down, 0 to 1")
    reported: float | None = Field(description="Share of the last 200 comments that readers reported, 0 to 1")
    last: list[StaffCommentView]
    sanctions: list[SanctionView]
    notes: list[NoteView]
    decisions: list[PastDecisionView]


class ArticleView(View):
    """What is discussed."""

    thread: str
    url: str
    title: str | None
    section: str
    state: str
    comment_count: int


class BranchView(View):
    """Where a comment hangs."""

    ancestors: list[StaffCommentView] = Field(description="From the top down")
    goes_on_above: bool
    siblings: list[StaffCommentView] = Field(description="The newest others below the same comment")


class CaseSignalView(View):
    """What screening or readers noticed."""

    name: str
    score: float
    reason: str
    version: int


class CaseReportView(View):
    """Readers' reports of one reason."""

    reason: str
    count: int
    details: list[str]


class RevisionView(View):
    """What a version of a comment said, from `at` on."""

    version: int
    body: str
    html: str
    at: datetime


class AppealView(View):
    """The author's word against a decision."""

    text: str
    state: str
    answer: str
    created_at: datetime
    decided_at: datetime | None


class CaseHeadView(View):
    """The case itself."""

    id: str
    site: str
    reason: str
    state: str
    severity: float
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None


class CaseContextView(View):
    """A case with everything around it."""

    case: CaseHeadView
    comment: StaffCommentView
    article: ArticleView
    branch: BranchView
    author: AuthorRecordView | None
    signals: list[CaseSignalView]
    reports: list[CaseReportView]
    decisions: list[PastDecisionView]
    revisions: list[RevisionView] = Field(description="The texts over time, the present one last")
    statement: StatementView | None
    appeal: AppealView | None


def sanction_view(sanction: Sanction, names: Mapping[int, str]) -> SanctionView:
    """A sanction, with the name of who imposed it."""
    return SanctionView.model_validate(
        {
            "id": str(sanction.id),
            "kind": sanction.kind,
            "target": {"type": sanction.target_type, "value": sanction.target},
            "person": str(sanction.person_id) if sanction.person_id else None,
            "comment": str(sanction.comment_id) if sanction.comment_id else None,
            "by": names.get(sanction.account_id, "Somebody"),
            "reason": sanction.reason,
            "title": sanction.title,
            "note": sanction.note,
            "slow_seconds": sanction.slow_seconds,
            "created_at": sanction.created_at,
            "until": sanction.until,
            "lifted_at": sanction.lifted_at,
            "is_active": sanction.is_active,
        }
    )


def note_view(note: Note) -> NoteView:
    """A note."""
    return NoteView(id=str(note.id), by=note.by, text=note.text, created_at=note.created_at)


def decision_view(made: PastDecision) -> PastDecisionView:
    """A decision made before."""
    return PastDecisionView(
        id=str(made.id),
        comment=str(made.comment_id),
        at=made.at,
        by=made.by,
        action=made.action,
        reason=made.reason,
        note=made.note,
        version=made.version,
        state_before=made.state_before,
        state_after=made.state_after,
        undoes=str(made.undoes) if made.undoes else None,
        is_undone=made.is_undone,
    )


def record_view(known: AuthorRecord, names: Mapping[int, str], last: list[StaffCommentView]) -> AuthorRecordView:
    """An author's record; `last` are their comments, as staff sees them."""
    return AuthorRecordView(
        person=str(known.person.id),
        name=known.person.name,
        kind=known.person.kind,
        mark=known.person.mark,
        since=known.person.created_at,
        counts=dict(known.counts),
        approved=known.approved,
        reported=known.reported,
        last=last,
        sanctions=[sanction_view(each, names) for each in known.sanctions],
        notes=[note_view(each) for each in known.notes],
        decisions=[decision_view(each) for each in known.decisions],
    )
