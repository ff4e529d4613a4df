"""A case as staff gets it over HTTP: the comment with what is needed to decide."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from pydantic import Field

from service.moderation.cases import Reason
from service.moderation.desk import DeskCase
from service.moderation.goals import Level
from service.pages.views import CommentView, View
from service.reading import comment_view


class SignalView(View):
    """What screening or readers noticed."""

    name: str = Field(examples=["links"])
    score: float = Field(description="0 to 1")
    reason: str = Field(description="In words")
    span: tuple[int, int] | None = Field(default=None, description="Where, in the plain text of that version")
    version: int = Field(description="The comment's version it was noticed in")


class ReportsView(View):
    """Readers' reports of one reason."""

    reason: str
    count: int
    details: list[str] = Field(description="What some of them wrote")


class PartView(View):
    """One part of a priority."""

    name: str = Field(examples=["severity"])
    words: str
    value: float


class PriorityView(View):
    """Why a case stands where it does."""

    due_at: datetime
    level: Level
    parts: list[PartView] = Field(description="How it was reckoned, in order")


class CaseView(View):
    """A comment that needs a person, with what is needed to decide."""

    id: str
    comment: CommentView = Field(description="With its text, whatever its state")
    parent: CommentView | None = Field(description="The comment it answers")
    url: str = Field(description="The article")
    title: str | None
    reason: Reason = Field(description="`sampled` is a blind second look: what was decided first is not told")
    section: str = Field(description="Of the article; empty when it has none")
    language: str = Field(description="Guessed, as a BCP 47 tag; `und` when it cannot be told")
    signals: list[SignalView]
    reports: list[ReportsView]
    record: dict[str, int] = Field(description="The author's comments at this site, by state")
    severity: float = Field(description="0 to 1, from the signals")
    priority: PriorityView
    opened_at: datetime
    due_at: datetime = Field(description="The queue's order: when it was opened, plus the site's goal")
    held_by: str | None = Field(default=None, description="Who has claimed it")


def case_view(item: DeskCase, held_by: str | None) -> CaseView:
    """A case of the desk; `held_by` is the name of who has claimed it."""
    case = item.case
    return CaseView(
        id=str(case.id),
        comment=_comment(item),
        parent=comment_view(item.parent, item.parent_author, for_staff=True) if item.parent else None,
        url=item.thread.url,
        title=item.thread.title,
        reason=cast("Reason", case.reason),
        section=case.section,
        language=case.language,
        signals=[
            SignalView(name=s.name, score=s.score, reason=s.reason, span=s.span, version=s.version)
            for s in case.signals
        ],
        reports=[ReportsView(reason=r.reason, count=r.count, details=list(r.details)) for r in item.reports],
        record=item.record,
        severity=case.severity,
        priority=PriorityView(
            due_at=case.due_at,
            level=case.level,
            parts=[PartView(name=part.name, words=part.words, value=part.value) for part in case.parts],
        ),
        opened_at=case.opened_at,
        due_at=case.due_at,
        held_by=held_by,
    )


def _comment(item: DeskCase) -> CommentView:
    seen = comment_view(item.comment, item.author, for_staff=True)
    # A second look is blind: where the comment stands would tell what the first one decided.
    return seen.model_copy(update={"state": "held"}) if item.case.reason == "sampled" else seen
