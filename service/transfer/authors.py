"""Who wrote an exported comment, as far as the export tells."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from service.identity import Imported
from service.kit import text
from service.kit.characters import tame
from service.kit.errors import Invalid
from service.transfer.staging import StagedPost

# Disqus empties the name when somebody deletes their account; its guests had to give one.
NAMELESS = "Deleted account"
_LONGEST_NAME = 80
_LONGEST_ORIGIN = 180


def author(post: StagedPost) -> Imported:
    """An account is one person. Guests are one person for each comment: equal names prove nothing."""
    origin = f"disqus:user:{post.username}" if post.username else f"disqus:post:{post.id}"
    if len(origin) > _LONGEST_ORIGIN:
        origin = f"disqus:hash:{hashlib.sha256(origin.encode()).hexdigest()}"
    return Imported(origin, clean_name(post.name) or clean_name(post.username) or NAMELESS, post.known_since)


@lru_cache(maxsize=4096)
def clean_name(name: str) -> str | None:
    """A name as it may be shown, cut to 80 characters; None when nothing of it can be seen."""
    shown = tame(name)[:_LONGEST_NAME]
    try:
        return text.clean_name(shown)
    except Invalid:
        return None
