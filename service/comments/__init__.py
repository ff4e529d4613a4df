"""Comments own their rows, the tree, who may see what, listing by keyset and a comment's life."""

from service.comments.addresses import address_of, forget_addresses, last_written
from service.comments.branch import is_branch_closed
from service.comments.comment import (
    PUBLIC,
    STAFF,
    STATES,
    Audience,
    Comment,
    CommentUnknown,
    GoneReason,
    State,
    gone_reason,
)
from service.comments.counters import count_by_day, recount_thread
from service.comments.events import CommentEdited, CommentPosted, CommentRemoved, VotesMoved
from service.comments.life import VersionPassed, add, edit, lock, mark, set_state
from service.comments.listing import (
    Level,
    ancestors,
    asking,
    by_person,
    first_replies,
    get,
    get_many,
    level,
    records,
    written_by,
)
from service.comments.moving import begin_move, counts, rescore
from service.comments.past import RANKS_KEPT, Moment, forget_old_ranks
from service.comments.published import (
    Walk,
    authors_in_thread,
    find_in_thread,
    newest_in_site,
    newest_in_thread,
    places_of_newest,
    published_page,
)
from service.comments.restoring import Restored, places, restore_many
from service.comments.revisions import REVISION_LIFE, Revision, forget_revisions, revisions
from service.comments.searching import Criteria, newest, versions

__all__ = [
    "PUBLIC",
    "RANKS_KEPT",
    "REVISION_LIFE",
    "STAFF",
    "STATES",
    "Audience",
    "Comment",
    "CommentEdited",
    "CommentPosted",
    "CommentRemoved",
    "CommentUnknown",
    "Criteria",
    "GoneReason",
    "Level",
    "Moment",
    "Restored",
    "Revision",
    "State",
    "VersionPassed",
    "VotesMoved",
    "Walk",
    "add",
    "address_of",
    "ancestors",
    "asking",
    "authors_in_thread",
    "begin_move",
    "by_person",
    "count_by_day",
    "counts",
    "edit",
    "find_in_thread",
    "first_replies",
    "forget_addresses",
    "forget_old_ranks",
    "forget_revisions",
    "get",
    "get_many",
    "gone_reason",
    "is_branch_closed",
    "last_written",
    "level",
    "lock",
    "mark",
    "newest",
    "newest_in_site",
    "newest_in_thread",
    "places",
    "places_of_newest",
    "published_page",
    "records",
    "recount_thread",
    "rescore",
    "restore_many",
    "revisions",
    "set_state",
    "versions",
    "written_by",
]
