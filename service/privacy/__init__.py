"""Privacy reaches across the rooms for one person: everything held about them, and all of it forgotten for good."""

from service.desk import PersonUnknown
from service.privacy.erasing import Eraser
from service.privacy.erasures import (
    ERASURE_REASONS,
    ErasedAlready,
    Erasure,
    ErasureBegun,
    ErasureReason,
    NoErasure,
    ask,
    call_off,
    get,
    of_site,
    open_of,
)
from service.privacy.exports import EXPORT_LIFE, Export, ExportLinkInvalid, forget_exports
from service.privacy.kept import ListDamaged
from service.privacy.kept import read as read_list
from service.privacy.own import (
    OWN_LINK_LIFE,
    OWN_SESSION_LIFE,
    OwnLinkUsed,
    OwnSession,
    OwnSessionUnknown,
    forget_sessions,
)
from service.privacy.restored import ListUnreadable, check_list, erase_again
from service.privacy.rules import PrivacyRules

__all__ = [
    "ERASURE_REASONS",
    "EXPORT_LIFE",
    "OWN_LINK_LIFE",
    "OWN_SESSION_LIFE",
    "ErasedAlready",
    "Eraser",
    "Erasure",
    "ErasureBegun",
    "ErasureReason",
    "Export",
    "ExportLinkInvalid",
    "ListDamaged",
    "ListUnreadable",
    "NoErasure",
    "OwnLinkUsed",
    "OwnSession",
    "OwnSessionUnknown",
    "PersonUnknown",
    "PrivacyRules",
    "ask",
    "call_off",
    "check_list",
    "erase_again",
    "forget_exports",
    "forget_sessions",
    "get",
    "of_site",
    "open_of",
    "read_list",
]
