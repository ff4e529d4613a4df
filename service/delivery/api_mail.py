"""Where links in mail lead. Opening one draws a page and does nothing: programs that look into mail open links too."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from service import identity, moderation, sites
from service.delivery import alert, links
from service.delivery.letters import stopped_by
from service.delivery.links import LinkAction, LinkInvalid, MailLink
from service.identity import Staff
from service.kit import text
from service.kit.db import ReadTx
from service.kit.errors import Conflict, Forbidden, Refused
from service.limits.rules import Limit, ScopeLimits
from service.moderation.desk import DeskCase, lay_out
from service.moderation.meanwhile import meanwhile
from service.pages import draw
from service.pages.console_views import ConsoleMessage
from service.pages.mail_views import MailLinkPage, MailReasonView, MailStopPage
from service.pages.mail_words import MailWords, mail_words
from service.redress import ReasonRules
from service.sites import Site, SiteUnknown
from service.web.input import Text
from service.web.parts import Parts
from service.web.who import AllParts, Anyone, refuse_cross_site

router = APIRouter(prefix="/console/mail", tags=["console"], include_in_schema=False)

_TRIES = ScopeLimits(address=(Limit(60, 60), Limit(600, 3_600)))
_PLATFORM = 0  # whose limits count before a link was read
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)

Token = Annotated[Text, Query(max_length=200)]


class RoleLost(Forbidden):
    """You are not on the team of this site any more, so this link does nothing."""

    type = "role-lost"


class MailLinkUsed(Conflict):
    """This link did its work already."""

    type = "mail-link-used"


@router.get("")
async def get_link(parts: AllParts, who: Anyone, token: Token = "") -> Response:
    """Ask once more: shows the comment and a button, or why there is nothing to decide any more."""
    try:
        await parts.limiter.spend(_PLATFORM, "mail-link", _TRIES, {"address": who.address})
        link, action = await parts.db.read(links.read, parts.keeper, token)
        page = await parts.db.read(_page, link, action, token)
    except Refused as refusal:
        return _refused(parts, refusal)
    return _html(draw.console_mail(page, asset=parts.assets.url))


@router.post("")
async def post_link(
    request: Request,
    parts: AllParts,
    who: Anyone,
    token: Annotated[Text, Form(max_length=200)] = "",
    reason: Annotated[Text, Form(max_length=40)] = "",
    note: Annotated[Text, Form(max_length=1_000)] = "",
) -> Response:
    """Do what the link is for, with the rights its moderator has now."""
    try:
        refuse_cross_site(request, parts)
        await parts.limiter.spend(_PLATFORM, "mail-link", _TRIES, {"address": who.address})
        link, action = await parts.db.read(links.read, parts.keeper, token)
        staff = await parts.db.read(_moderator, link)
        said = text.clean_line(note, field="note", max_chars=1_000)
        await _decide(parts, staff, link, action, reason=reason.strip(), note=said)
        words = await parts.db.read(_words, link.account_id, link.site_id)
    except Refused as refusal:
        return _refused(parts, refusal)
    view = _message(words, words.done[action], words.to_queue)
    return _html(draw.console_message(view, asset=parts.assets.url))


@router.get("/stop")
async def get_stop(parts: AllParts, _: Anyone, token: Token = "") -> Response:
    """Ask whether there is to be no more mail about a site's cases."""
    try:
        account, site = _stopped(parts, token)
        found = await parts.db.read(sites.by_id, site)
        words = await parts.db.read(_words, account, site)
    except Refused as refusal:
        return _refused(parts, refusal)
    return _html(draw.console_mail_stop(MailStopPage(token, found.title or found.name, words), asset=parts.assets.url))


@router.post("/stop")
async def post_stop(parts: AllParts, _: Anyone, token: Token = "") -> Response:
    """End it. Mail programs send this by themselves (RFC 8058), from nowhere: the token is all the authority."""
    try:
        account, site = _stopped(parts, token)
        words = await parts.db.read(_words, account, site)
        await parts.db.transact(alert.stop, account, site)
    except Refused as refusal:
        return _refused(parts, refusal)
    view = _message(words, words.stopped, words.to_console)
    return _html(draw.console_message(view, asset=parts.assets.url))


async def _decide(parts: Parts, staff: Staff, link: MailLink, action: LinkAction, *, reason: str, note: str) -> None:
    if link.used_at is not None and link.used_for != action:
        raise MailLinkUsed
    item = moderation.Item(link.comment_id, link.comment_version)
    # Not marked as used before: a decision that could not be made must not use the link up. What keeps it from being
    # made twice is the version, as everywhere.
    outcome = (await moderation.decide_each(parts.db, parts.queue, staff, [item], action, reason=reason, note=note))[0]
    if outcome.refusal is not None:
        raise outcome.refusal
    await parts.db.transact(links.use, link.id, action)
    parts.relay.poke()


async def _moderator(tx: ReadTx, link: MailLink) -> Staff:
    """Whose link it is, with the roles of this moment. Raises RoleLost."""
    staff = await identity.staff_of(tx, link.account_id)
    if staff is None or not staff.is_moderator_at(link.site_id):
        raise RoleLost
    return staff


async def _page(tx: ReadTx, link: MailLink, action: LinkAction, token: str) -> MailLinkPage:
    staff = await _moderator(tx, link)
    cases = await moderation.get_many(tx, [link.case_id])
    desk = await lay_out(tx, list(cases.values()))
    if not desk or desk[0].comment.version != link.comment_version:
        raise await _overtaken(tx, staff, link)
    site = await sites.by_id(tx, link.site_id)
    return _drawn(desk[0], staff, site, action, token, await _words(tx, link.account_id, link.site_id))


async def _words(tx: ReadTx, account: int, site: int) -> MailWords:
    """The language somebody reads mail about a site in."""
    return mail_words((await alert.of(tx, account, site)).language)


def _message(words: MailWords, said: str, link: str) -> ConsoleMessage:
    return ConsoleMessage(words.done_title, said, link_words=link, lang=words.language, direction=words.direction)


async def _overtaken(tx: ReadTx, staff: Staff, link: MailLink) -> Refused:
    comment = await moderation.about(tx, staff, link.comment_id)
    return await meanwhile(tx, staff, comment, link.comment_version)


def _drawn(item: DeskCase, staff: Staff, site: Site, action: LinkAction, token: str, words: MailWords) -> MailLinkPage:
    rules = site.section("reasons", ReasonRules)
    choices = () if action == "approve" else tuple(MailReasonView(each.code, each.title) for each in rules.codes)
    return MailLinkPage(
        token=token,
        action=action,
        button=words.actions[action],
        moderator=staff.account.name,
        site=site.title or site.name,
        author=item.author.name or words.somebody,
        excerpt=text.excerpt(item.comment.html or "", 5_000),
        title=item.thread.title or item.thread.url,
        url=item.thread.url,
        reasons=tuple(dict.fromkeys(signal.reason for signal in item.case.signals)),
        words=words,
        choices=choices,
        is_reason_required=rules.required,
    )


def _stopped(parts: Parts, token: str) -> tuple[int, int]:
    found = stopped_by(parts.keeper, token)
    if found is None:
        raise LinkInvalid
    return found


def _refused(parts: Parts, refusal: Refused) -> Response:
    hidden = isinstance(refusal, SiteUnknown)
    view = ConsoleMessage(refusal.title(), LinkInvalid.message() if hidden else refusal.detail)
    return _html(draw.console_message(view, asset=parts.assets.url), refusal.status)


def _html(page: str, status: int = 200) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return Response(page, status, headers, "text/html; charset=utf-8")
