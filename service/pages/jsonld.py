"""A discussion as schema.org has it: for search engines, on our own page and on the publisher's.

Only what readers see is in it. On our page the discussion is the thing (DiscussionForumPosting, whose `sharedContent`
is the article); for the publisher's page the article is, and the comments are its `comment`, to be merged into the
page's own node by `@id`. Shapes: schema.org/DiscussionForumPosting, schema.org/Comment, and what Google asks for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from service.kit import text
from service.pages.views import CommentView, PageView, ThreadView
from service.pages.words import iso, web_address

_CONTEXT = "https://schema.org"
Node = dict[str, Any]


def of_discussion(page: PageView, *, publisher: str, origin: str, began: str) -> Node:
    """The discussion on its own page. `publisher` is the site's title, `began` when it was opened (RFC 3339)."""
    here = f"{origin}/t/{page.thread.id}"
    article = web_address(page.thread.url)
    return {
        "@context": _CONTEXT,
        "@type": "DiscussionForumPosting",
        "@id": here,
        "url": here,
        "headline": page.thread.title or f"Comments on {page.thread.url}",
        "author": {"@type": "Organization", "name": publisher},
        "datePublished": began,
        **({"sharedContent": {"@type": "WebPage", "url": article}} if article else {}),
        "commentCount": page.thread.comment_count,
        "comment": [_comment(view, lambda comment: f"{here}?comment={comment}") for view in page.items],
    }


def of_article(page: PageView, *, origin: str) -> Node:
    """The comments of an article, for the publisher's own page."""
    article = web_address(page.thread.url) or f"{origin}/t/{page.thread.id}"
    return {
        "@context": _CONTEXT,
        "@type": "Article",
        "@id": article,
        "url": article,
        **({"headline": page.thread.title} if page.thread.title else {}),
        **_discussion_url(page.thread, origin),
        "commentCount": page.thread.comment_count,
        "comment": [_comment(view, lambda comment: f"{article}#comment-{comment}") for view in page.items],
    }


def embedded(node: Node) -> str:
    """The node as the content of a `<script>`: no text in it can end the element or begin a comment."""
    told = json.dumps(node, separators=(",", ":"))  # ASCII only, so U+2028 and its kind are escaped
    return told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _discussion_url(thread: ThreadView, origin: str) -> Node:
    return {"discussionUrl": f"{origin}/t/{thread.id}"} if thread.id else {}


def _comment(view: CommentView, address: Callable[[str], str]) -> Node:
    node: Node = {
        "@type": "Comment",
        "@id": address(view.id),
        "url": address(view.id),
        "datePublished": iso(view.created_at),
    }
    if view.state == "published":
        node |= {
            "text": text.plain(view.html or ""),
            "author": {"@type": "Person", "name": view.author.name if view.author else "Anonymous"},
            "upvoteCount": view.up,
            "downvoteCount": view.down,
        }
        if view.edited_at:
            node["dateModified"] = iso(view.edited_at)
    else:
        node["creativeWorkStatus"] = "Deleted"
    if view.replies and view.replies.items:
        node["comment"] = [_comment(reply, address) for reply in view.replies.items]
    return node
