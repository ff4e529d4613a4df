"""Signing in to a reader's own account over HTTP: by a code that was mailed, a window's code, the browser's cookie."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from service import identity, readers
from service.identity import Person
from service.kit.db import ReadTx
from service.kit.errors import Invalid, SignInNeeded
from service.limits import LimitReached, LimitRules
from service.pages.views import View
from service.readers.accounts import ReaderNameNeeded
from service.readers.sessions import Session, session_of
from service.readers.windows import take_over
from service.sites import Site, SiteUnknown
from service.web import acts, reader_cookie
from service.web.input import Body, Text
from service.web.parts import Parts
from service.web.problem import raises
from service.web.reader_window import seen_of
from service.web.sign_in import PLATFORM
from service.web.spoken import Spoken
from service.web.team import private
from service.web.who import AllParts, Anyone, CrossSite, refuse_cross_site, refuse_foreign_page

router = APIRouter(prefix="/api/v1/sites/{site}/sign-in", tags=["readers"])

REMEMBER: bool = Field(
    default=False,
    description="Whether the browser keeps the session in a partitioned cookie: for a frame that may store nothing",
)
SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]


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


def _entered(
    response: Response, parts: Parts, site: Site, entered: readers.Entered | None, *, remember: bool
) -> EnteredView:  # fmt: skip
    if entered is None:
        raise readers.CodeWrong(field="code")
    if remember:
        reader_cookie.keep(response, parts, site, entered.session, entered.ends_at)
    return EnteredView(session=entered.session, ends_at=entered.ends_at, name=entered.member.name)


async def _site(parts: Parts, name: str) -> Site:
    found = await parts.sites.by_name(name)
    if not found.section("readers", readers.ReaderRules).email:
        raise readers.ReadersRefused
    return found
