"""Keys own what a site's own servers prove themselves with: made, shown once, rotated, revoked; never what they may."""

from service.keys.key import (
    ALGORITHMS,
    SCOPES,
    Algorithm,
    Key,
    KeyUnknown,
    Scope,
    TooManyKeys,
    create,
    get,
    of_site,
    revoke,
    rotate,
)
from service.keys.use import Usable, by_public, by_secret, forget_ended, note_use, usable

__all__ = [
    "ALGORITHMS",
    "SCOPES",
    "Algorithm",
    "Key",
    "KeyUnknown",
    "Scope",
    "TooManyKeys",
    "Usable",
    "by_public",
    "by_secret",
    "create",
    "forget_ended",
    "get",
    "note_use",
    "of_site",
    "revoke",
    "rotate",
    "usable",
]
