"""From a comment to its view."""

from __future__ import annotations

from datetime import timedelta

from service.comments import Comment, gone_reason
from service.identity import Person
from service.kit import clock
from service.pages.views import BADGES, AuthorView, Badge, CommentsView, CommentView, StatementView
from service.redress import Appeal, ReasonRules, Statement
from service.sites import Site

_SAID = (
    "restriction",
    "automated_decision",
    "reason",
    "title",
    "rule",
    "ground",
    "dsa_category",
    "facts",
    "note",
    "source",
    "automated_detection",
    "created_at",
    "ends_at",
    "withdrawn_at",
)


def comment_view(
    comment: Comment, author: Person | None, replies: CommentsView | None = None, *, for_staff: bool = False
) -> CommentView:
    """What the audience the comment was read for gets to see: without text it is a tombstone.

    An author sees their comment while it is published or held (a shadowed one as if it were published), staff
    whatever became of it.
    """
    is_readable = comment.html is not None and (for_staff or comment.state in {"published", "held", "shadowed"})
    is_out = comment.is_published or (comment.state == "shadowed" and not for_staff)
    return CommentView(
        id=str(comment.id),
        thread=str(comment.thread_id),
        parent=str(comment.parent_id) if comment.parent_id else None,
        depth=comment.depth,
        state="gone" if not is_readable else "published" if is_out else "held",
        gone=None if is_readable else gone_reason(comment.state),
        author=AuthorView(name=author.name, badge=_badge(author), avatar=author.avatar_url)
        if is_readable and author
        else None,
        html=comment.html if is_readable else None,
        created_at=comment.created_at,
        edited_at=comment.edited_at if is_readable else None,
        # A tombstone does not tell of what moderators decide about its text.
        version=comment.version if is_readable else 0,
        up=comment.up if is_readable else 0,
        down=comment.down if is_readable else 0,
        score=comment.up - comment.down if is_readable else 0,
        reply_count=comment.reply_count,
        featured=comment.featured and is_readable,
        pinned=comment.pinned and is_readable,
        replies_closed=comment.replies_closed,
        replies=replies,
    )


def statement_view(statement: Statement, appeal: Appeal | None, site: Site) -> StatementView:
    """A statement of reasons, and what became of the appeal if there was one."""
    about = appeal if appeal is not None and appeal.against in {statement.decision_id, statement.id} else None
    answered = appeal if about is None and appeal is not None and appeal.state == "upheld" else about
    days = site.section("reasons", ReasonRules).appeal_days
    until = statement.created_at + timedelta(days=days)
    may = (
        statement.comment_id is not None
        and statement.sanction_id is None
        and statement.withdrawn_at is None
        and (appeal is None or (appeal.state == "reversed" and about is None))
        and until > clock.now()
    )
    return StatementView.model_validate(
        {
            "id": str(statement.id),
            "comment": str(statement.comment_id) if statement.comment_id else None,
            **{name: getattr(statement, name) for name in _SAID},
            "appeal": answered.state if answered else None,
            "appeal_answer": answered.answer if answered else "",
            "appeal_until": until if may else None,
        }
    )


def _badge(author: Person) -> Badge | None:
    return next((badge for badge in BADGES if badge == author.mark), None)
