"""OAuth as Disqus has it (RFC 6749): somebody of the team lets an application of the site act for them.

Codes are sent to the site's own origins and nowhere else, so a link that somebody made up hands nothing to strangers.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import JSONResponse, Response

from service import identity, keys, threads
from service.identity import Staff
from service.keys import TOKEN_SCOPES, CodeInvalid, Issued, Key, TokenScope
from service.kit import clock
from service.kit.errors import Invalid, Refused, TooMany
from service.limits.rules import Limit, ScopeLimits
from service.pages import draw
from service.pages.console_views import ConsoleGrant, ConsoleMessage
from service.sites import Site
from service.web.input import Text
from service.web.parts import Parts
from service.web.who import AllParts, Anyone, MaybeStaff, refuse_cross_site

router = APIRouter(prefix="/api/oauth/2.0", tags=["disqus"], include_in_schema=False)

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_TRIES = ScopeLimits(address=(Limit(30, 60), Limit(300, 3_600)))
_PLATFORM = 0  # whose limits count before a key was read
_LOCAL = {"localhost", "127.0.0.1"}
_DOES: dict[TokenScope, str] = {
    "read": "see what moderators see: what waits, what was taken down, who moderates",
    "write": "write, vote and decide about comments as you",
    "admin": "do what only owners do: subscribe to what happens at the site",
}

ClientId = Annotated[Text, Query(max_length=40)]
RedirectURI = Annotated[Text, Query(max_length=2_000)]
ScopeText = Annotated[Text, Query(max_length=100)]
State = Annotated[Text, Query(max_length=1_000)]


class WrongApplication(Invalid):
    """This link does not name an application of a site, or leads to a page that is not one of the site's own."""

    type = "wrong-application"
    status = 400


@router.get("/authorize/")
async def get_authorize(
    parts: AllParts,
    who: MaybeStaff,
    _: Anyone,
    client_id: ClientId = "",
    redirect_uri: RedirectURI = "",
    scope: ScopeText = "read",
    state: State = "",
) -> Response:
    """Ask whether an application may act for whoever is signed in at the console."""
    try:
        key, site = await _application(parts, client_id, redirect_uri)
    except Refused as refusal:
        return _said(parts, refusal.title(), refusal.detail, refusal.status)
    if who is None or not who.is_moderator_at(site.id):
        words = (
            f"Sign in at the console as somebody who moderates {site.title or site.name}, then open this page again."
        )
        return _said(parts, "Who are you?", words, 401)
    wanted = _scopes(scope)
    view = ConsoleGrant(
        application=key.name,
        site=site.title or site.name,
        account=who.account.name,
        host=urlsplit(redirect_uri).netloc,
        may=tuple(_DOES[each] for each in wanted),
        asked={
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": ",".join(wanted),
            "state": state,
        },
    )
    return _html(draw.console_grant(view, asset=parts.assets.url))


@router.post("/authorize/")
async def post_authorize(
    request: Request,
    parts: AllParts,
    who: MaybeStaff,
    _: Anyone,
    client_id: Annotated[Text, Form(max_length=40)] = "",
    redirect_uri: Annotated[Text, Form(max_length=2_000)] = "",
    scope: Annotated[Text, Form(max_length=100)] = "read",
    state: Annotated[Text, Form(max_length=1_000)] = "",
    answer: Annotated[Text, Form(max_length=10)] = "",
) -> Response:
    """Let it, or not; both lead back to the application."""
    try:
        refuse_cross_site(request, parts)
        key, site = await _application(parts, client_id, redirect_uri)
        if who is None or not who.is_moderator_at(site.id):
            raise WrongApplication("You do not moderate this site, or are signed out.")
        said = await _answered(parts, key, who, redirect_uri, scope, is_granted=answer == "allow")
    except Refused as refusal:
        return _said(parts, refusal.title(), refusal.detail, refusal.status)
    back = _back(redirect_uri, {**said, **({"state": state} if state else {})})
    view = ConsoleMessage("Done", "You are led back to the application.", back, f"Back to {urlsplit(back).netloc}")
    # Not a redirect: browsers check where a form leads along all of its redirects (CSP, `form-action`).
    return _html(draw.console_message(view, asset=parts.assets.url), more={"Refresh": f"0; url={back}"})


