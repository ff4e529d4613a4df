"""The words of an exported comment: whether there are any, and as readers see them."""

from __future__ import annotations

import html
import re
from typing import Literal

from service.kit import text
from service.kit.builder import Form
from service.kit.errors import Invalid
from service.transfer.records import ExportPost

Standing = Literal["live", "ours", "deleted", "spam", "unapproved", "pingback", "empty"]
WITH_WORDS = frozenset({"live", "ours"})

# What may hold text that is not shown; and a tag, whatever stands in its quotes.
_HIDING = re.compile(
    r"<[!?]|<\s*/?\s*(?:script|style|template|iframe|object|svg|math|noscript|head|title)\b", re.IGNORECASE
)
_TAG = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_SEEN = re.compile(r"[^\W_]")


def standing(post: ExportPost) -> Standing:
    """Whether a comment is live, or why not."""
    if post.state is not None:
        return "ours"
    if post.is_deleted:
        return "deleted"
    if post.is_spam:
        return "spam"
    if not post.is_approved:
        return "unapproved"
    if post.is_ping:
        return "pingback"
    return "live" if _has_words(post.message, post.form) else "empty"


def shown(message: str, form: Form) -> str:
    """The safe HTML of a comment. Never raises: what Markdown cannot be made of is shown as it was typed."""
    try:
        return text.render(message, form=form).html
    except Invalid:
        return text.render(html.escape(message).replace("\n", "<br>"), form="html").html


def _has_words(message: str, form: Form) -> bool:
    """The same as rendering it would tell, which costs more than all else and is rarely needed for it."""
    if form == "html" and not _HIDING.search(message):
        left = _TAG.sub("", message)
        if "<" not in left and _SEEN.search(html.unescape(left)):
            return True
    return bool(text.plain(shown(message, form)).strip())
