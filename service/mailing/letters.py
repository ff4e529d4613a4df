"""Mail to readers, composed: what is new in their language, in text and HTML, with the ways to end it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from service.comments import Comment
from service.delivery import Mail
from service.identity import Person
from service.kit import text
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.mailing.addresses import CONFIRM_LIFE, Address, mailbox_of
from service.mailing.links import Stop, return_path, stop_token
from service.mailing.rules import rules_of
from service.pages import draw
from service.pages.language import chosen
from service.pages.reader_mail_views import ConfirmMail, MailNews, MailThread, NewsKind, ReaderMail
from service.sites import Site
from service.threads import Thread

_LONGEST_TITLE = 150
# The innermost one: spoilers can stand in spoilers.
_SPOILER = re.compile(r"<details\b[^>]*>(?:(?!<details\b).)*?</details>", re.DOTALL)


@dataclass(frozen=True)
class News:
    """A comment to be told, and why."""

    comment: Comment
    kind: NewsKind
    author: Person | None


def _shut(safe: str) -> str:
    """A rendered text without what stands in its spoilers: plain text cannot keep them shut."""
    while (shut := _SPOILER.sub("<p>[…]</p>", safe)) != safe:
        safe = shut
    return safe


@dataclass(frozen=True)
class Office:
    """What all mail of this installation has in common."""

    keeper: Keeper
    settings: Settings

    def of_news(
        self, site: Site, to: Address, news: Sequence[News], about: dict[int, Thread], *, more: int, key: int
    ) -> Mail:
        """One mail about some comments; `key` makes its id, the same when it is sent again."""
        by_thread: dict[int, list[News]] = {}
        for each in news:
            by_thread.setdefault(each.comment.thread_id, []).append(each)
        stop = self.stop(Stop(to.person_id))
        view = ReaderMail(
            site=site.title or site.name,
            threads=tuple(self._thread(to, about[number], some) for number, some in by_thread.items()),
            count=len(news) + more,
            more=more,
            stop=stop,
        )
        subject, plain, drawn = draw.reader_mail(view, to.language)
        only = next(iter(by_thread)) if len(by_thread) == 1 else None
        belongs = f"discussion-{only}-{to.person_id}" if only is not None else f"site-{site.id}-{to.person_id}"
        return self._mail(
            site, to, subject, plain, key=f"news-{to.person_id}-{key}", html=drawn, stop=stop, belongs_to=belongs
        )

    def of_question(self, site: Site, to: Address, token: str, request: int) -> Mail:
        """The mail that asks whether an address is whose it is said to be."""
        view = ConfirmMail(
            site=site.title or site.name,
            link=f"{self.settings.origin}/mail/confirm?token={token}",
            stop=self.stop(Stop(to.person_id)),
            days=CONFIRM_LIFE.days,
        )
        subject, plain = draw.confirm_mail(view, to.language)
        return self._mail(site, to, subject, plain, key=f"confirm-{to.person_id}-{request}")

    def stop(self, stop: Stop) -> str:
        """Where mail is ended."""
        return f"{self.settings.origin}/mail/stop?token={stop_token(self.keeper, stop)}"

    def _mail(
        self,
        site: Site,
        to: Address,
        subject: str,
        plain: str,
        *,
        key: str,
        html: str | None = None,
        stop: str | None = None,
        belongs_to: str = "",
    ) -> Mail:
        rules, bounces = rules_of(site), self.settings.mail_bounces
        mailbox = mailbox_of(self.keeper, to.email)
        return Mail(
            to.email,
            subject,
            plain,
            key,
            html=html,
            stop=stop,
            sender=rules.sender or site.title or site.name,
            reply_to=rules.reply_to,
            list_id=f"<{site.name}.{urlsplit(self.settings.origin).hostname}>" if stop else "",
            belongs_to=belongs_to,
            return_path=return_path(self.keeper, bounces, to.person_id, mailbox) if bounces else "",
            language=chosen(to.language).tag,
        )

    def _thread(self, to: Address, thread: Thread, news: Sequence[News]) -> MailThread:
        # What a title is long does not make a subject long.
        title = " ".join((thread.title or thread.url).split())
        return MailThread(
            title=title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE]} …",
            url=thread.url,
            news=tuple(self._news(each) for each in news),
            stop=self.stop(Stop(to.person_id, thread.id)),
        )

    def _news(self, news: News) -> MailNews:
        comment = news.comment
        return MailNews(
            kind=news.kind,
            author=(news.author.name if news.author is not None else "") or "…",
            html=comment.html or "",
            plain=text.plain(_shut(comment.html or "")),
            link=f"{self.settings.origin}/t/{comment.thread_id}?comment={comment.id}",
        )
