"""A person's own lists as views: what they wrote, what was answered, how they voted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from service import comments, identity, redress, threads, votes
from service.comments import Comment
from service.identity import Person
from service.kit import text
from service.kit.db import ReadTx
from service.pages.own_views import MyCommentsView, MyCommentView, MyVotesView, MyVoteView, RepliesView, ReplyView
from service.privacy.document import state_told
from service.redress import Statement
from service.threads import Thread

T = TypeVar("T")
_EXCERPT = 160


async def my_comments(tx: ReadTx, person: Person, before: int | None, limit: int) -> MyCommentsView:
    """What a person wrote at the site, with what became of it and why."""
    found, more = _page(await comments.owned(tx, person.id, before=before, limit=limit + 1), limit)
    about = await threads.get_many(tx, [each.thread_id for each in found])
    appeals = await redress.appeals_of(tx, [each.id for each in found])
    items = []
    for each in found:
        said = await redress.latest_of_comment(tx, each.id) if _is_restricted(each) else None
        appeal = appeals.get(each.id)
        items.append(_mine(each, about[each.thread_id], said, appeal.state if appeal else None))
    return MyCommentsView(items=items, next_cursor=str(found[-1].id) if more else None)


async def replies(tx: ReadTx, person: Person, before: int | None, limit: int) -> RepliesView:
    """What others answered to a person."""
    found, more = _page(await comments.answers_to(tx, person.id, before=before, limit=limit + 1), limit)
    about = await threads.get_many(tx, [each.thread_id for each in found])
    authors = await identity.people(tx, [each.person_id for each in found if each.person_id])
    items = [
        ReplyView(
            id=str(each.id),
            parent=str(each.parent_id),
            author=authors[each.person_id].name if each.person_id in authors else "",
            url=about[each.thread_id].url,
            title=about[each.thread_id].title,
            link=_link(each),
            html=each.html or "",
            created_at=each.created_at,
        )
        for each in found
    ]
    return RepliesView(items=items, next_cursor=str(found[-1].id) if more else None)


async def my_votes(tx: ReadTx, person: Person, before: int | None, limit: int) -> MyVotesView:
    """How a person voted; of a comment that was taken down since nothing is told but that they voted on it."""
    found, more = _page(await votes.owned(tx, person.id, before=before, limit=limit + 1), limit)
    known = await comments.get_many(tx, [each.comment_id for each in found])
    about = await threads.get_many(tx, [each.thread_id for each in known.values()])
    items = []
    for each in found:
        comment = known.get(each.comment_id)
        thread = about.get(comment.thread_id) if comment else None
        items.append(
            MyVoteView(
                comment=str(each.comment_id),
                value=1 if each.value == 1 else -1,
                at=each.created_at,
                link=_link(comment) if comment else "",
                title=thread.title or thread.url if thread else None,
                excerpt=text.excerpt(comment.html, _EXCERPT) if comment and comment.html is not None else None,
            )
        )
    return MyVotesView(items=items, next_cursor=str(found[-1].comment_id) if more else None)


def _page(found: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    return found[:limit], len(found) > limit


def _is_restricted(comment: Comment) -> bool:
    return state_told(comment.state) in {"held", "removed"}


def _link(comment: Comment) -> str:
    return f"/t/{comment.thread_id}?comment={comment.id}"


def _mine(comment: Comment, thread: Thread, said: Statement | None, appeal: str | None) -> MyCommentView:
    is_said = said is not None and said.is_shown and said.withdrawn_at is None
    return MyCommentView.model_validate(
        {
            "id": str(comment.id),
            "thread": str(comment.thread_id),
            "url": thread.url,
            "title": thread.title,
            "link": _link(comment),
            "state": state_told(comment.state),
            "html": comment.html,
            "created_at": comment.created_at,
            "edited_at": comment.edited_at,
            "up": comment.up,
            "down": comment.down,
            "reply_count": comment.reply_count,
            "reason": said.title if said is not None and is_said else None,
            "rule": said.rule if said is not None and is_said else None,
            "note": said.note or None if said is not None and is_said else None,
            "appeal": appeal,
        }
    )
