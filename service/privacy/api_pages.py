"""A person's own page: opened from the frame by a link that works once, whole without scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from service import mailing, privacy
from service.identity import Visitor
from service.kit import clock
from service.kit.db import ReadTx
from service.kit.errors import Invalid, NotFound, Refused
from service.kit.ids import parse_id
from service.kit.said import N_
from service.kit.seal import Keeper
from service.limits.rules import Limit, ScopeLimits
from service.mailing.told import own_mail
from service.pages import draw
from service.pages.language import ENGLISH
from service.pages.looks import policy_of
from service.pages.own_views import OwnMessage, OwnPage, OwnPart
from service.privacy import PrivacyRules, exports, lists, own
from service.web import acts
from service.web.documents import HTML
from service.web.fragments import frame_settings
from service.web.input import Text
from service.web.me import (
    Me,
    NoPageOpen,
    end_own_cookie,
    export_view,
    me_of_cookie,
    me_view,
    sessions_view,
    set_own_cookie,
    spend,
)
from service.web.parts import Parts
from service.web.spoken import spoken_by
from service.web.who import AllParts, Anyone, refuse_cross_site

router = APIRouter(prefix="/me", tags=["me"], include_in_schema=False)

_PAGE = 20
_TRIES = ScopeLimits(address=(Limit(30, 60), Limit(300, 3_600)))
_PLATFORM = 0  # whose limits count before a link was read
_PARTS: dict[str, OwnPart] = {
    "comments": "comments",
    "replies": "replies",
    "votes": "votes",
    "mail": "mail",
    "data": "data",
}

_WISHES: dict[str, mailing.Kind] = {"replies": "replies", "mentions": "mentions"}
_CHANGES: dict[str, tuple[mailing.Pace | None, Literal["on", "off"] | None]] = {
    "at-once": ("at-once", None),
    "daily": ("daily", None),
    "on": (None, "on"),
    "off": (None, "off"),
}

CursorText = Annotated[Text | None, Query(max_length=19)]


class NoSuchPart(NotFound):
    """There is no such part of your page."""

    type = "no-such-part"


class NotSure(Invalid):
    """Say that you are sure, then everything of yours here is forgotten."""

    type = "not-sure"


@router.get("")
async def get_page(request: Request, parts: AllParts, who: Anyone, cursor: CursorText = None) -> Response:
    """What one wrote, with what became of it."""
    return await _part(request, parts, who, "comments", cursor)


@router.get("/enter")
async def get_enter(
    request: Request, parts: AllParts, _: Anyone, token: Annotated[Text, Query(max_length=200)] = ""
) -> Response:
    """Where the link leads: asks with a button, so that a program that only looks at links uses none up."""
    what = N_("It shows what you wrote here, and lets you take it along or have it forgotten.")
    says = OwnMessage("Parley", N_("Your page"), (what,), action="/me/enter", button=N_("Open my page"), token=token)
    return _html(draw.own_message(says, asset=parts.assets.url, lang=_lang(request)))


@router.post("/enter")
async def post_enter(
    request: Request, parts: AllParts, who: Anyone, token: Annotated[Text, Form(max_length=200)] = ""
) -> Response:
    """Trade the link for a cookie that opens this page for an hour."""
    try:
        refuse_cross_site(request, parts)
        await parts.limiter.spend(_PLATFORM, "own-link", _TRIES, {"address": who.address})
        session = await parts.db.transact(own.redeem, token)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    response = RedirectResponse("/me", 303, {"Cache-Control": "no-store"})
    set_own_cookie(response, parts, session)
    return response


@router.post("/leave")
async def post_leave(request: Request, parts: AllParts, who: Anyone) -> Response:
    """Close the page in this browser."""
    try:
        mine = await _me(request, parts, who)
        if mine.session is not None:
            await parts.db.transact(own.end, mine.person.id, mine.session)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    says = OwnMessage(mine.site.title or mine.site.name, N_("Your page is closed"))
    response = _html(draw.own_message(says, asset=parts.assets.url, lang=_lang(request)))
    end_own_cookie(response, parts)
    return response


@router.post("/sessions")
async def post_sessions(
    request: Request, parts: AllParts, who: Anyone, session: Annotated[Text, Form(max_length=19)] = ""
) -> Response:
    """Close the page in another browser."""
    try:
        mine = await _me(request, parts, who)
        await parts.db.transact(own.end, mine.person.id, parse_id(session, field="session"))
    except Refused as refusal:
        return _refused(request, parts, refusal)
    return RedirectResponse("/me/data", 303, {"Cache-Control": "no-store"})


@router.post("/export")
async def post_export(request: Request, parts: AllParts, who: Anyone) -> Response:
    """Have the file made."""
    try:
        mine = await _me(request, parts, who)
        await spend(parts, mine)
        await parts.db.transact(exports.ask, mine.person.id)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    return RedirectResponse("/me/data", 303, {"Cache-Control": "no-store"})


@router.post("/erase")
async def post_erase(
    request: Request, parts: AllParts, who: Anyone, sure: Annotated[Text, Form(max_length=10)] = ""
) -> Response:
    """Ask to be forgotten."""
    try:
        mine = await _me(request, parts, who)
        await spend(parts, mine)
        if sure != "yes":
            raise NotSure
        await parts.db.transact(privacy.ask, mine.site, mine.person.id)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    return RedirectResponse("/me", 303, {"Cache-Control": "no-store"})


@router.post("/keep")
async def post_keep(request: Request, parts: AllParts, who: Anyone) -> Response:
    """Call it off."""
    try:
        mine = await _me(request, parts, who)
        await parts.db.transact(privacy.call_off, mine.site, mine.person.id)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    return RedirectResponse("/me", 303, {"Cache-Control": "no-store"})


@router.post("/mail")
async def post_mail(
    request: Request,
    parts: AllParts,
    who: Anyone,
    do: Annotated[Text, Form(max_length=20)] = "",
    subscription: Annotated[Text, Form(max_length=19)] = "",
    email: Annotated[Text, Form(max_length=254)] = "",
) -> Response:
    """Change the mail one gets: how often, an end of one thing or of all, a beginning."""
    try:
        mine = await _me(request, parts, who)
        await spend(parts, mine)
        if do == "end":
            number = parse_id(subscription, field="subscription")
            await parts.db.transact(mailing.end_subscription, mine.person.id, number)
        elif do in _WISHES:
            await acts.spend_mail(parts, mine.site, mine.visitor)
            wanted = mailing.Wish(_WISHES[do], email=acts.email_of(email), language=_lang(request) or ENGLISH)
            await parts.db.transact(mailing.wish, parts.keeper, mine.site, mine.visitor, wanted)
        elif do in _CHANGES:
            if do == "on":
                await acts.spend_mail(parts, mine.site, mine.visitor)
            pace, state = _CHANGES[do]
            lang = _lang(request) or ENGLISH
            await parts.db.transact(mailing.change, parts.keeper, mine.site, mine.person, pace, state, lang)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    return RedirectResponse("/me/mail", 303, {"Cache-Control": "no-store"})


@router.get("/{part}")
async def get_part(request: Request, parts: AllParts, who: Anyone, part: str, cursor: CursorText = None) -> Response:
    """Replies, votes, or what one can do with one's data."""
    return await _part(request, parts, who, part, cursor)


