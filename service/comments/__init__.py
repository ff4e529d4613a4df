"""Comments own their rows, the tree, who may see what, listing by keyset and a comment's life."""

from service.comments.comment import PUBLIC, STAFF, Audience, Comment, CommentUnknown, GoneReason, State, gone_reason
from service.comments.counters import recount_thread
from service.comments.events import CommentEdited, CommentPosted, CommentRemoved, VotesMoved
from service.comments.life import VersionPassed, add, edit, lock, rescore, set_state
from service.comments.listing import Level, ancestors, by_person, first_replies, get, get_many, level, records
from service.comments.published import Walk, find_in_thread, newest_in_site, newest_in_thread
from service.comments.restoring import Restored, places, restore_many

__all__ = [
    "PUBLIC",
    "STAFF",
    "Audience",
    "Comment",
    "CommentEdited",
    "CommentPosted",
    "CommentRemoved",
    "CommentUnknown",
    "GoneReason",
    "Level",
    "Restored",
    "State",
    "VersionPassed",
    "VotesMoved",
    "Walk",
    "add",
    "ancestors",
    "by_person",
    "edit",
    "find_in_thread",
    "first_replies",
    "get",
    "get_many",
    "gone_reason",
    "level",
    "lock",
    "newest_in_site",
    "newest_in_thread",
    "places",
    "records",
    "recount_thread",
    "rescore",
    "restore_many",
    "set_state",
]
