"""A reader's own page about signing in: the ways into their account, proven, added, taken away; their sessions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from service import readers
from service.identity import Visitor
from service.kit import text
from service.kit.db import WriteTx
from service.kit.errors import Forbidden, Invalid, Refused
from service.kit.ids import parse_id
from service.limits import LimitReached, LimitRules
from service.pages.ways_views import CodeAskedView, Purpose
from service.readers import accounts, joining, passkeys, proofs, ways
from service.readers.codes import ask_code, read_mail
from service.readers.passkeys import PasskeyRefused
from service.readers.providers import PASSKEY, ProviderUnknown
from service.readers.windows import Window, come_back, open_window
from service.web import acts, own_ways
from service.web.input import Body, Text
from service.web.me import Me, NoPageOpen, me_of_cookie, spend
from service.web.own_ways import A_PASSKEY, TOLD, Account
from service.web.parts import Parts
from service.web.problem import raises
from service.web.reader_window import back_of, remember_window
from service.web.sign_in import PLATFORM
from service.web.spoken import Spoken
from service.web.team import private
from service.web.who import AllParts, Anyone, CrossSite

router = APIRouter(prefix="/me/ways", tags=["me"], include_in_schema=False)

_NO_STORE = {"Cache-Control": "no-store"}
PurposeForm = Annotated[Purpose, Form()]
WayForm = Annotated[Text, Form(max_length=19)]


class NoAccount(Forbidden):
    """You have no account with ways in of your own here."""

    type = "no-account"


class AskBody(Body):
    """What a passkey is asked for: to show who one is, or to become one more way in."""

    purpose: Purpose


class AnswerBody(Body):
    """A passkey's answer."""

    purpose: Purpose
    state: Text = Field(max_length=100)
    name: Text = Field(default="", max_length=100, description="What its reader calls it")
    credential: dict[str, Any]


class QuestionView(Body):
    """What to ask a passkey; the answer has to come with `state`."""

    state: str
    options: dict[str, Any]


class DoneView(Body):
    """What came of it."""

    status: str


@router.get("")
async def get_ways(
    request: Request, parts: AllParts, who: Anyone, told: Annotated[Text, Query(max_length=20)] = ""
) -> Response:
    """The ways into one's account, and where one is signed in."""
    try:
        mine = await _me(request, parts, who)
    except Refused as refusal:
        return own_ways.refused(request, parts, refusal)
    return await own_ways.page(request, parts, mine, told=TOLD.get(told, ""))


@router.post("/code")
async def post_code(
    request: Request,
    parts: AllParts,
    who: Anyone,
    spoken: Spoken,
    purpose: PurposeForm = "prove",
    way: WayForm = "",
    email: Annotated[Text, Form(max_length=254)] = "",
) -> Response:
    """Have a code mailed: to an address that is a way in, or to one that is to become one."""
    try:
        account = await _account(request, parts, who)
        if purpose == "prove":
            to = await _own_address(parts, account, way)
        else:
            to = await _new_address(account, email)
        asker = parts.keeper.pseudonym("reader-asks", to.lower())
        await parts.limiter.spend(PLATFORM, "sign_in", LimitRules().sign_in, {"address": who.address, "author": asker})
        ask = await parts.db.transact(ask_code, parts.keeper, account.mine.site, to, spoken.tag, purpose)
    except Refused as refusal:
        return await _again(request, parts, who, refusal)
    parts.relay.poke()
    return await own_ways.page(request, parts, account.mine, asked=CodeAskedView(purpose, ask))


@router.post("/code/enter")
async def post_code_enter(
    request: Request,
    parts: AllParts,
    who: Anyone,
    spoken: Spoken,
    purpose: PurposeForm = "prove",
    ask: Annotated[Text, Form(max_length=100)] = "",
    code: Annotated[Text, Form(max_length=20)] = "",
) -> Response:
    """The code that came: it is them, or the address is theirs."""
    try:
        account = await _account(request, parts, who)
        await parts.limiter.spend(PLATFORM, "sign_in.code", LimitRules().edit, {"address": who.address})
        done = await parts.db.transact(_read_mail, parts, account, purpose, ask, code, spoken.tag)
    except Refused as refusal:
        return await _again(request, parts, who, refusal)
    if done is None:
        wrong, asked = readers.CodeWrong(), CodeAskedView(purpose, ask)
        return await own_ways.page(request, parts, account.mine, asked=asked, problem=wrong.detail, status=wrong.status)
    parts.relay.poke()
    return _on(parts, *done)


