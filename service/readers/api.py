"""Readers' own accounts over HTTP: ask for a code, sign in with it, list and end one's sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from service import identity, readers, sites
from service.identity import Person
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Invalid, NotFound, Refused, SignInNeeded
from service.kit.seal import is_same
from service.limits import LimitReached, LimitRules
from service.pages import draw
from service.pages.language import Language
from service.pages.views import View
from service.readers.accounts import ReaderNameNeeded
from service.readers.devices import opened
from service.readers.passkeys import PasskeyRefused, asking, host_of
from service.readers.providers import PASSKEY, ProviderRefused, ProviderUnknown
from service.readers.sessions import Session, session_of
from service.readers.ways import by_passkey
from service.readers.windows import Window, come_back, hand_over, open_window, take_over
from service.sites import Site, SiteUnknown
from service.web import acts, own_ways, reader_cookie
from service.web.documents import HTML, document_headers
from service.web.input import Body, PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.reader_window import back_of, forget_window, remember_window, seen_of, window_cookie
from service.web.sign_in import PLATFORM
from service.web.spoken import Spoken
from service.web.team import private
from service.web.who import AllParts, Anyone, Bearer, CrossSite, refuse_cross_site, refuse_foreign_page

router = APIRouter(prefix="/api/v1/sites/{site}/sign-in", tags=["readers"])
# Not in the document of the API: what these answer is for people.
windows = APIRouter(include_in_schema=False)

_APART = {
    # It has to know the frame that opened it, and to tell nobody where it came from.
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

REMEMBER: bool = Field(
    default=False,
    description="Whether the browser keeps the session in a partitioned cookie: for a frame that may store nothing",
)
SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
SessionId = Annotated[PublicId, Path(description="A session's id")]


class SessionUnknown(NotFound):
    """There is no such session of yours."""

    type = "session-unknown"


class EmailBody(Body):
    """Where to send the code."""

    email: Text = Field(min_length=3, max_length=254, examples=["ada@news.example"])


class CodeBody(Body):
    """The code that came."""

    ask: Text = Field(min_length=1, max_length=100, description="As the answer to the asking had it")
    code: Text = Field(min_length=1, max_length=20, examples=["1234 5678"])
    name: Text | None = Field(default=None, max_length=400, description="What to be called here; needed the first time")
    remember: bool = REMEMBER


class AskedView(View):
    """The same for every address, whether there is an account or not."""

    status: Literal["sent"] = "sent"
    ask: str = Field(description="Has to come with the code; keep it in memory")


class EnteredView(View):
    """A session."""

    session: str = Field(description="Send it as `Authorization: Bearer …`")
    ends_at: datetime
    name: str


class HandoverBody(Body):
    """What the window handed over, and what proves that this frame opened it."""

    code: Text = Field(min_length=1, max_length=100)
    verifier: Text = Field(min_length=32, max_length=128, description="Its hash went with the window (as RFC 7636)")
    name: Text | None = Field(default=None, max_length=400, description="Where the provider says no name")
    remember: bool = REMEMBER


class PasskeyBody(Body):
    """What `navigator.credentials.get` answered, as `toJSON` has it."""

    credential: dict[str, Any]


class CodeView(View):
    """What the window hands to the frame that opened it."""

    code: str


class OwnSessionView(View):
    """One of one's sessions."""

    id: str
    site: str = Field(description="The title of the site it is at")
    created_at: datetime
    ends_at: datetime
    is_this: bool
    way: str | None = Field(default=None, examples=["email"], description="email, oidc or passkey: how it began")
    browser: str = Field(default="", examples=["Firefox, Windows"])
    network: str = Field(default="", examples=["203.0.*"], description="The part of the address that a town shares")


class OwnSessionsView(View):
    """One's sessions at all sites, the newest first."""

    items: list[OwnSessionView]


@router.post(
    "/codes",
    status_code=202,
    responses=raises(SiteUnknown, Invalid, readers.ReadersRefused, CrossSite, LimitReached),
)
async def post_code(
    site: SiteName, asked: EmailBody, request: Request, parts: AllParts, who: Anyone, spoken: Spoken
) -> AskedView:
    """Mail a code to an address. The answer is the same whoever it belongs to."""
    refuse_foreign_page(request, parts)
    found = await _site(parts, site)
    email = acts.email_of(asked.email)
    if email is None:
        raise Invalid("This is not an e-mail address.", field="email")
    asker = parts.keeper.pseudonym("reader-asks", email.lower())
    await parts.limiter.spend(PLATFORM, "sign_in", LimitRules().sign_in, {"address": who.address, "author": asker})
    ask = await parts.db.transact(readers.ask_code, parts.keeper, found, email, spoken.tag)
    parts.relay.poke()
    return AskedView(ask=ask)


@router.post(
    "/sessions",
    status_code=201,
    responses=raises(
        SiteUnknown, Invalid, ReaderNameNeeded, readers.CodeWrong, readers.ReadersRefused, CrossSite, LimitReached
    ),
)
async def post_session(
    site: SiteName, given: CodeBody, request: Request, response: Response, parts: AllParts, who: Anyone
) -> EnteredView:
    """Sign in with a code. It works once, where it was asked for."""
    private(response)
    refuse_foreign_page(request, parts)
    found = await _site(parts, site)
    await parts.limiter.spend(PLATFORM, "sign_in.code", LimitRules().edit, {"address": who.address})
    seen = seen_of(request, parts, who)
    entered = await parts.db.transact(readers.enter, parts.keeper, found, given.ask, given.code, given.name, seen)
    return _entered(response, parts, found, entered, remember=given.remember)


