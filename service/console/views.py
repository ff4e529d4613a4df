"""From cases and decisions to what the moderators' pages show."""

from __future__ import annotations

from collections.abc import Mapping

from service.identity import Staff
from service.kit import clock
from service.moderation import Entry, Token
from service.moderation.desk import DeskCase, Held
from service.pages.console_views import (
    CaseReason,
    ConsoleAuthor,
    ConsoleCase,
    ConsoleClaim,
    ConsoleDecision,
    ConsoleReason,
    ConsoleReport,
    ConsoleSignal,
    ConsoleUser,
)
from service.pages.settings import REPORT_REASONS
from service.reading import comment_view
from service.redress import ReasonRules
from service.sites import Site
from service.threads import Thread

_REASONS = dict(REPORT_REASONS)
_REASON_OF: Mapping[str, CaseReason] = {"reported": "reported", "reopened": "reported", "appealed": "appealed"}


def user_view(who: Staff) -> ConsoleUser:
    """Who is signed in."""
    return ConsoleUser(who.account.name, who.account.email)


def case_view(item: DeskCase, site: Site, who: Staff, held: Mapping[int, Held]) -> ConsoleCase:
    """A case as its page shows it."""
    kind = item.author.kind
    return ConsoleCase(
        comment=comment_view(item.comment, item.author, for_staff=True),
        site=site.name,
        site_title=site.title,
        thread_title=item.thread.title or item.thread.url,
        article_url=item.thread.url,
        opened_at=item.case.opened_at,
        reason=_REASON_OF.get(item.case.reason, "held"),
        signals=tuple(ConsoleSignal(signal.reason, signal.score) for signal in item.case.signals),
        reports=tuple(
            ConsoleReport(_REASONS.get(report.reason, report.reason), report.count, report.details)
            for report in item.reports
        ),
        author=ConsoleAuthor(
            published=item.record.get("published", 0),
            rejected=item.record.get("rejected", 0) + item.record.get("spam", 0) + item.record.get("removed", 0),
            kind="imported" if kind == "imported" else "member" if kind == "member" else "guest",
        ),
        parent=comment_view(item.parent, item.parent_author, for_staff=True) if item.parent else None,
        is_urgent=item.case.due_at <= clock.now() or item.case.level == "high",
        claim=_claim(item, who, held.get(item.case.id)),
        reasons=tuple(ConsoleReason(each.code, each.title) for each in site.section("reasons", ReasonRules).codes),
    )


def _claim(item: DeskCase, who: Staff, held: Held | None) -> ConsoleClaim | None:
    if held is None:
        return None
    is_mine = held.account_id == who.account.id
    token = Token(item.case.site_id, item.case.id, held.fence, item.comment.id, item.comment.version)
    return ConsoleClaim(held.name, is_mine, held.until, token.encode() if is_mine else None)


def decision_view(entry: Entry, site: Site, thread: Thread | None, author: str | None, excerpt: str) -> ConsoleDecision:
    """A line of the record."""
    return ConsoleDecision(
        at=entry.at,
        moderator=entry.by,
        action=entry.action,
        state_before=entry.state_before,
        state_after=entry.state_after,
        site=site.name,
        author=author,
        excerpt=excerpt,
        thread_title=(thread.title or thread.url) if thread else "",
        comment_url=f"{thread.url}#comment-{entry.comment_id}" if thread else None,
        note=entry.note,
    )
