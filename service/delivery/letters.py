"""A mail to a moderator about cases: composed from what the desk shows of them, in text and in HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from urllib.parse import quote

from service.delivery.links import LINK_LIFE, LinkAction, MailLink, token
from service.delivery.mail import Mail
from service.identity import Staff
from service.kit import text
from service.kit.seal import Keeper
from service.moderation.desk import DeskCase
from service.pages import draw
from service.pages.language import language
from service.pages.mail_views import MailAlertView, MailCaseView, MailLinkView
from service.pages.mail_words import MailWords, mail_words
from service.sites import Site

_EXCERPT = 600


def letter(
    staff: Staff,
    site: Site,
    cases: Sequence[tuple[DeskCase, MailLink]],
    *,
    keeper: Keeper,
    origin: str,
    open_cases: int,
    is_digest: bool,
    key: str,
    language: str,
) -> Mail:
    """One mail about some cases, the most pressing first; `key` is its id, the same if it is sent again."""
    said = mail_words(language)
    stop = f"{origin}/console/mail/stop?token={stop_token(keeper, staff.account.id, site.id)}"
    view = MailAlertView(
        name=staff.account.name,
        site=site.title or site.name,
        is_digest=is_digest,
        cases=tuple(_case(item, link, site, keeper, origin, said) for item, link in cases),
        open=open_cases,
        console=f"{origin}/console?site={quote(site.name)}",
        stop=stop,
        hours=int(LINK_LIFE.total_seconds() // 3_600),
        words=said,
    )
    return Mail(staff.account.email, _subject(view), _text(view), key, html=draw.mail_alert(view), stop=stop)


def stop_token(keeper: Keeper, account_id: int, site_id: int) -> str:
    """What ends one account's alerts of one site: signed, for that alone, and good for ever."""
    return f"{account_id}.{site_id}.{keeper.sign('mail-stop', f'{account_id}.{site_id}')}"


def stopped_by(keeper: Keeper, given: str) -> tuple[int, int] | None:
    """(account, site) of a stop token; None when it is not a true one."""
    parts = given.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts[:2]):
        return None
    account, site, signature = parts
    return (int(account), int(site)) if keeper.is_signed("mail-stop", f"{account}.{site}", signature) else None


def actions(state: str) -> tuple[LinkAction, ...]:
    """What a link may do to a comment in this state."""
    return ("approve", "reject") if state == "held" else ("approve", "remove")


def _case(item: DeskCase, link: MailLink, site: Site, keeper: Keeper, origin: str, said: MailWords) -> MailCaseView:
    links = [
        MailLinkView(said.actions[action], f"{origin}/console/mail?token={token(keeper, link, action)}")
        for action in actions(item.comment.state)
    ]
    place = f"{origin}/console?site={quote(site.name)}&case={item.case.id}"
    links.append(MailLinkView(said.open_in_console, place))
    return MailCaseView(
        author=item.author.name or said.somebody,
        excerpt=text.excerpt(item.comment.html or "", _EXCERPT),
        title=item.thread.title or item.thread.url,
        reasons=tuple(dict.fromkeys(signal.reason for signal in item.case.signals)),
        level=item.case.level,
        due_at=item.case.due_at,
        links=tuple(links),
    )


def _subject(view: MailAlertView) -> str:
    said = view.words
    if view.is_digest:
        return said.counted(said.subject_digest, view.open, site=view.site)
    if len(view.cases) == 1:
        return said.subject_one.format(site=view.site, level=said.levels[view.cases[0].level])
    return said.counted(said.subject_many, len(view.cases), site=view.site)


def _text(view: MailAlertView) -> str:
    said = view.words
    lines = [said.hello.format(name=view.name), "", said.counted(said.open, view.open, site=view.site)]
    for case in view.cases:
        about = said.about.format(level=said.levels[case.level], due=language(said.language).date(case.due_at))
        lines += ["", "-" * 60, f"{case.author} ({about})", case.title, ""]
        lines += [f"> {case.excerpt}", ""]
        lines += [f"* {reason}" for reason in case.reasons]
        lines += ["", *(f"{link.words}:\n{link.url}" for link in case.links)]
    lines += [
        "",
        "-" * 60,
        *textwrap.wrap(said.caution.format(hours=view.hours), 88),
        "",
        f"{said.queue}: {view.console}",
        f"{said.stop}: {view.stop}",
    ]
    return "\n".join(lines) + "\n"
