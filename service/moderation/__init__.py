"""Moderation owns cases, reports, queues, claims, decisions and their log; a comment changes only through comments."""

from service.moderation.batch import ClaimLost, Item, Outcome, decide_each
from service.moderation.case import Case, CaseSignal, CaseUnknown, Place
from service.moderation.cases import FourEyes, open_case, withdraw
from service.moderation.claims import (
    Claim,
    InvalidClaim,
    Token,
    claim,
    claim_from_all,
    extend,
    leave,
    mine,
    release,
    skip,
)
from service.moderation.decisions import ACTIONS, LEADS, Action, Decision, DecisionImpossible, decide
from service.moderation.events import CaseClosed, CaseOpened, CaseRaised
from service.moderation.filters import QueueFilter
from service.moderation.goals import ModerationGoals
from service.moderation.index import ClaimCapReached, Holder, Lease
from service.moderation.listing import QueueCount, count_open, count_queues, get, get_many, list_open
from service.moderation.log import Entry, entries
from service.moderation.meanwhile import DecidedMeanwhile
from service.moderation.names import names
from service.moderation.queue import Queue, Repair
from service.moderation.queues import QueueExists, QueueUnknown, SavedQueue, TooManyQueues
from service.moderation.reports import REPORT_REASONS, ReportReason, report
from service.moderation.rules import rule_set
from service.moderation.second_looks import SecondLook
from service.moderation.watch import Watch

__all__ = [
    "ACTIONS",
    "LEADS",
    "REPORT_REASONS",
    "Action",
    "Case",
    "CaseClosed",
    "CaseOpened",
    "CaseRaised",
    "CaseSignal",
    "CaseUnknown",
    "Claim",
    "ClaimCapReached",
    "ClaimLost",
    "DecidedMeanwhile",
    "Decision",
    "DecisionImpossible",
    "Entry",
    "FourEyes",
    "Holder",
    "InvalidClaim",
    "Item",
    "Lease",
    "ModerationGoals",
    "Outcome",
    "Place",
    "Queue",
    "QueueCount",
    "QueueExists",
    "QueueFilter",
    "QueueUnknown",
    "Repair",
    "ReportReason",
    "SavedQueue",
    "SecondLook",
    "Token",
    "TooManyQueues",
    "Watch",
    "claim",
    "claim_from_all",
    "count_open",
    "count_queues",
    "decide",
    "decide_each",
    "entries",
    "extend",
    "get",
    "get_many",
    "leave",
    "list_open",
    "mine",
    "names",
    "open_case",
    "release",
    "report",
    "rule_set",
    "skip",
    "withdraw",
]
