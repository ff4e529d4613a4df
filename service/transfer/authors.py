"""Who wrote an exported comment, as far as the export tells."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from service.kit import text
from service.kit.characters import tame
from service.kit.errors import Invalid

# Disqus empties the name when somebody deletes their account; its guests had to give one.
NAMELESS = "Deleted account"
_LONGEST_NAME = 80
_LONGEST_ORIGIN = 180


def shown_name(name: str, username: str = "") -> str:
    """What somebody is called: their name, or what they signed in with."""
    return clean_name(name) or clean_name(username) or NAMELESS


def origin(prefix: str, who: str, post: str) -> str:
    """What somebody is known again by: an account is one person, a guest is another with each comment.

    Equal names prove nothing.
    """
    if not prefix:
        return who or f"of:{post}"
    found = f"{prefix}:user:{who}" if who else f"{prefix}:post:{post}"
    if len(found) > _LONGEST_ORIGIN:
        found = f"{prefix}:hash:{hashlib.sha256(found.encode()).hexdigest()}"
    return found


@lru_cache(maxsize=4096)
def clean_name(name: str) -> str | None:
    """A name as it may be shown, cut to 80 characters; None when nothing of it can be seen."""
    shown = tame(name)[:_LONGEST_NAME]
    try:
        return text.clean_name(shown)
    except Invalid:
        return None