@router.post("/access_token/")
async def post_access_token(
    parts: AllParts,
    who: Anyone,
    grant_type: Annotated[Text, Form(max_length=40)] = "",
    client_id: Annotated[Text, Form(max_length=40)] = "",
    client_secret: Annotated[Text, Form(max_length=200)] = "",
    redirect_uri: Annotated[Text, Form(max_length=2_000)] = "",
    code: Annotated[Text, Form(max_length=200)] = "",
    refresh_token: Annotated[Text, Form(max_length=200)] = "",
) -> Response:
    """Trade a code, or a token that ends, for another one. Errors are RFC 6749's, section 5.2."""
    try:
        await parts.limiter.spend(_PLATFORM, "oauth", _TRIES, {"address": who.address})
    except TooMany:
        return _json({"error": "temporarily_unavailable"}, 429)
    key = await parts.db.read(keys.by_secret, parts.keeper, client_secret)
    if key is None or key.public != client_id:
        return _json({"error": "invalid_client"}, 401)
    try:
        if grant_type == "authorization_code":
            issued = await parts.db.transact(keys.exchange, key, code, redirect_uri)
        elif grant_type == "refresh_token":
            issued = await parts.db.transact(keys.refresh, key, refresh_token)
        else:
            return _json({"error": "unsupported_grant_type"}, 400)
    except CodeInvalid as invalid:
        return _json({"error": "invalid_grant", "error_description": invalid.detail}, 400)
    return await _handed(parts, issued)


async def _handed(parts: Parts, issued: Issued) -> Response:
    staff = await parts.db.read(identity.staff_of, issued.token.account_id)
    ends = issued.token.ends_at
    return _json(
        {
            "username": staff.account.name if staff is not None else "",
            "user_id": str(issued.token.account_id),
            "access_token": issued.secret,
            "expires_in": int((ends - clock.now()).total_seconds()) if ends is not None else None,
            "token_type": "Bearer",
            "state": None,
            "scope": ",".join(issued.token.scopes),
            "refresh_token": issued.refresh,
        },
        200,
    )


async def _answered(
    parts: Parts, key: Key, who: Staff, leads_to: str, scope: str, *, is_granted: bool
) -> dict[str, str]:  # fmt: skip
    if not is_granted:
        return {"error": "access_denied"}
    return {"code": await parts.db.transact(keys.grant, key, who.account.id, _scopes(scope), leads_to)}


async def _application(parts: Parts, client_id: str, leads_to: str) -> tuple[Key, Site]:
    """The key of an application and its site. Raises WrongApplication."""
    key = await parts.db.read(keys.by_public, client_id)
    if key is None or "manage" not in key.scopes:
        raise WrongApplication
    site = await parts.sites.by_id(key.site_id)
    try:
        at = urlsplit(leads_to)
        is_own = at.hostname is not None and threads.origin_allows(site.origins, at.hostname, at.port)
    except ValueError:
        raise WrongApplication from None
    is_safe = at.scheme == "https" or (at.scheme == "http" and at.hostname in _LOCAL)
    if not is_own or not is_safe or at.fragment or at.username is not None or not leads_to.isprintable():
        raise WrongApplication
    return key, site


def _scopes(said: str) -> list[TokenScope]:
    """What is asked for and there; `email` is Disqus's, and nobody's address is told here."""
    wanted = set(said.replace(" ", ",").split(","))
    return [each for each in TOKEN_SCOPES if each in wanted] or ["read"]


def _back(leads_to: str, said: dict[str, str]) -> str:
    at = urlsplit(leads_to)
    return at._replace(query=urlencode([*parse_qsl(at.query, keep_blank_values=True), *said.items()])).geturl()


def _said(parts: Parts, title: str, words: str, status: int) -> Response:
    view = ConsoleMessage(title, words, "/console", "To the console")
    return _html(draw.console_message(view, asset=parts.assets.url), status)


def _html(page: str, status: int = 200, *, more: dict[str, str] | None = None) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return Response(page, status, {**headers, "Referrer-Policy": "no-referrer", **(more or {})}, "text/html")


def _json(told: dict[str, object], status: int) -> Response:
    return JSONResponse(told, status, {"Cache-Control": "no-store", "Pragma": "no-cache"})
