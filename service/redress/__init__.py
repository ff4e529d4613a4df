"""Redress owns the reasons a site gives, the statements drawn from restrictions, and appeals against them."""

from service.redress.appeals import (
    Appeal,
    AppealedAlready,
    AppealTooLate,
    NothingToAppeal,
    appeal_of,
    appeals_of,
    file_appeal,
    open_appeal,
    reopen_appeal,
    settle_appeal,
)
from service.redress.reasons import FALLBACK, SPAM, Ground, Reason, ReasonRules, ReasonUnknown, reason_of
from service.redress.statements import (
    Statement,
    draw,
    latest_of_comment,
    of_decision,
    of_person,
    reinstate,
    statements,
    withdraw,
    withdraw_of_decision,
    withdraw_of_sanction,
)
from service.redress.transparency import submission

__all__ = [
    "FALLBACK",
    "SPAM",
    "Appeal",
    "AppealTooLate",
    "AppealedAlready",
    "Ground",
    "NothingToAppeal",
    "Reason",
    "ReasonRules",
    "ReasonUnknown",
    "Statement",
    "appeal_of",
    "appeals_of",
    "draw",
    "file_appeal",
    "latest_of_comment",
    "of_decision",
    "of_person",
    "open_appeal",
    "reason_of",
    "reinstate",
    "reopen_appeal",
    "settle_appeal",
    "statements",
    "submission",
    "withdraw",
    "withdraw_of_decision",
    "withdraw_of_sanction",
]