async def _part(request: Request, parts: Parts, who: Visitor, name: str, cursor: str | None) -> Response:
    try:
        mine = await _me(request, parts, who)
        if name not in _PARTS:
            raise NoSuchPart
        before = parse_id(cursor, field="cursor") if cursor else None
        page = await parts.db.read(_read, parts.keeper, mine, _PARTS[name], before)
        if name == "data" and (found := await parts.db.read(exports.latest, mine.person.id)) is not None:
            page = replace(page, export=export_view(parts, found))
    except Refused as refusal:
        return _refused(request, parts, refusal)
    settings = frame_settings(mine.site)
    drawn = draw.own_page(page, asset=parts.assets.url, settings=settings, lang=_lang(request))
    return _html(drawn, style=settings.style)


async def _me(request: Request, parts: Parts, who: Visitor) -> Me:
    found = await me_of_cookie(request, parts, who)
    if found is None:
        raise NoPageOpen
    return found


async def _read(tx: ReadTx, keeper: Keeper, mine: Me, part: OwnPart, before: int | None) -> OwnPage:
    cooling = mine.site.section("privacy", PrivacyRules).cooling
    page = OwnPage(
        title=mine.site.title or mine.site.name,
        me=await me_view(tx, keeper, mine),
        part=part,
        is_continued=before is not None,
        forgotten_on=clock.now() + cooling if cooling else None,
    )
    if part == "comments":
        return replace(page, comments=await lists.my_comments(tx, mine.person, before, _PAGE))
    if part == "replies":
        return replace(page, replies=await lists.replies(tx, mine.person, before, _PAGE))
    if part == "votes":
        return replace(page, votes=await lists.my_votes(tx, mine.person, before, _PAGE))
    if part == "mail":
        return replace(page, mail=await own_mail(tx, keeper, mine.site, mine.person))
    return replace(page, sessions=await sessions_view(tx, mine))


def _lang(request: Request) -> str | None:
    """The reader's own language where the browser says it; else the site's."""
    return spoken_by(request).tag if request.headers.get("accept-language") else None


def _refused(request: Request, parts: Parts, refusal: Refused) -> Response:
    is_open = not isinstance(refusal, NoPageOpen)
    says = OwnMessage("Parley", N_("That did not work"), (refusal.detail,), back=is_open, is_refused=True)
    response = _html(draw.own_message(says, asset=parts.assets.url, lang=_lang(request)), refusal.status)
    response.headers.update(refusal.headers())
    return response


def _html(page: str, status: int = 200, style: str = "") -> Response:
    styles = " ".join(["'self'", policy_of(style)]).strip()
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src {styles}; img-src 'self' data:; form-action 'self'; base-uri 'none';"
            " frame-ancestors 'none'"
        ),
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "same-origin",
        "Vary": "Accept-Language",
        "X-Robots-Tag": "noindex",
    }
    return Response(page, status, headers, HTML)
