"""The moderators' pages: the console, which is a script, and plain forms for those without one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from service import comments, identity, moderation, sites, threads
from service.console.views import case_view, decision_view, user_view
from service.identity import Staff
from service.kit import clock, text
from service.kit.db import ReadTx
from service.kit.errors import Forbidden, NotFound, Refused, TooMany
from service.kit.ids import parse_id
from service.limits import LimitRules
from service.moderation import Case, Entry
from service.moderation.desk import DeskCase, held_by, lay_out
from service.pages import draw
from service.pages.console_views import (
    ConsoleApp,
    ConsoleDecision,
    ConsoleEnter,
    ConsoleLog,
    ConsoleMessage,
    ConsoleNotice,
    ConsoleQueue,
    ConsoleSignIn,
    ConsoleSite,
)
from service.sites import Site, SiteUnknown
from service.web.input import Text
from service.web.parts import Parts
from service.web.session import end_cookie, set_cookie
from service.web.sign_in import PLATFORM, ask_link
from service.web.who import AllParts, Anyone, MaybeStaff, console_cookie, refuse_cross_site

router = APIRouter(prefix="/console", tags=["console"], include_in_schema=False)

_PAGE = 25
_DONE = {
    "approve": "Approved",
    "reject": "Rejected",
    "spam": "Marked as spam",
    "remove": "Removed",
    "restore": "Restored",
    "feature": "Featured",
    "unfeature": "Not featured any more",
    "close_replies": "Replies closed",
    "open_replies": "Replies opened",
    "pin": "Pinned",
    "unpin": "Unpinned",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The console's views, as they stand in its addresses.
_VIEWS = frozenset(
    {
        "alerts",
        "appeals",
        "authors",
        "bulk",
        "case",
        "hooks",
        "imports",
        "keys",
        "log",
        "queues",
        "rules",
        "sanctions",
        "settings",
        "sites",
        "snippet",
        "statements",
        "stats",
        "team",
        "threads",
        "webhooks",
    }
)
# What the console asks for where this server has it: a name for the script, the path behind it.
_OFFERS = {
    "alerts": "/api/v1/moderation/alerts",
    "appeals": "/api/v1/moderation/statements",
    "authors": "/api/v1/moderation/authors/{person}",
    "bulk": "/api/v1/moderation/bulk",
    "case": "/api/v1/moderation/cases/{case}",
    "hooks": "/api/v1/sites/{site}/hooks",
    "imports": "/api/v1/sites/{site}/imports",
    "keys": "/api/v1/sites/{site}/keys",
    "live": "/api/v1/moderation/live",
    "queues": "/api/v1/moderation/queues",
    "reasons": "/api/v1/moderation/reasons",
    "rules": "/api/v1/moderation/rules",
    "sanctions": "/api/v1/moderation/sanctions",
    "skip": "/api/v1/moderation/claims/{claim}/skip",
    "stats": "/api/v1/moderation/stats",
    "sites": "/api/v1/sites/{site}/changes",
    "team": "/api/v1/sites/{site}/team",
    "threads": "/api/v1/sites/{site}/threads",
    "undo": "/api/v1/moderation/decisions/{decision}/undo",
    "webhooks": "/api/v1/sites/{site}/webhooks",
}

Field = Annotated[Text, Form(max_length=300)]
SiteName = Annotated[Text | None, Query(max_length=50)]
CursorText = Annotated[Text | None, Query(max_length=60)]


@router.get("")
async def get_console(request: Request, parts: AllParts, who: MaybeStaff, _: Anyone) -> Response:
    """The console, or where to sign in."""
    if who is None:
        return _html(draw.console_sign_in(ConsoleSignIn(), asset=parts.assets.url))
    if not who.is_moderator:
        return _refused(parts, Forbidden("You have no role at any site any more."), who)
    return _html(draw.console_app(ConsoleApp(user_view(who), _offered(request)), asset=parts.assets.url))


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
        return _html(draw.console_sign_in(ConsoleSignIn(), asset=parts.assets.url))
    if not who.is_moderator:
        return _refused(parts, Forbidden("You have no role at any site any more."), who)
    try:
        view = await _queue(parts, who, site or None, cursor, _notice(done, problem))
    except Refused as error:
        return _refused(parts, error, who)
    return _html(draw.console_queue(view, asset=parts.assets.url))


@router.get("/plain/log")
async def get_log(
    parts: AllParts, who: MaybeStaff, _: Anyone, site: SiteName = None, cursor: CursorText = None
) -> Response:
    """The record of decisions of one site."""
    if who is None or not who.is_moderator:
        return RedirectResponse("/console", status_code=303)
    own = await _own_sites(parts, who)
    try:
        chosen = _chosen(own, site) if site else own[0]
        after = parse_id(cursor, field="cursor") if cursor else None
        decisions, following = await parts.db.read(_log, who, chosen, after)
    except Refused as error:
        return _refused(parts, error, who)
    view = ConsoleLog(
        user=user_view(who),
        now=clock.now(),
        sites=await _site_views(parts, own),
        decisions=tuple(decisions),
        site=chosen.name,
        next_cursor=following,
    )
    return _html(draw.console_log(view, asset=parts.assets.url))


@router.post("/claim")
async def post_claim(
    request: Request, parts: AllParts, who: MaybeStaff, _: Anyone, site: Annotated[Text, Form(max_length=50)] = ""
) -> Response:
    """Take the next cases, of one site or of each."""
    if who is None:
        return _to_queue()
    refuse_cross_site(request, parts)
    try:
        own = await _own_sites(parts, who)
        for chosen in [_chosen(own, site)] if site else own:
            await moderation.claim(parts.db, parts.queue, who, chosen, 5)
    except moderation.ClaimCapReached:
        return _to_queue(site=site, problem="claim-cap-reached")
    except Refused as error:
        return _refused(parts, error, who)
    return _to_queue(site=site)


@router.post("/release")
async def post_release(
    request: Request, parts: AllParts, who: MaybeStaff, _: Anyone, claim: Field = "", site: Field = ""
) -> Response:
    """Give a case back, or all of them."""
    if who is None:
        return _to_queue()
    refuse_cross_site(request, parts)
    try:
        own = await _own_sites(parts, who)
        if claim:
            token = moderation.Token.read(claim)
            chosen = next((known for known in own if known.id == token.site), None)
            if chosen is None:
                raise SiteUnknown
            await moderation.release(parts.queue, who, chosen, [claim])
        else:
            for chosen in [_chosen(own, site)] if site else own:
                await moderation.leave(parts.queue, who, chosen)
    except Refused as error:
        return _refused(parts, error, who)
    return _to_queue(site=site)


@router.post("/decide")
async def post_decide(
    request: Request,
    parts: AllParts,
    who: MaybeStaff,
    _: Anyone,
    comment: Field,
    action: Field,
    claim: Field = "",
    version: Field = "",
    site: Field = "",
    reason: Field = "",
    note: Annotated[Text, Form(max_length=1_000)] = "",
) -> Response:
    """Decide about one comment, perhaps with a reason and a note to its author."""
    if who is None:
        return _to_queue()
    refuse_cross_site(request, parts)
    chosen = next((known for known in moderation.ACTIONS if known == action), None)
    if chosen is None:
        return _refused(parts, Forbidden("There is no such action."), who)
    try:
        item = moderation.Item(
            parse_id(comment, field="comment"),
            int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
            claim or None,
        )
        words = text.clean_line(note, field="note", max_chars=1_000) if note.strip() else ""
        outcome = (
            await moderation.decide_each(parts.db, parts.queue, who, [item], chosen, reason=reason.strip(), note=words)
        )[0]
    except Refused as error:
        return _refused(parts, error, who)
    parts.relay.poke()
    if outcome.refusal is not None:
        return _refused(parts, outcome.refusal, who)
    return _to_queue(site=site, done=chosen)


@router.get("/enter")
async def get_enter(parts: AllParts, _: Anyone, token: Annotated[Text, Query(max_length=200)] = "") -> Response:
    """Where the link in a mail leads. Nothing happens yet: scanners open links too."""
    return _html(draw.console_enter(ConsoleEnter(token), asset=parts.assets.url))


@router.post("/enter")
async def post_enter(request: Request, parts: AllParts, who: Anyone, token: Field = "") -> Response:
    """Sign in with the token of a link."""
    try:
        refuse_cross_site(request, parts)
        await parts.limiter.spend(PLATFORM, "sign_in", LimitRules().sign_in, {"address": who.address})
        session = await parts.db.transact(identity.redeem_link, token)
    except Refused as error:
        view = ConsoleEnter(token, problem=error.detail)
        return _html(draw.console_enter(view, asset=parts.assets.url), error.status)
    response = RedirectResponse("/console", status_code=303)
    set_cookie(response, parts, session)
    return response


@router.post("/sign-in")
async def post_sign_in(request: Request, parts: AllParts, who: Anyone, email: Field = "") -> Response:
    """Mail a link. The page says the same whether the address is known or not."""
    try:
        refuse_cross_site(request, parts)
        names = {"address": who.address, "author": email.strip().lower()}
        await parts.limiter.spend(PLATFORM, "sign_in", LimitRules().sign_in, {**names})  # type: ignore[dict-item]  # its keys are scopes
    except TooMany as error:
        view = ConsoleSignIn(email, problem=error.detail)
        return _html(draw.console_sign_in(view, asset=parts.assets.url), error.status)
    except Refused as error:
        return _refused(parts, error, None)
    await parts.db.transact(ask_link, email)
    parts.relay.poke()
    return _html(draw.console_sign_in(ConsoleSignIn(email, is_sent=True), asset=parts.assets.url))


@router.post("/sign-out")
async def post_sign_out(request: Request, parts: AllParts, who: MaybeStaff, _: Anyone) -> Response:
    """End the session, and give back what was claimed."""
    if who is not None:
        refuse_cross_site(request, parts)
        for site in await _own_sites(parts, who):
            await moderation.leave(parts.queue, who, site)
        await parts.db.transact(identity.end_session, request.cookies[console_cookie(parts)])
    response = RedirectResponse("/console", status_code=303)
    end_cookie(response, parts)
    return response


# After the paths above, which are no views.
@router.get("/{view}")
async def get_view(view: str, request: Request, parts: AllParts, who: MaybeStaff, _: Anyone) -> Response:
    """The console at one of its views: the script reads the address."""
    if view not in _VIEWS:
        raise NotFound
    return await get_console(request, parts, who, _)


@router.get("/{view}/{name}")
async def get_view_of(view: str, name: str, request: Request, parts: AllParts, who: MaybeStaff, _: Anyone) -> Response:
    """The console at one case, author or job."""
    if not name.isalnum():
        raise NotFound
    return await get_view(view, request, parts, who, _)


def _offered(request: Request) -> tuple[str, ...]:
    # Paths are compared without the names of their parameters: those belong to the rooms.
    paths = {_unnamed(path) for path in request.app.openapi()["paths"]}
    return tuple(name for name, path in _OFFERS.items() if _unnamed(path) in paths)


def _unnamed(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


async def _queue(
    parts: Parts, who: Staff, site: str | None, cursor: str | None, notice: ConsoleNotice | None
) -> ConsoleQueue:
    own = await _own_sites(parts, who)
    chosen = [_chosen(own, site)] if site else own
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
        sites=await _site_views(parts, own),
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


async def _own_sites(parts: Parts, who: Staff) -> list[Site]:
    return [site for site in await parts.db.read(sites.all_sites) if who.is_moderator_at(site.id)]


async def _site_views(parts: Parts, own: Sequence[Site]) -> tuple[ConsoleSite, ...]:
    counts = await parts.db.read(moderation.count_open, [site.id for site in own])
    return tuple(ConsoleSite(site.name, site.title, counts[site.id]) for site in own)


def _chosen(own: Sequence[Site], name: str) -> Site:
    """One of the moderator's own sites; any other is unknown."""
    for site in own:
        if site.name == name:
            return site
    raise SiteUnknown


def _notice(done: str | None, problem: str | None) -> ConsoleNotice | None:
    # Only words of ours: what stands in the address is a key, never a text.
    if done in _DONE:
        return ConsoleNotice(f"{_DONE[done]}.", "good")
    if problem == moderation.ClaimCapReached.type:
        return ConsoleNotice(moderation.ClaimCapReached.message(), "bad")
    return None


def _refused(parts: Parts, error: Refused, who: Staff | None) -> Response:
    view = ConsoleMessage(error.title(), error.detail, user=user_view(who) if who else None)
    return _html(draw.console_message(view, asset=parts.assets.url), error.status)


def _to_queue(**params: str) -> Response:
    query = urlencode({name: value for name, value in params.items() if value})
    return RedirectResponse(f"/console/plain?{query}" if query else "/console/plain", status_code=303)


def _html(page: str, status: int = 200) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return Response(page, status, headers, "text/html; charset=utf-8")
