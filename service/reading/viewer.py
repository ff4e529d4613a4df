"""What belongs to one viewer: votes, own comments (held ones too), rights. Never cached, never part of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from service import comments, redress, sanctions, votes
from service.comments import Comment
from service.identity import Person, Visitor
from service.kit.db import ReadTx
from service.pages.views import OwnCommentView, RestrictionView, StatementView, ViewerView
from service.posting import PostingRules, may_change_until
from service.reading.views import comment_view, statement_view
from service.sanctions import Sanction, Standing
from service.sites import Site
from service.threads import Thread

_OWN = 50
_OWN_STATES = frozenset({"published", "held", "shadowed"})


async def read_viewer(tx: ReadTx, site: Site, thread: Thread, who: Visitor) -> ViewerView:
    """The viewer's own part of a thread; empty for somebody who never acted here."""
    may_moderate = who.staff is not None and who.staff.may_moderate(site.id, thread.section)
    if who.person is None:
        return ViewerView(may_moderate=may_moderate)
    own = await comments.by_person(tx, thread.id, who.person.id, _OWN)
    cast = await votes.votes_in_thread(tx, who.person.id, thread.id)
    rules = site.section("posting", PostingRules)
    return ViewerView(
        name=who.person.name,
        votes={str(comment_id): value for comment_id, value in cast.items()},
        own=[own_comment(comment, who.person, rules) for comment in own if comment.state in _OWN_STATES],
        may_moderate=may_moderate,
        statements=await _statements(tx, site, thread, who.person),
        restriction=_restriction(await sanctions.of_person(tx, who.person.id)),
    )


async def _statements(tx: ReadTx, site: Site, thread: Thread, person: Person) -> list[StatementView]:
    found = await redress.of_person(tx, person.id, thread_id=thread.id, limit=_OWN)
    appeals = await redress.appeals_of(tx, [each.comment_id for each in found if each.comment_id])
    return [statement_view(each, appeals.get(each.comment_id or 0), site) for each in found]


def _restriction(found: Sequence[Sanction]) -> RestrictionView | None:
    shut = Standing(tuple(each for each in found if each.is_active and each.target_type == "person"))
    longest = shut.find("ban", "suspend")
    if longest is None:
        return None
    kind: Literal["ban", "suspend"] = "ban" if longest.until is None else "suspend"
    return RestrictionView(kind=kind, reason=longest.reason, title=longest.title, until=longest.until)


def own_comment(comment: Comment, author: Person, rules: PostingRules) -> OwnCommentView:
    """A comment of the viewer's own."""
    return OwnCommentView(
        id=str(comment.id),
        state="held" if comment.state == "held" else "published",
        body=comment.body or "",
        editable_until=may_change_until(comment, rules) if comment.is_markdown else None,
        comment=comment_view(comment, author),
    )
