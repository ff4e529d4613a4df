"""Comments own their rows, the tree, who may see what, listing by keyset and a comment's life."""

from service.comments.addresses import address_of, forget_addresses, last_written
from service.comments.branch import is_branch_closed
from service.comments.carrying import carried, origins
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
from service.comments.erasing import erase, ids_of_person, is_left
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
from service.comments.owned import answers_to, owned
from service.comments.past import RANKS_KEPT, Moment, forget_old_ranks
from service.comments.published import (
    Walk,
    authors_in_thread,
    find_in_thread,
    newest_answers,
    newest_in_site,
    newest_in_thread,
    newest_threads,
)
from service.comments.rehoming import answers_left_behind, count_all, in_thread, newest_time, published_by, rehome
from service.comments.restoring import Restored, places, refill_many, restore_many
from service.comments.revisions import REVISION_LIFE, Revision, forget_revisions, revisions
from service.comments.searching import Criteria, newest, versions
from service.comments.unmaking import (
    UNDONE,
    Unmade,
    forget_clocks,
    last_published_at,
    people_in_use,
    threads_in_use,
    unmake_many,
)

__all__ = [
    "PUBLIC",
    "RANKS_KEPT",
    "REVISION_LIFE",
    "STAFF",
    "STATES",
    "UNDONE",
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
    "Unmade",
    "VersionPassed",
    "VotesMoved",
    "Walk",
    "add",
    "address_of",
    "ancestors",
    "answers_left_behind",
    "answers_to",
    "asking",
    "authors_in_thread",
    "begin_move",
    "by_person",
    "carried",
    "count_all",
    "count_by_day",
    "counts",
    "edit",
    "erase",
    "find_in_thread",
    "first_replies",
    "forget_addresses",
    "forget_clocks",
    "forget_old_ranks",
    "forget_revisions",
    "get",
    "get_many",
    "gone_reason",
    "ids_of_person",
    "in_thread",
    "is_branch_closed",
    "is_left",
    "last_published_at",
    "last_written",
    "level",
    "lock",
    "mark",
    "newest",
    "newest_answers",
    "newest_in_site",
    "newest_in_thread",
    "newest_threads",
    "newest_time",
    "origins",
    "owned",
    "people_in_use",
    "places",
    "published_by",
    "records",
    "recount_thread",
    "refill_many",
    "rehome",
    "rescore",
    "restore_many",
    "revisions",
    "set_state",
    "threads_in_use",
    "unmake_many",
    "versions",
    "written_by",
]
