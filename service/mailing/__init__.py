"""Mailing tells readers by mail what they asked to be told, where their address is proven theirs and takes mail."""

from service.mailing.addresses import (
    CONFIRM_LIFE,
    WAITS,
    Address,
    AddressNeeded,
    ConfirmLinkUsed,
    Pace,
    address_of,
    asked_by,
    confirm,
    end,
    question,
    resume,
    set_pace,
    use,
)
from service.mailing.bounces import came_back
from service.mailing.events import ConfirmationAsked
from service.mailing.forgetting import MAILBOXES_KEPT, NOTICES_KEPT, forget_by_age, forget_person, held
from service.mailing.links import Stop, StopLinkInvalid, read_stop, stop_token
from service.mailing.noticing import Noticing
from service.mailing.reports import LARGEST as LARGEST_REPORT
from service.mailing.reports import read as read_report
from service.mailing.rules import MailRules, next_digest, rules_of
from service.mailing.sending import ReaderMailing
from service.mailing.subscriptions import (
    KINDS,
    Kind,
    Subscription,
    SubscriptionUnknown,
    TooManySubscriptions,
    add,
    end_thread,
    of_person,
    resume_thread,
)
from service.mailing.subscriptions import end as end_subscription
from service.mailing.wishes import MailOff, Wish, change, wish

__all__ = [
    "CONFIRM_LIFE",
    "KINDS",
    "LARGEST_REPORT",
    "MAILBOXES_KEPT",
    "NOTICES_KEPT",
    "WAITS",
    "Address",
    "AddressNeeded",
    "ConfirmLinkUsed",
    "ConfirmationAsked",
    "Kind",
    "MailOff",
    "MailRules",
    "Noticing",
    "Pace",
    "ReaderMailing",
    "Stop",
    "StopLinkInvalid",
    "Subscription",
    "SubscriptionUnknown",
    "TooManySubscriptions",
    "Wish",
    "add",
    "address_of",
    "asked_by",
    "came_back",
    "change",
    "confirm",
    "end",
    "end_subscription",
    "end_thread",
    "forget_by_age",
    "forget_person",
    "held",
    "next_digest",
    "of_person",
    "question",
    "read_report",
    "read_stop",
    "resume",
    "resume_thread",
    "rules_of",
    "set_pace",
    "stop_token",
    "use",
    "wish",
]
