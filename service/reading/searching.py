"""Search in one thread: what readers see of its comments, from the newest backwards.

There is no index of words: see docs/decisions/0024. A request looks at so many comments at most, and says where the
next one goes on, so its cost does not grow with the thread.
"""

from __future__ import annotations

from service import comments, identity
from service.kit import finding, text
from service.kit.db import ReadTx
from service.kit.errors import Invalid
from service.kit.paging import Cursor
from service.pages.views import CommentsView
from service.reading.views import comment_view
from service.threads import Thread

FOUND, LOOKED_AT = 20, 2_000  # comments in an answer, and looked at for one


async def search(tx: ReadTx, thread: Thread, query: str, cursor: str | None) -> CommentsView:
    """Comments in which all words of `query` stand, newest first and without replies.

    `next_cursor` goes on where this request stopped looking; there may be none in between. Raises Invalid for a query
    without a word or a foreign cursor.
    """
    words = finding.words_of(query)
    if not words:
        raise Invalid("write a word to look for", field="q")
    before = Cursor.decode(cursor, thread=thread.id, under=0, sort="newest").id if cursor else None

    def is_meant(html: str) -> bool:
        return finding.contains(text.plain(html), words)

    walk = await comments.find_in_thread(tx, thread.id, is_meant, before=before, most=FOUND, look_at=LOOKED_AT)
    authors = await identity.people(tx, [comment.person_id for comment in walk.found if comment.person_id])
    return CommentsView(
        items=[comment_view(comment, authors.get(comment.person_id or 0)) for comment in walk.found],
        next_cursor=_cursor(thread, walk.last) if walk.last is not None else None,
    )


def _cursor(thread: Thread, last: int) -> str:
    return Cursor(thread=thread.id, under=0, sort="newest", rank=None, id=last).encode()