@router.get("/provider")
async def get_provider(
    request: Request,
    parts: AllParts,
    who: Anyone,
    provider: Annotated[Text, Query(max_length=40)] = "",
    purpose: Annotated[Purpose, Query()] = "prove",
) -> Response:
    """On to a provider, to show there who one is. Its answer comes to where all providers' answers come."""
    try:
        account = await _account(request, parts, who)
        if provider not in account.mine.site.section("readers", readers.ReaderRules).providers:
            raise ProviderUnknown
        at = parts.providers.named(provider)
        await parts.limiter.spend(PLATFORM, "sign_in", LimitRules().edit, {"address": who.address})
        state, window = await parts.db.transact(_open, parts, account, provider, purpose)
        door = await parts.providers.door(at, back_of(parts), state, window.nonce, window.verifier)
    except Refused as refusal:
        return await _again(request, parts, who, refusal)
    answer = RedirectResponse(door, 303, {**_NO_STORE, "Referrer-Policy": "no-referrer"})
    remember_window(answer, parts, state)
    return answer


@router.post(
    "/passkey/options", responses=raises(NoAccount, proofs.ProofNeeded, PasskeyRefused, CrossSite, LimitReached)
)
async def post_passkey_options(
    asked: AskBody, request: Request, response: Response, parts: AllParts, who: Anyone
) -> QuestionView:  # fmt: skip
    """What to ask a passkey. The question is good once, for ten minutes, for this account."""
    private(response)
    account = await _account(request, parts, who)
    await parts.limiter.spend(PLATFORM, "sign_in", LimitRules().edit, {"address": who.address})
    origin = parts.settings.origin

    async def act(tx: WriteTx) -> tuple[str, dict[str, Any]]:
        state, window = await _open(tx, parts, account, PASSKEY, asked.purpose)
        if asked.purpose == "prove":
            return state, passkeys.asking(origin, window.nonce)
        known = await ways.passkey_ids(tx, parts.keeper, account.reader)
        handle, name = ways.handle_of(parts.keeper, account.reader), account.mine.person.name
        return state, passkeys.making(origin, window.nonce, handle, name, known)

    state, options = await parts.db.transact(act)
    return QuestionView(state=state, options=options)


@router.post("/passkey", responses=raises(NoAccount, proofs.ProofNeeded, PasskeyRefused, CrossSite, LimitReached))
async def post_passkey(
    given: AnswerBody, request: Request, response: Response, parts: AllParts, who: Anyone, spoken: Spoken
) -> DoneView:
    """A passkey's answer: it is them, or it is one more way in."""
    private(response)
    account = await _account(request, parts, who)
    await parts.limiter.spend(PLATFORM, "sign_in.code", LimitRules().edit, {"address": who.address})
    window = await parts.db.transact(come_back, parts.keeper, given.state)
    if window is None or (window.provider, window.purpose, window.reader_id) != (
        PASSKEY,
        given.purpose,
        account.reader,
    ):
        raise PasskeyRefused
    said, token = await parts.db.transact(_answered, parts, account, window, given, spoken.tag)
    parts.relay.poke()
    if token is not None:
        own_ways.set_proof(response, parts, token)
    return DoneView(status=said)


@router.post("/rename")
async def post_rename(
    request: Request, parts: AllParts, who: Anyone, way: WayForm = "", name: Annotated[Text, Form(max_length=400)] = ""
) -> Response:
    """Call a passkey something else."""
    try:
        account = await _account(request, parts, who)
        _ = account.proven
        await parts.db.transact(ways.rename, parts.keeper, account.reader, parse_id(way, field="way"), name)
    except Refused as refusal:
        return await _again(request, parts, who, refusal)
    return _on(parts, "renamed")


@router.post("/remove")
async def post_remove(
    request: Request, parts: AllParts, who: Anyone, spoken: Spoken, way: WayForm = ""
) -> Response:  # fmt: skip
    """Take a way away, with the sessions that began by it. The last one stays."""
    try:
        account = await _account(request, parts, who)
        _ = account.proven
        await parts.db.transact(_remove, parts, account, parse_id(way, field="way"), spoken.tag)
    except Refused as refusal:
        return await _again(request, parts, who, refusal)
    parts.relay.poke()
    return _on(parts, "removed")


@router.post("/join")
async def post_join(request: Request, parts: AllParts, who: Anyone, spoken: Spoken) -> Response:
    """Make one of two accounts that were both proven here."""
    try:
        account = await _account(request, parts, who)
        await parts.db.transact(_join, parts, account, spoken.tag)
    except Refused as refusal:
        return await _again(request, parts, who, refusal)
    parts.relay.poke()
    return _on(parts, "joined")


@router.post("/sessions")
async def post_sessions(
    request: Request, parts: AllParts, who: Anyone, session: Annotated[Text, Form(max_length=19)] = ""
) -> Response:
    """Sign out at one site, or everywhere."""
    try:
        account = await _account(request, parts, who)
        if session == "all":
            await parts.db.transact(readers.end_all, account.reader)
        else:
            await parts.db.transact(readers.end, account.reader, parse_id(session, field="session"))
    except Refused as refusal:
        return await _again(request, parts, who, refusal)
    return _on(parts, "ended")


async def _me(request: Request, parts: Parts, who: Visitor) -> Me:
    found = await me_of_cookie(request, parts, who)
    if found is None:
        raise NoPageOpen
    return found


