"""What belongs to one viewer: votes, own comments (held ones too), rights. Never cached, never part of the page."""

from __future__ import annotations

from service import comments, votes
from service.comments import Comment
from service.identity import Person, Visitor
from service.kit.db import ReadTx
from service.pages.views import OwnCommentView, ViewerView
from service.posting import PostingRules, may_change_until
from service.reading.views import comment_view
from service.sites import Site
from service.threads import Thread

_OWN = 50


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
        own=[own_comment(comment, who.person, rules) for comment in own if comment.state in {"published", "held"}],
        may_moderate=may_moderate,
    )


def own_comment(comment: Comment, author: Person, rules: PostingRules) -> OwnCommentView:
    """A comment of the viewer's own."""
    return OwnCommentView(
        id=str(comment.id),
        state="published" if comment.is_published else "held",
        body=comment.body or "",
        editable_until=may_change_until(comment, rules) if comment.is_markdown else None,
        comment=comment_view(comment, author),
    )