@router.post(
    "/handovers",
    status_code=201,
    responses=raises(SiteUnknown, Invalid, ReaderNameNeeded, readers.CodeWrong, CrossSite, LimitReached),
)
async def post_handover(
    site: SiteName, given: HandoverBody, request: Request, response: Response, parts: AllParts, who: Anyone
) -> EnteredView:
    """Take over who signed in in a window of Parley's own: a code that works once, with the verifier it is bound to."""
    private(response)
    refuse_foreign_page(request, parts)
    found = await parts.sites.by_name(site)
    await parts.limiter.spend(PLATFORM, "sign_in.code", LimitRules().edit, {"address": who.address})
    seen = seen_of(request, parts, who)
    entered = await parts.db.transact(take_over, parts.keeper, found, given.code, given.verifier, given.name, seen)
    return _entered(response, parts, found, entered, remember=given.remember)


@router.post("/resume", responses=raises(SiteUnknown, SignInNeeded, CrossSite, LimitReached))
async def post_resume(
    site: SiteName, request: Request, response: Response, parts: AllParts, who: Anyone
) -> EnteredView:
    """The session that this browser keeps in a cookie of the frame. Only our own pages may ask."""
    private(response)
    refuse_cross_site(request, parts)
    found = await parts.sites.by_name(site)
    await parts.limiter.spend(PLATFORM, "sign_in.resume", LimitRules().sso, {"address": who.address})
    token = reader_cookie.kept(request, parts, found)

    async def read(tx: ReadTx) -> tuple[Session, Person] | None:
        session = await session_of(tx, found.id, token or "")
        person = await identity.person(tx, session.person_id) if session is not None else None
        return (session, person) if session is not None and person is not None else None

    known = await parts.db.read(read)
    if token is None or known is None:
        raise SignInNeeded
    session, person = known
    return EnteredView(session=token, ends_at=session.ends_at, name=person.name)


@windows.get("/sign-in/start")
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


@windows.get("/sign-in/back")
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


@windows.post("/sign-in/passkey", responses=raises(PasskeyRefused, CrossSite, LimitReached))
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


def _entered(
    response: Response, parts: Parts, site: Site, entered: readers.Entered | None, *, remember: bool
) -> EnteredView:  # fmt: skip
    if entered is None:
        raise readers.CodeWrong(field="code")
    if remember:
        reader_cookie.keep(response, parts, site, entered.session, entered.ends_at)
    return EnteredView(session=entered.session, ends_at=entered.ends_at, name=entered.member.name)


@router.get("/sessions", responses=raises(SiteUnknown, SignInNeeded))
async def get_sessions(
    site: SiteName, response: Response, parts: AllParts, _: Anyone, authorization: Bearer = None
) -> OwnSessionsView:
    """One's sessions, at all sites of the platform."""
    private(response)
    own = await _own(parts, await parts.sites.by_name(site), authorization)

    async def read(tx: ReadTx) -> list[tuple[Session, Site]]:
        return [(each, await sites.by_id(tx, each.site_id)) for each in await readers.of_reader(tx, own.reader_id)]

    return OwnSessionsView(items=[_session_view(parts, each, at, own) for each, at in await parts.db.read(read)])


@router.delete("/session", status_code=204, responses=raises(SiteUnknown, SignInNeeded, CrossSite))
async def delete_this_session(
    site: SiteName, request: Request, response: Response, parts: AllParts, _: Anyone, authorization: Bearer = None
) -> None:
    """Sign out: the session that comes along is over."""
    refuse_foreign_page(request, parts)
    found = await parts.sites.by_name(site)
    own = await _own(parts, found, authorization)
    await parts.db.transact(readers.end, own.reader_id, own.id)
    reader_cookie.drop(response, parts, found)


@router.delete("/sessions", status_code=204, responses=raises(SiteUnknown, SignInNeeded, CrossSite))
async def delete_sessions(
    site: SiteName,
    request: Request,
    parts: AllParts,
    _: Anyone,
    others: Annotated[bool, Query(description="All but the one that comes along")] = False,
    authorization: Bearer = None,
) -> None:
    """End all of one's sessions, at every site, this one too unless `others` says so."""
    refuse_foreign_page(request, parts)
    own = await _own(parts, await parts.sites.by_name(site), authorization)
    await parts.db.transact(readers.end_all, own.reader_id, but=own.id if others else None)


@router.delete(
    "/sessions/{session}", status_code=204, responses=raises(SiteUnknown, SignInNeeded, SessionUnknown, CrossSite)
)
async def delete_session(
    site: SiteName, session: SessionId, request: Request, parts: AllParts, _: Anyone, authorization: Bearer = None
) -> None:
    """End one of one's sessions."""
    refuse_foreign_page(request, parts)
    own = await _own(parts, await parts.sites.by_name(site), authorization)
    if not await parts.db.transact(readers.end, own.reader_id, number(session)):
        raise SessionUnknown


def _session_view(parts: Parts, each: Session, at: Site, own: Session) -> OwnSessionView:
    browser, network = opened(parts.keeper, each.kept)
    return OwnSessionView(
        id=str(each.id),
        site=at.title,
        created_at=each.created_at,
        ends_at=each.ends_at,
        is_this=each.id == own.id,
        way=each.way,
        browser=browser,
        network=network,
    )


async def _site(parts: Parts, name: str) -> Site:
    found = await parts.sites.by_name(name)
    if not found.section("readers", readers.ReaderRules).email:
        raise readers.ReadersRefused
    return found


async def _own(parts: Parts, site: Site, authorization: str | None) -> Session:
    scheme, _, token = (authorization or "").partition(" ")
    found = await parts.db.read(session_of, site.id, token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise SignInNeeded
    return found
