"""What can be decided, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Action = Literal[
    "approve",
    "reject",
    "spam",
    "remove",
    "restore",
    "feature",
    "unfeature",
    "close_replies",
    "open_replies",
    "pin",
    "unpin",
]
State = Literal["published", "rejected", "spam", "removed"]
ACTIONS: tuple[Action, ...] = get_args(Action)

# From which states an action leads where. A deleted comment is its author's affair: nothing leads out of that.
LEADS: Mapping[Action, tuple[frozenset[str], State]] = {
    "approve": (frozenset({"held", "shadowed", "published"}), "published"),
    "reject": (frozenset({"held", "shadowed", "published"}), "rejected"),
    "spam": (frozenset({"held", "shadowed", "published", "rejected", "removed"}), "spam"),
    "remove": (frozenset({"held", "shadowed", "published"}), "removed"),
    "restore": (frozenset({"rejected", "spam", "removed"}), "published"),
}
RESTRICTED = frozenset({"rejected", "spam", "removed"})
# Which mark an action sets to what; the text stays where it is.
MARKS: Mapping[Action, tuple[Literal["featured", "pinned", "replies_closed"], bool]] = {
    "feature": ("featured", True),
    "unfeature": ("featured", False),
    "pin": ("pinned", True),
    "unpin": ("pinned", False),
    "close_replies": ("replies_closed", True),
    "open_replies": ("replies_closed", False),
}
# What editors do and moderators don't.
OF_EDITORS: frozenset[Action] = frozenset({"feature", "unfeature", "pin", "unpin"})

DONE: Mapping[str, str] = {
    "approve": "approved it",
    "reject": "rejected it",
    "spam": "marked it as spam",
    "remove": "removed it",
    "restore": "restored it",
    "feature": "featured it",
    "unfeature": "took it from the featured ones",
    "close_replies": "closed the replies below it",
    "open_replies": "opened the replies below it",
    "pin": "pinned it",
    "unpin": "unpinned it",
    "undo": "undid what was decided about it",
}
