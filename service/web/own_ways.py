"""A reader's own page about the ways into their account: what it shows, and the proof its browser holds.

The proof is a cookie of ten minutes, `SameSite=Strict`, worth something only beside the page's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fastapi import Request
from starlette.responses import Response

from service import readers, sites
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Refused
from service.kit.said import N_
from service.pages import draw
from service.pages.looks import policy_of
from service.pages.own_views import OwnMessage
from service.pages.ways_views import CodeAskedView, OtherAccountView, Purpose, SignedInView, WaysPage, WayView
from service.readers import accounts, devices, joining, proofs, ways
from service.readers.notices import JOINED
from service.readers.passkeys import host_of
from service.readers.proofs import Proof, ProofNeeded
from service.readers.providers import Proven, ProviderRefused
from service.readers.windows import Window
from service.web.documents import HTML
from service.web.fragments import frame_settings
from service.web.me import Me, me_view
from service.web.parts import Parts
from service.web.spoken import spoken_by

_ADDED = N_("It is a way into your account now.")
TOLD = {
    "proven": N_("It is you. For ten minutes you can change the ways into your account."),
    "added": _ADDED,
    "yours": _ADDED,
    "removed": N_("It is no way into your account any more, and where it was used to sign in, that is over."),
    "joined": JOINED,
    "ended": N_("You are signed out there."),
    # The page says more of it.
    "other": "",
    "renamed": "",
}
A_PASSKEY = N_("a passkey")


@dataclass(frozen=True)
class Account:
    """Whose page it is, their account, and the proof this browser holds."""

    mine: Me
    reader: int
    proof: Proof | None

    @property
    def proven(self) -> Proof:
        """The proof. Raises ProofNeeded."""
        if self.proof is None:
            raise ProofNeeded
        return self.proof


def proof_cookie(parts: Parts) -> str:
    """Its name: `__Host-` wherever the browser lets it be secure."""
    return "__Host-parley-proof" if parts.settings.origin.startswith("https://") else "parley-proof"


def set_proof(response: Response, parts: Parts, token: str) -> None:
    """Give the browser its proof."""
    response.set_cookie(
        proof_cookie(parts),
        token,
        max_age=int(proofs.PROOF_LIFE.total_seconds()),
        path="/",
        httponly=True,
        secure=parts.settings.origin.startswith("https://"),
        samesite="strict",
    )


async def account_of(request: Request, parts: Parts, mine: Me) -> Account | None:
    """The account of whose page this is; None for who has none."""
    reader = readers.reader_of(mine.person)
    if reader is None:
        return None
    token = request.cookies.get(proof_cookie(parts))
    return Account(mine, reader, await parts.db.read(proofs.of_token, token, reader))


async def page(
    request: Request,
    parts: Parts,
    mine: Me,
    *,
    told: str = "",
    problem: str = "",
    asked: CodeAskedView | None = None,
    status: int = 200,
) -> Response:
    """The page as it is now."""
    account = await account_of(request, parts, mine)
    view = await parts.db.read(_read, parts, mine, account, told, problem, asked)
    settings = frame_settings(mine.site)
    drawn = draw.own_ways(view, asset=parts.assets.url, settings=settings, lang=_lang(request))
    return _html(drawn, status, settings.style)


async def came_back(request: Request, parts: Parts, window: Window, proven: Proven, tag: str) -> Response:
    """A provider has vouched for whom it is that opened this window from their page: their proof, or one more way.

    Another site has led here, so the cookies of that page do not come along: the window knows whose it is.
    """
    token, said = await parts.db.transact(_come_back, parts, window, proven, tag)
    says = OwnMessage("Parley", N_("Signing in"), tuple(filter(None, [TOLD[said]])), back=True, back_to="/me/ways")
    response = _html(draw.own_message(says, asset=parts.assets.url, lang=_lang(request)))
    if token is not None:
        set_proof(response, parts, token)
    return response


async def _come_back(
    tx: WriteTx, parts: Parts, window: Window, proven: Proven, tag: str
) -> tuple[str | None, str]:  # fmt: skip
    subject = f"{proven.issuer}\n{proven.subject}"
    reader = window.reader_id or 0
    if window.purpose == "prove":
        door = await accounts.door_of(tx, parts.keeper, "oidc", subject)
        if door is None or door.reader_id != reader:
            raise ProviderRefused
        await accounts.note_use(tx, door.way_id)
        return await proofs.begin(tx, reader), "proven"
    proof = await proofs.of_key(tx, window.proof, reader)
    if proof is None:
        raise ProofNeeded
    kept = accounts.kept_of_provider(proven.issuer, proven.subject)
    said = await ways.add(tx, parts.keeper, proof, "oidc", subject, kept)
    if said == "added":
        site = await sites.by_id(tx, window.site_id)
        called = parts.providers.called(proven.issuer)
        await ways.tell(tx, parts.keeper, reader, "added", called, site=site.title or site.name, tag=tag)
    return None, said


async def _read(
    tx: ReadTx,
    parts: Parts,
    mine: Me,
    account: Account | None,
    told: str,
    problem: str,
    asked: CodeAskedView | None,
) -> WaysPage:
    title, me = mine.site.title or mine.site.name, await me_view(tx, parts.keeper, mine)
    if account is None:
        return WaysPage(title, me, has_account=False)
    rules = mine.site.section("readers", readers.ReaderRules)
    known = await ways.of_account(tx, parts.keeper, account.reader)
    proof = account.proof
    is_other = proof is not None and proof.other_id is not None
    return WaysPage(
        title,
        me,
        has_account=True,
        is_proven=proof is not None,
        ways=tuple(_way(parts, each) for each in known),
        sessions=await _sessions(tx, parts, account.reader),
        providers=_providers(parts, rules, known, "prove" if proof is None else "add"),
        may_mail=rules.email,
        may_passkey=rules.takes_passkeys and host_of(parts.settings.origin) is not None,
        asked=asked,
        other=OtherAccountView(tuple(await joining.both_at(tx, proof))) if proof is not None and is_other else None,
        told=told,
        problem=problem,
    )


def _way(parts: Parts, each: ways.Way) -> WayView:
    called = parts.providers.called(each.called) if each.kind == "oidc" else each.called
    return WayView(str(each.id), each.kind, called, each.created_at, each.used_at)


async def _sessions(tx: ReadTx, parts: Parts, reader: int) -> tuple[SignedInView, ...]:
    found = []
    for each in await readers.of_reader(tx, reader):
        site = await sites.by_id(tx, each.site_id)
        browser, network = devices.opened(parts.keeper, each.kept)
        title = site.title or site.name
        found.append(SignedInView(str(each.id), title, browser, network, each.way, each.created_at))
    return tuple(found)


def _providers(
    parts: Parts, rules: readers.ReaderRules, known: list[ways.Way], purpose: Purpose
) -> tuple[tuple[str, str, Purpose], ...]:
    """Those this site offers; to prove who one is, those one signs in with."""
    issuers = {each.called for each in known if each.kind == "oidc"}
    offered = [each for each in map(partial(_named, parts), rules.providers) if each is not None]
    return tuple((each.id, each.name, purpose) for each in offered if purpose == "add" or each.issuer in issuers)


def _named(parts: Parts, provider: str) -> readers.Provider | None:
    try:
        return parts.providers.named(provider)
    except Refused:
        return None


def refused(request: Request, parts: Parts, refusal: Refused) -> Response:
    """A page that says what was refused."""
    says = OwnMessage("Parley", N_("That did not work"), (refusal.detail,), is_refused=True)
    response = _html(draw.own_message(says, asset=parts.assets.url, lang=_lang(request)), refusal.status)
    response.headers.update(refusal.headers())
    return response


def _lang(request: Request) -> str | None:
    return spoken_by(request).tag if request.headers.get("accept-language") else None


def _html(drawn: str, status: int = 200, style: str = "") -> Response:
    styles = " ".join(["'self'", policy_of(style)]).strip()
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; connect-src 'self';"
            " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "same-origin",
        "Vary": "Accept-Language",
        "X-Robots-Tag": "noindex",
    }
    return Response(drawn, status, headers, HTML)
