"""Comments own their rows, the tree, who may see what, listing by keyset and a comment's life."""

from service.comments.addresses import address_of, forget_addresses, last_written
from service.comments.branch import is_branch_closed
from service.comments.comment import PUBLIC, STAFF, STATES, Audience, Comment, CommentUnknown, State
from service.comments.counters import count_by_day, recount_thread
from service.comments.life import VersionPassed, add, edit, mark, rescore, set_state
from service.comments.listing import (
    Level,
    ancestors,
    by_person,
    first_replies,
    get,
    get_many,
    level,
    records,
    written_by,
)
from service.comments.restoring import Restored, places, restore_many
from service.comments.revisions import REVISION_LIFE, Revision, forget_revisions, revisions
from service.comments.searching import Criteria, newest, versions

__all__ = [
    "PUBLIC",
    "REVISION_LIFE",
    "STAFF",
    "STATES",
    "Audience",
    "Comment",
    "CommentUnknown",
    "Criteria",
    "Level",
    "Restored",
    "Revision",
    "State",
    "VersionPassed",
    "add",
    "address_of",
    "ancestors",
    "by_person",
    "count_by_day",
    "edit",
    "first_replies",
    "forget_addresses",
    "forget_revisions",
    "get",
    "get_many",
    "is_branch_closed",
    "last_written",
    "level",
    "mark",
    "newest",
    "places",
    "records",
    "recount_thread",
    "rescore",
    "restore_many",
    "revisions",
    "set_state",
    "versions",
    "written_by",
]