async def _account(request: Request, parts: Parts, who: Visitor) -> Account:
    mine = await _me(request, parts, who)
    found = await own_ways.account_of(request, parts, mine)
    if found is None:
        raise NoAccount
    await spend(parts, mine)
    return found


async def _again(request: Request, parts: Parts, who: Visitor, refusal: Refused) -> Response:
    """The page with what was refused, where it is open; else that it is not."""
    mine = None if isinstance(refusal, CrossSite) else await me_of_cookie(request, parts, who)
    if mine is None:
        return own_ways.refused(request, parts, refusal)
    answer = await own_ways.page(request, parts, mine, problem=refusal.detail, status=refusal.status)
    answer.headers.update(refusal.headers())
    return answer


async def _own_address(parts: Parts, account: Account, way: str) -> str:
    known = await parts.db.read(ways.of_account, parts.keeper, account.reader)
    number = parse_id(way, field="way")
    found = next((each for each in known if each.id == number and each.kind == "email"), None)
    if found is None:
        raise ways.WayUnknown
    return found.called


async def _new_address(account: Account, email: str) -> str:
    _ = account.proven
    if not account.mine.site.section("readers", readers.ReaderRules).email:
        raise readers.ReadersRefused
    found = acts.email_of(email)
    if found is None:
        raise Invalid("This is not an e-mail address.", field="email")
    return found


async def _read_mail(
    tx: WriteTx, parts: Parts, account: Account, purpose: Purpose, ask: str, code: str, tag: str
) -> tuple[str, str | None] | None:
    proof = account.proven if purpose == "add" else None
    email = await read_mail(tx, parts.keeper, account.mine.site, ask, code, purpose)
    if email is None:
        return None
    proven = email.strip().lower()
    if proof is None:
        door = await accounts.door_of(tx, parts.keeper, "email", proven)
        if door is None or door.reader_id != account.reader:
            return None
        return "proven", await proofs.begin(tx, account.reader)
    said = await ways.add(tx, parts.keeper, proof, "email", proven, email)
    if said == "added":
        await _tell(tx, parts, account, "added", email, tag)
    return said, None


async def _open(
    tx: WriteTx, parts: Parts, account: Account, provider: str, purpose: Purpose
) -> tuple[str, Window]:  # fmt: skip
    proof = account.proven.key if purpose == "add" else ""
    site = account.mine.site.id
    return await open_window(tx, parts.keeper, site, provider, "", purpose, reader_id=account.reader, proof=proof)


async def _answered(
    tx: WriteTx, parts: Parts, account: Account, window: Window, given: AnswerBody, tag: str
) -> tuple[str, str | None]:
    origin = parts.settings.origin
    if given.purpose == "prove":
        door = await ways.by_passkey(tx, parts.keeper, origin, window.nonce, given.credential)
        if door.reader_id != account.reader:
            raise PasskeyRefused
        return "proven", await proofs.begin(tx, account.reader)
    proof = await proofs.of_key(tx, window.proof, account.reader)
    if proof is None:
        raise proofs.ProofNeeded
    made = passkeys.made(origin, window.nonce, ways.handle_of(parts.keeper, account.reader), given.credential)
    name = text.clean_line(given.name.strip() or "Passkey", field="name", max_chars=60)
    said = await ways.add_passkey(tx, parts.keeper, proof, made, name)
    if said == "added":
        await _tell(tx, parts, account, "added", A_PASSKEY, tag)
    return said, None


async def _remove(tx: WriteTx, parts: Parts, account: Account, way: int, tag: str) -> None:
    gone = await ways.remove(tx, parts.keeper, account.reader, way)
    called = A_PASSKEY if gone.kind == "passkey" else gone.called
    called = parts.providers.called(called) if gone.kind == "oidc" else called
    await _tell(tx, parts, account, "removed", called, tag, also=gone.called if gone.kind == "email" else None)


async def _join(tx: WriteTx, parts: Parts, account: Account, tag: str) -> None:
    proof = await proofs.of_key(tx, account.proven.key, account.reader)
    if proof is None:
        raise proofs.ProofNeeded
    await joining.join(tx, proof)
    await _tell(tx, parts, account, "joined", "", tag)


async def _tell(
    tx: WriteTx,
    parts: Parts,
    account: Account,
    change: Any,
    way: str,
    tag: str,
    *,
    also: str | None = None,
) -> None:
    site = account.mine.site
    await ways.tell(tx, parts.keeper, account.reader, change, way, site=site.title or site.name, tag=tag, also=also)


def _on(parts: Parts, said: str, token: str | None = None) -> Response:
    """Back to the page, with the proof where there is one; of another account the page itself tells."""
    answer = RedirectResponse(f"/me/ways?told={said}", 303, _NO_STORE)
    if token is not None:
        own_ways.set_proof(answer, parts, token)
    return answer
