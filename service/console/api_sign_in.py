"""Signing in to the console by a link in a mail, and out again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from service import identity, moderation
from service.console.answers import html, refused
from service.console.own import own_sites
from service.kit.errors import Refused, TooMany
from service.limits import LimitRules
from service.pages import draw
from service.pages.console_views import ConsoleEnter, ConsoleSignIn
from service.web.input import Text
from service.web.session import end_cookie, set_cookie
from service.web.sign_in import PLATFORM, ask_link
from service.web.who import AllParts, Anyone, MaybeStaff, console_cookie, refuse_cross_site

router = APIRouter(prefix="/console", tags=["console"], include_in_schema=False)

Field = Annotated[Text, Form(max_length=300)]


@router.get("/enter")
async def get_enter(parts: AllParts, _: Anyone, token: Annotated[Text, Query(max_length=200)] = "") -> Response:
    """Where the link in a mail leads. Nothing happens yet: scanners open links too."""
    return html(draw.console_enter(ConsoleEnter(token), asset=parts.assets.url))


@router.post("/enter")
async def post_enter(request: Request, parts: AllParts, who: Anyone, token: Field = "") -> Response:
    """Sign in with the token of a link."""
    try:
        refuse_cross_site(request, parts)
        await parts.limiter.spend(PLATFORM, "sign_in", LimitRules().sign_in, {"address": who.address})
        session = await parts.db.transact(identity.redeem_link, token)
    except Refused as error:
        view = ConsoleEnter(token, problem=error.detail)
        return html(draw.console_enter(view, asset=parts.assets.url), error.status)
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
        return html(draw.console_sign_in(view, asset=parts.assets.url), error.status)
    except Refused as error:
        return refused(parts, error, None)
    await parts.db.transact(ask_link, email)
    parts.relay.poke()
    return html(draw.console_sign_in(ConsoleSignIn(email, is_sent=True), asset=parts.assets.url))


@router.post("/sign-out")
async def post_sign_out(request: Request, parts: AllParts, who: MaybeStaff, _: Anyone) -> Response:
    """End the session, and give back what was claimed."""
    if who is not None:
        refuse_cross_site(request, parts)
        for site in await own_sites(parts, who):
            await moderation.leave(parts.queue, who, site)
        await parts.db.transact(identity.end_session, request.cookies[console_cookie(parts)])
    response = RedirectResponse("/console", status_code=303)
    end_cookie(response, parts)
    return response
