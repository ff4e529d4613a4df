"""Where a case belongs: the section of its article and the language it is written in, for queues to ask for."""

from __future__ import annotations

from service.comments import Comment
from service.kit import text
from service.moderation.language import guess
from service.threads import Thread

_LONGEST = 60
_ENOUGH = 2_000  # characters to guess a language from


def section_of(thread: Thread) -> str:
    """The section of an article, as its thread has it; '' for none."""
    return thread.section[:_LONGEST]


def language_of(comment: Comment) -> str:
    """The language a comment is written in, as a BCP 47 tag; `und` where it cannot be told."""
    return guess(text.excerpt(comment.html or "", _ENOUGH))
