"""Acts that come in by more than one door, the API and plain forms: the same limits, checks and screening for each."""

from __future__ import annotations

import re
from typing import Literal

from service import comments, mailing, moderation, posting
from service.identity import Visitor
from service.kit import metrics, text
from service.kit.db import WriteTx
from service.kit.errors import Invalid, Refused
from service.limits import LimitRules, Scope, Standing
from service.limits.rules import Limit, ScopeLimits
from service.pages.views import MailState
from service.posting import NewComment, Posted, PostingRules
from service.sites import Site
from service.web.parts import Parts

_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,189}")
# Each may make a mail go out: a few, whoever's address is given.
MAIL_ASKS = ScopeLimits(
    address=(Limit(10, 3_600), Limit(30, 86_400)), author=(Limit(20, 3_600),), site=(Limit(2_000, 3_600),)
)
_POSTED = metrics.counter("comments_posted", "Comments taken, by what became of them at once.", "state")
Rule = Literal["post", "edit", "vote", "ballot", "report", "search", "preview", "sso"]


async def spend(
    parts: Parts,
    site: Site,
    rule: Rule,
    who: Visitor,
    *,
    thread: str | int | None = None,
    act: str | None = None,
) -> Standing | None:
    """Take what an act costs from the site's limits. Raises LimitReached."""
    limits: ScopeLimits = getattr(site.section("limits", LimitRules), rule)
    names: dict[Scope, str | int | None] = {
        "address": who.address,
        "author": who.person.id if who.person else None,
        "thread": thread,
        "site": site.id,
    }
    return await parts.limiter.spend(site.id, act or rule, limits, names)


async def post(
    parts: Parts, site: Site, who: Visitor, new: NewComment, key: str | None
) -> tuple[Posted, Standing | None]:
    """Post a comment. Raises LimitReached and what `posting.weigh` and `posting.post` raise."""
    draft = posting.weigh(new, site.section("posting", PostingRules))
    page = draft.thread or (draft.url.key if draft.url else None)
    standing = await spend(parts, site, "post", who, thread=page)
    asked = await posting.consult(parts.asker, parts.roster, parts.db, site, who, draft)
    posted = await parts.db.gathered(posting.post, parts.keeper, site, who, draft, key=key, asked=asked)
    _POSTED.labels("repeated" if posted.is_repeat else posted.comment.state).inc()
    if asked.later:
        parts.questions.poke()
    return posted, standing


async def spend_mail(parts: Parts, site: Site, who: Visitor) -> None:
    """Take what asking for mail costs. Raises LimitReached."""
    names: dict[Scope, str | int | None] = {
        "address": who.address,
        "author": who.person.id if who.person else None,
        "site": site.id,
    }
    await parts.limiter.spend(site.id, "mail", MAIL_ASKS, names)


async def mail_replies(
    parts: Parts, site: Site, who: Visitor, posted: Posted, email: str | None, language: str
) -> MailState:
    """Mail an author what is answered to them in this discussion; how mail to them stands then.

    The comment is there by now: what keeps mail from being sent (no address, a limit) is told, and no fault.
    """
    author = Visitor(who.address, posted.author, who.staff)
    new = mailing.Wish("replies", posted.thread.id, email=email, language=language)
    try:
        await spend_mail(parts, site, author)
        _, _, address = await parts.db.transact(mailing.wish, parts.keeper, site, author, new)
    except Refused:
        return "none"
    return address.state if address is not None else "none"


async def report(
    parts: Parts, site: Site, who: Visitor, comment_id: int, reason: moderation.ReportReason, detail: str
) -> Standing | None:
    """Report a comment that can be read. Raises LimitReached, CommentUnknown, Invalid."""
    standing = await spend(parts, site, "report", who)
    said = text.clean_line(detail, field="detail", max_chars=1_000) if detail.strip() else ""
    await parts.db.transact(_report, parts, site, who, comment_id, reason, said)
    return standing


def email_of(value: str | None) -> str | None:
    """An e-mail address, or None for nothing. Raises Invalid."""
    if not value or not value.strip():
        return None
    if len(value) > 254 or not _EMAIL.fullmatch(value.strip()):
        raise Invalid("This is not an e-mail address. You can leave it out.", field="author.email")
    return value.strip()


def _reporter(parts: Parts, site: Site, who: Visitor) -> str:
    """Who reports, as a pseudonym: a member by account, a guest by address, as capabilities are had for the asking."""
    known = who.person.id if who.person is not None and who.person.is_member else who.address
    return parts.keeper.pseudonym("reporter", f"{site.id}.{known}")


async def _report(
    tx: WriteTx, parts: Parts, site: Site, who: Visitor, comment_id: int, reason: moderation.ReportReason, detail: str
) -> None:
    posting.refuse_reports_of_outsiders(site, who)
    found = await posting.standing(tx, parts.keeper, site, who)
    comment = await comments.get(tx, comment_id)
    if not comment.is_published or comment.site_id != site.id:
        raise comments.CommentUnknown
    if not found.is_shadowed:
        person = who.person.id if who.person is not None else None
        await moderation.report(tx, site, comment, _reporter(parts, site, who), reason, detail, person_id=person)
