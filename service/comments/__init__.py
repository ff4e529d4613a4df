"""Comments own their rows, the tree, who may see what, listing by keyset and a comment's life."""

from service.comments.comment import PUBLIC, STAFF, Audience, Comment, CommentUnknown, GoneReason, State, gone_reason
from service.comments.counters import recount_thread
from service.comments.life import VersionPassed, add, edit, lock, set_state
from service.comments.listing import Level, ancestors, by_person, first_replies, get, get_many, level, records
from service.comments.moving import begin_move, counts, rescore
from service.comments.past import RANKS_KEPT, Moment, forget_old_ranks
from service.comments.restoring import Restored, places, restore_many

__all__ = [
    "PUBLIC",
    "RANKS_KEPT",
    "STAFF",
    "Audience",
    "Comment",
    "CommentUnknown",
    "GoneReason",
    "Level",
    "Moment",
    "Restored",
    "State",
    "VersionPassed",
    "add",
    "ancestors",
    "begin_move",
    "by_person",
    "counts",
    "edit",
    "first_replies",
    "forget_old_ranks",
    "get",
    "get_many",
    "gone_reason",
    "level",
    "lock",
    "places",
    "records",
    "recount_thread",
    "rescore",
    "restore_many",
    "set_state",
]
