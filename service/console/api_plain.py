"""The list of cases and the record, for those without a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from service import comments, identity, moderation, threads
from service.console.answers import html, notice, refused
from service.console.own import one_of, own_sites, site_views
from service.console.views import case_view, decision_view, user_view
from service.identity import Staff
from service.kit import clock, text
from service.kit.db import ReadTx
from service.kit.errors import Forbidden, Refused
from service.kit.ids import parse_id
from service.moderation import Case, Entry
from service.moderation.desk import DeskCase, held_by, lay_out
from service.pages import draw
from service.pages.console_views import ConsoleDecision, ConsoleLog, ConsoleNotice, ConsoleQueue, ConsoleSignIn
from service.sites import Site
from service.web.input import Text
from service.web.parts import Parts
from service.web.who import AllParts, Anyone, MaybeStaff

router = APIRouter(prefix="/console", tags=["console"], include_in_schema=False)

_PAGE = 25

SiteName = Annotated[Text | None, Query(max_length=50)]
CursorText = Annotated[Text | None, Query(max_length=60)]


@router.get("/plain")
async def get_queue(
    parts: AllParts,
    who: MaybeStaff,
    _: Anyone,
    site: SiteName = None,
    cursor: CursorText = None,
    done: Annotated[Text | None, Query(max_length=20)] = None,
    problem: Annotated[Text | None, Query(max_length=40)] = None,
) -> Response:
    """The list of cases without a script, or where to sign in."""
    if who is None:
        return html(draw.console_sign_in(ConsoleSignIn(), asset=parts.assets.url))
    if not who.is_moderator:
        return refused(parts, Forbidden("You have no role at any site any more."), who)
    try:
        view = await _queue(parts, who, site or None, cursor, notice(done, problem))
    except Refused as error:
        return refused(parts, error, who)
    return html(draw.console_queue(view, asset=parts.assets.url))


@router.get("/plain/log")
async def get_log(
    parts: AllParts, who: MaybeStaff, _: Anyone, site: SiteName = None, cursor: CursorText = None
) -> Response:
    """The record of decisions of one site."""
    if who is None or not who.is_moderator:
        return RedirectResponse("/console", status_code=303)
    own = await own_sites(parts, who)
    try:
        chosen = one_of(own, site) if site else own[0]
        after = parse_id(cursor, field="cursor") if cursor else None
        decisions, following = await parts.db.read(_log, who, chosen, after)
    except Refused as error:
        return refused(parts, error, who)
    view = ConsoleLog(
        user=user_view(who),
        now=clock.now(),
        sites=await site_views(parts, own),
        decisions=tuple(decisions),
        site=chosen.name,
        next_cursor=following,
    )
    return html(draw.console_log(view, asset=parts.assets.url))


async def _queue(
    parts: Parts, who: Staff, site: str | None, cursor: str | None, notice: ConsoleNotice | None
) -> ConsoleQueue:
    own = await own_sites(parts, who)
    chosen = [one_of(own, site)] if site else own
    after = moderation.Place.read(cursor) if cursor else None
    cases, desk = await parts.db.read(_cases, [known.id for known in chosen], after)
    by_id = {known.id: known for known in own}
    held = {
        case: who_holds
        for known in chosen
        for case, who_holds in (await held_by(parts.db, parts.queue, known.id)).items()
    }
    return ConsoleQueue(
        user=user_view(who),
        now=clock.now(),
        sites=await site_views(parts, own),
        cases=tuple(
            case_view(item, by_id[item.case.site_id], who, held)
            for item in desk
            if who.may_moderate(item.case.site_id, item.thread.section)
        ),
        site=site,
        next_cursor=cases[_PAGE - 1].place.encode() if len(cases) > _PAGE else None,
        notice=notice,
    )


async def _cases(
    tx: ReadTx, site_ids: Sequence[int], after: moderation.Place | None
) -> tuple[list[Case], list[DeskCase]]:
    cases = await moderation.list_open(tx, site_ids, after, _PAGE + 1)
    return cases, await lay_out(tx, cases[:_PAGE])


async def _log(tx: ReadTx, who: Staff, site: Site, after: int | None) -> tuple[list[ConsoleDecision], str | None]:
    entries = await moderation.entries(tx, who, site.id, after=after, limit=_PAGE + 1)
    shown = entries[:_PAGE]
    about = await comments.get_many(tx, [entry.comment_id for entry in shown], comments.STAFF)
    people = await identity.people(tx, [found.person_id for found in about.values() if found.person_id])
    pages = await threads.get_many(tx, [entry.thread_id for entry in shown if entry.thread_id])

    def line(entry: Entry) -> ConsoleDecision:
        found = about.get(entry.comment_id)
        author = people.get(found.person_id or 0) if found else None
        excerpt = text.excerpt(found.html, 160) if found and found.html else ""
        return decision_view(entry, site, pages.get(entry.thread_id or 0), author.name if author else None, excerpt)

    following = str(entries[_PAGE - 1].id) if len(entries) > _PAGE else None
    return [line(entry) for entry in shown], following
