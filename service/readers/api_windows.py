"""The windows in which a reader signs in at a provider, or with a passkey, and hands over to the frame who they are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from service import readers
from service.kit.db import WriteTx
from service.kit.errors import Refused
from service.kit.seal import is_same
from service.limits import LimitReached, LimitRules
from service.pages import draw
from service.pages.language import Language
from service.pages.views import View
from service.readers.passkeys import PasskeyRefused, asking, host_of
from service.readers.providers import PASSKEY, ProviderRefused, ProviderUnknown
from service.readers.ways import by_passkey
from service.readers.windows import Window, come_back, hand_over, open_window
from service.sites import Site
from service.web import own_ways
from service.web.documents import HTML, document_headers
from service.web.input import Body, Text
from service.web.parts import Parts
from service.web.problem import raises
from service.web.reader_window import back_of, forget_window, remember_window, window_cookie
from service.web.sign_in import PLATFORM
from service.web.spoken import Spoken
from service.web.team import private
from service.web.who import AllParts, Anyone, CrossSite, refuse_cross_site

# Not in the document of the API: what these answer is for people.
router = APIRouter(include_in_schema=False)

_APART = {
    # It has to know the frame that opened it, and to tell nobody where it came from.
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class PasskeyBody(Body):
    """What `navigator.credentials.get` answered, as `toJSON` has it."""

    credential: dict[str, Any]


class CodeView(View):
    """What the window hands to the frame that opened it."""

    code: str


@router.get("/sign-in/start")
async def get_start(
    parts: AllParts,
    who: Anyone,
    spoken: Spoken,
    site: Annotated[Text, Query(max_length=50)],
    provider: Annotated[Text, Query(max_length=40)],
    challenge: Annotated[Text, Query(pattern=r"^[A-Za-z0-9_-]{43}$")],
) -> Response:
    """Open a provider's door, in a window of its own. The state is the browser's own, so nobody else can come back."""
    try:
        found = await parts.sites.by_name(site)
        _refuse_unoffered(parts, found, provider)
        await parts.limiter.spend(PLATFORM, "sign_in", LimitRules().edit, {"address": who.address})
        state, window = await parts.db.transact(open_window, parts.keeper, found.id, provider, challenge)
        answer = await _opened(parts, provider, state, window, spoken)
    except Refused as error:
        return _page(parts, None, spoken, error.status)
    remember_window(answer, parts, state)
    return answer


@router.get("/sign-in/back")
async def get_back(
    request: Request,
    parts: AllParts,
    _: Anyone,
    spoken: Spoken,
    state: Annotated[Text, Query(max_length=100)] = "",
    code: Annotated[Text, Query(max_length=4_000)] = "",
) -> Response:
    """Where the provider sends the reader back to: hand over to the frame who they are."""
    try:
        # Of this browser, or somebody could have another signed in as themselves.
        if not state or not is_same(state, request.cookies.get(window_cookie(parts), "")):
            raise ProviderRefused
        window = await parts.db.transact(come_back, parts.keeper, state)
        if window is None or not code:
            raise ProviderRefused
        at = parts.providers.named(window.provider)
        proven = await parts.providers.redeem(at, back_of(parts), code, window.nonce, window.verifier)
        if window.purpose == "sign-in":
            answer = _page(parts, await parts.db.transact(hand_over, parts.keeper, window, proven), spoken, 200)
        else:
            answer = await own_ways.came_back(request, parts, window, proven, spoken.tag)
    except Refused as error:
        answer = _page(parts, None, spoken, error.status)
    forget_window(answer, parts)
    return answer


@router.post("/sign-in/passkey", responses=raises(PasskeyRefused, CrossSite, LimitReached))
async def post_passkey(
    request: Request, response: Response, parts: AllParts, who: Anyone, given: PasskeyBody
) -> CodeView:
    """A passkey's answer in a window that was opened for one: the code for the frame. A window asks once."""
    private(response)
    refuse_cross_site(request, parts)
    await parts.limiter.spend(PLATFORM, "sign_in.code", LimitRules().edit, {"address": who.address})
    window = await parts.db.transact(come_back, parts.keeper, request.cookies.get(window_cookie(parts), ""))
    forget_window(response, parts)
    if window is None or (window.provider, window.purpose) != (PASSKEY, "sign-in"):
        raise PasskeyRefused

    async def act(tx: WriteTx) -> str:
        door = await by_passkey(tx, parts.keeper, parts.settings.origin, window.nonce, given.credential)
        return await hand_over(tx, parts.keeper, window, door)

    return CodeView(code=await parts.db.transact(act))


async def _opened(parts: Parts, provider: str, state: str, window: Window, spoken: Language) -> Response:
    if provider == PASSKEY:
        drawn = draw.sign_in_passkey(
            asking(parts.settings.origin, window.nonce), asset=parts.assets.url, lang=spoken.tag
        )
        return Response(drawn, 200, document_headers(parts, ()) | _APART, HTML)
    at = parts.providers.named(provider)
    door = await parts.providers.door(at, back_of(parts), state, window.nonce, window.verifier)
    return Response(status_code=303, headers={"Location": door, **_APART})


def _refuse_unoffered(parts: Parts, site: Site, provider: str) -> None:
    rules = site.section("readers", readers.ReaderRules)
    if provider == PASSKEY and rules.takes_passkeys and host_of(parts.settings.origin) is not None:
        return
    if provider not in rules.providers:
        raise ProviderUnknown


def _page(parts: Parts, code: str | None, spoken: Language, status: int) -> Response:
    drawn = draw.sign_in(code, asset=parts.assets.url, lang=spoken.tag)
    return Response(drawn, status, document_headers(parts, ()) | _APART, HTML)
