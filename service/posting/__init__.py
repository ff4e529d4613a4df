"""Posting is the act of posting and editing: the order of the checks, and one transaction."""

from service.posting.change import EditWindowOver, NotYours, delete, edit, may_change_until
from service.posting.closing import (
    OutOfHours,
    ThreadClosed,
    ThreadLocked,
    VotesOff,
    closed_until,
    is_over,
    refuse_closed,
    refuse_votes,
)
from service.posting.consulting import Consulted, consult, consult_edit, heed
from service.posting.draft import Draft, NewComment, preview, weigh
from service.posting.erasing import forget_person
from service.posting.naming import participants
from service.posting.post import (
    RETRY_LIFE,
    DepthReached,
    KeyReused,
    NameNeeded,
    ParentUnknown,
    Posted,
    Refusal,
    RepliesClosed,
    forget_retries,
    judge,
    post,
)
from service.posting.rejudging import Rejudging
from service.posting.rules import PostingRules
from service.posting.standing import standing
from service.posting.taking_part import (
    GuestsRefused,
    SiteAccountNeeded,
    refuse_outsiders,
    refuse_reports_of_outsiders,
)

__all__ = [
    "RETRY_LIFE",
    "Consulted",
    "DepthReached",
    "Draft",
    "EditWindowOver",
    "GuestsRefused",
    "KeyReused",
    "NameNeeded",
    "NewComment",
    "NotYours",
    "OutOfHours",
    "ParentUnknown",
    "Posted",
    "PostingRules",
    "Refusal",
    "Rejudging",
    "RepliesClosed",
    "SiteAccountNeeded",
    "ThreadClosed",
    "ThreadLocked",
    "VotesOff",
    "closed_until",
    "consult",
    "consult_edit",
    "delete",
    "edit",
    "forget_person",
    "forget_retries",
    "heed",
    "is_over",
    "judge",
    "may_change_until",
    "participants",
    "post",
    "preview",
    "refuse_closed",
    "refuse_outsiders",
    "refuse_reports_of_outsiders",
    "refuse_votes",
    "standing",
    "weigh",
]
