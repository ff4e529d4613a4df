"""From a comment to its view."""

from __future__ import annotations

from service.comments import Comment, gone_reason
from service.identity import Person
from service.pages.views import AuthorView, CommentsView, CommentView


def comment_view(
    comment: Comment, author: Person | None, replies: CommentsView | None = None, *, for_staff: bool = False
) -> CommentView:
    """What the audience the comment was read for gets to see: without text it is a tombstone.

    An author sees their comment while it is published or held, staff whatever became of it.
    """
    is_readable = comment.html is not None and (for_staff or comment.state in {"published", "held"})
    return CommentView(
        id=str(comment.id),
        thread=str(comment.thread_id),
        parent=str(comment.parent_id) if comment.parent_id else None,
        depth=comment.depth,
        state="gone" if not is_readable else "published" if comment.is_published else "held",
        gone=None if is_readable else gone_reason(comment.state),
        author=AuthorView(name=author.name) if is_readable and author else None,
        html=comment.html if is_readable else None,
        created_at=comment.created_at,
        edited_at=comment.edited_at if is_readable else None,
        # A tombstone does not tell of what moderators decide about its text.
        version=comment.version if is_readable else 0,
        up=comment.up if is_readable else 0,
        down=comment.down if is_readable else 0,
        score=comment.up - comment.down if is_readable else 0,
        reply_count=comment.reply_count,
        replies=replies,
    )
