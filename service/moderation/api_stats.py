"""Moderation in numbers over HTTP, as JSON and as CSV."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from service.identity import Staff
from service.kit import clock
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.moderation.access import sections_of
from service.moderation.figures import Agreement
from service.moderation.spreadsheet import as_csv
from service.moderation.stats import Pace, PeriodTooLong, Stats, stats
from service.pages.views import View
from service.sites import SiteUnknown
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import SiteName, private, site_named
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation", tags=["moderation"])
_REFUSALS = (SignInNeeded, Forbidden, SiteUnknown, Invalid, PeriodTooLong)
_USUAL = timedelta(days=27)

_Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2130, 1, 1))]
First = Annotated[_Day | None, Query(alias="from", description="The first day, in UTC; four weeks before the last")]
Last = Annotated[_Day | None, Query(alias="to", description="The last day, in UTC; today")]


class DayView(View):
    """One day in numbers."""

    day: date
    comments: int | None = Field(description="Written that day; null for who sees some sections only")
    cases: dict[str, int] = Field(description="Opened that day, by reason; `held` are the holds")
    approvals: int = Field(description="Approved or restored")
    rejections: int = Field(description="Rejected, removed or marked as spam")
    other: int = Field(description="Decisions of other kinds, such as undoing")


class PaceView(View):
    """How many decisions, and how long the cases waited; right to within a tenth."""

    key: str = Field(description="A queue's id, a section's name, or an account's id")
    name: str
    decisions: int
    median_seconds: int | None = Field(description="Half of the cases waited no longer; null when no case was decided")
    p90_seconds: int | None = Field(description="Nine of ten cases waited no longer")


class AgreementView(View):
    """How far second looks agree with first decisions, on whether the text may stay."""

    key: str = Field(description="The account that decided first; `all` for everybody")
    name: str
    looked_at: int
    share: float | None = Field(description="0 to 1; null without second looks")
    kappa: float | None = Field(description="Cohen's kappa: 1 perfect, 0 no better than chance; null: no telling")


class StatsView(View):
    """The figures of a period."""

    first: date
    last: date
    days: list[DayView]
    queues: list[PaceView]
    sections: list[PaceView]
    moderators: list[PaceView]
    reasons: dict[str, int] = Field(description="Decisions by reason code")
    agreement: AgreementView
    agreement_by_moderator: list[AgreementView]


@router.get("/stats", responses=raises(*_REFUSALS))
async def get_stats(
    response: Response,
    parts: AllParts,
    who: Moderator,
    site: SiteName,
    first: First = None,
    last: Last = None,
    by: Annotated[Literal["day"], Query(description="The step of the series")] = "day",  # noqa: ARG001  # room for more
) -> StatsView:
    """Comments, cases, decisions, times in queue, reasons and agreement on second looks; at most 92 days."""
    private(response)
    start, end, figures = await _figures(parts, who, site, first, last)
    called = {pace.key: pace.name for pace in figures.moderators}
    return StatsView(
        first=start,
        last=end,
        days=[DayView.model_validate(vars(day)) for day in figures.days],
        queues=_paces(figures.queues),
        sections=_paces(figures.sections),
        moderators=_paces(figures.moderators),
        reasons=figures.reasons,
        agreement=_agreement("all", "all", figures.agreement),
        agreement_by_moderator=[
            _agreement(key, called.get(key, key), one) for key, one in sorted(figures.agreement_by.items())
        ],
    )


@router.get(
    "/stats.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **raises(*_REFUSALS)},
)
async def get_stats_csv(
    parts: AllParts, who: Moderator, site: SiteName, first: First = None, last: Last = None
) -> Response:
    """The same figures as a table for spreadsheets, one value a line; no cell is a formula."""
    start, end, figures = await _figures(parts, who, site, first, last)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="moderation-{start}-{end}.csv"',
    }
    return Response(as_csv(figures), headers=headers, media_type="text/csv; charset=utf-8")


async def _figures(
    parts: Parts, who: Staff, site: str, first: date | None, last: date | None
) -> tuple[date, date, Stats]:
    found = await site_named(parts, who, site)
    end = last or max(clock.now().date(), first or date.min)
    start = first or end - _USUAL
    return start, end, await parts.db.read(stats, found.id, start, end, sections_of(who, found.id))


def _paces(paces: list[Pace]) -> list[PaceView]:
    return [
        PaceView(
            key=pace.key,
            name=pace.name,
            decisions=pace.decisions,
            median_seconds=pace.median,
            p90_seconds=pace.p90,
        )
        for pace in paces
    ]


def _agreement(key: str, name: str, one: Agreement) -> AgreementView:
    return AgreementView(key=key, name=name, looked_at=one.looked_at, share=one.share, kappa=one.kappa)
