"""Comments own their rows, the tree, who may see what, listing by keyset and a comment's life."""

from service.comments.comment import PUBLIC, STAFF, Audience, Comment, CommentUnknown, State
from service.comments.counters import count_by_day, recount_thread
from service.comments.life import VersionPassed, add, edit, rescore, set_state
from service.comments.listing import Level, ancestors, by_person, first_replies, get, get_many, level, records
from service.comments.restoring import Restored, places, restore_many
from service.comments.searching import Criteria, newest, versions

__all__ = [
    "PUBLIC",
    "STAFF",
    "Audience",
    "Comment",
    "CommentUnknown",
    "Criteria",
    "Level",
    "Restored",
    "State",
    "VersionPassed",
    "add",
    "ancestors",
    "by_person",
    "count_by_day",
    "edit",
    "first_replies",
    "get",
    "get_many",
    "level",
    "newest",
    "places",
    "records",
    "recount_thread",
    "rescore",
    "restore_many",
    "set_state",
    "versions",
]
