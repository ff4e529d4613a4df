"""Where links in mail to readers lead, without signing in. Opening one does nothing: a button (POST) does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from service import identity, mailing, sites, threads
from service.identity import Person
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Refused
from service.kit.said import N_, Said
from service.limits.rules import Limit, ScopeLimits
from service.mailing import Stop, StopLinkInvalid
from service.pages import draw
from service.pages.reader_mail_views import MailPage
from service.sites import Site
from service.web.documents import HTML
from service.web.input import Text
from service.web.parts import Parts
from service.web.spoken import spoken_by
from service.web.who import AllParts, Anyone, refuse_foreign_page

router = APIRouter(prefix="/mail", tags=["mail"], include_in_schema=False)

_TRIES = ScopeLimits(address=(Limit(60, 60), Limit(600, 3_600)))
_PLATFORM = 0  # whose limits count before a link was read
_ABOUT = N_("Mail about comments")
_STOP_ALL = N_("No more mail from %(site)s")
_STOP_THREAD = N_("No more mail about this discussion")

Token = Annotated[Text, Query(max_length=200)]
Do = Annotated[Text, Form(max_length=20)]


@router.get("/confirm")
async def get_confirm(request: Request, parts: AllParts, who: Anyone, token: Token = "") -> Response:
    """Ask once more, with a button: programs that look at links confirm nothing."""
    try:
        await parts.limiter.spend(_PLATFORM, "mail-link", _TRIES, {"address": who.address})
        person = await parts.db.read(mailing.asked_by, token)
        site, _ = await parts.db.read(_whose, person)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    title = site.title or site.name
    says = Said("Do you want mail about comments at %(site)s?", site=title)
    page = MailPage(title, says, (), "/mail/confirm", token, (("yes", N_("Yes, send me mail")),))
    return _html(request, parts, page)


@router.post("/confirm")
async def post_confirm(request: Request, parts: AllParts, who: Anyone, token: Token = "") -> Response:
    """Confirm the address the link went to."""
    try:
        refuse_foreign_page(request, parts)
        await parts.limiter.spend(_PLATFORM, "mail-link", _TRIES, {"address": who.address})
        person = await parts.db.transact(mailing.confirm, token)
        site, _ = await parts.db.read(_whose, person)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    line = N_("Each mail has a link that ends it.")
    return _html(request, parts, MailPage(site.title or site.name, N_("Thank you. Mail will come to you."), (line,)))


@router.get("/stop")
async def get_stop(request: Request, parts: AllParts, who: Anyone, token: Token = "") -> Response:
    """Ask what is to end."""
    try:
        await parts.limiter.spend(_PLATFORM, "mail-link", _TRIES, {"address": who.address})
        stop = mailing.read_stop(parts.keeper, token)
        site, _ = await parts.db.read(_whose, stop.person_id)
        title = await parts.db.read(_title, stop)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    name = site.title or site.name
    buttons = [("all", Said(_STOP_ALL, site=name))]
    if stop.thread_id is not None:
        buttons.insert(0, ("thread", Said(_STOP_THREAD)))
    lines = (title,) if title else ()
    return _html(request, parts, MailPage(name, _ABOUT, lines, "/mail/stop", token, tuple(buttons)))


@router.post("/stop")
async def post_stop(request: Request, parts: AllParts, who: Anyone, token: Token = "", do: Do = "") -> Response:
    """End it, or take that back. Mail programs send the first by themselves (RFC 8058): the token is all the authority.

    What a link is for is done when no button says which.
    """
    try:
        await parts.limiter.spend(_PLATFORM, "mail-link", _TRIES, {"address": who.address})
        stop = mailing.read_stop(parts.keeper, token)
        site, person = await parts.db.read(_whose, stop.person_id)
        if do == "all":
            stop = Stop(stop.person_id)
        if do.startswith("undo"):
            await parts.db.transact(_resume, person, Stop(person.id) if do == "undo-all" else stop)
            page = MailPage(site.title or site.name, N_("Thank you. Mail will come to you."))
            return _html(request, parts, page)
        is_final = await parts.db.transact(_end, parts, person, stop)
    except Refused as refusal:
        return _refused(request, parts, refusal)
    undo = "undo" if stop.thread_id is not None else "undo-all"
    buttons = () if is_final else ((undo, N_("I want it after all")),)
    says = N_("You will get no more of this mail.")
    return _html(request, parts, MailPage(site.title or site.name, says, (), "/mail/stop", token, buttons))


async def _end(tx: WriteTx, parts: Parts, person: Person, stop: Stop) -> bool:
    """End it; whether that cannot be taken back from here: an address that was never confirmed is asked no more."""
    if stop.thread_id is not None:
        await mailing.end_thread(tx, person, stop.thread_id)
        return False
    before = await mailing.address_of(tx, parts.keeper, person.id)
    await mailing.end(tx, person.id)
    return before is None or before.state not in {"confirmed", "ended"}


async def _resume(tx: WriteTx, person: Person, stop: Stop) -> None:
    if stop.thread_id is not None:
        await mailing.resume_thread(tx, person, stop.thread_id)
    else:
        await mailing.resume(tx, person.id)


async def _whose(tx: ReadTx, person_id: int) -> tuple[Site, Person]:
    """Whose link it is. Raises StopLinkInvalid when nobody is there any more."""
    person = await identity.person(tx, person_id)
    if person is None or person.kind == identity.ERASED:
        raise StopLinkInvalid
    return await sites.by_id(tx, person.site_id), person


async def _title(tx: ReadTx, stop: Stop) -> str:
    if stop.thread_id is None:
        return ""
    thread = (await threads.get_many(tx, [stop.thread_id])).get(stop.thread_id)
    return (thread.title or thread.url) if thread else ""


def _refused(request: Request, parts: Parts, refusal: Refused) -> Response:
    page = MailPage("Parley", N_("That did not work"), (refusal.detail,), is_refused=True)
    response = _html(request, parts, page, refusal.status)
    response.headers.update(refusal.headers())
    return response


def _html(request: Request, parts: Parts, page: MailPage, status: int = 200) -> Response:
    lang = spoken_by(request).tag if request.headers.get("accept-language") else None
    drawn = draw.mail_page(page, asset=parts.assets.url, lang=lang)
    headers = {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
            " frame-ancestors 'none'"
        ),
        "Cache-Control": "private, no-store",
        # The address holds the token: no other site is told it.
        "Referrer-Policy": "same-origin",
        "Vary": "Accept-Language",
        "X-Robots-Tag": "noindex",
    }
    return Response(drawn, status, headers, HTML)
