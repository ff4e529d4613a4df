"""Posting is the act of posting and editing: the order of the checks, and one transaction."""

from service.posting.change import EditWindowOver, NotYours, delete, edit, may_change_until
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
    ThreadClosed,
    forget_retries,
    judge,
    post,
)
from service.posting.rejudging import Rejudging
from service.posting.rules import PostingRules
from service.posting.standing import standing

__all__ = [
    "RETRY_LIFE",
    "Consulted",
    "DepthReached",
    "Draft",
    "EditWindowOver",
    "KeyReused",
    "NameNeeded",
    "NewComment",
    "NotYours",
    "ParentUnknown",
    "Posted",
    "PostingRules",
    "Refusal",
    "Rejudging",
    "RepliesClosed",
    "ThreadClosed",
    "consult",
    "consult_edit",
    "delete",
    "edit",
    "forget_person",
    "forget_retries",
    "heed",
    "judge",
    "may_change_until",
    "participants",
    "post",
    "preview",
    "standing",
    "weigh",
]
