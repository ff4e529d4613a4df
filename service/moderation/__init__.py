"""Moderation owns cases, reports, queues, claims, decisions and their log; a comment changes only through comments."""

from service.moderation.batch import ClaimLost, Item, Outcome, decide_each
from service.moderation.case import Case, CaseSignal, CaseUnknown, Place
from service.moderation.cases import open_case, withdraw
from service.moderation.claims import Claim, InvalidClaim, Token, claim, extend, leave, mine, release
from service.moderation.decisions import ACTIONS, LEADS, Action, Decision, DecisionImpossible, about, decide, decision
from service.moderation.events import CaseClosed, CaseDecided, CaseOpened, CaseRaised
from service.moderation.goals import ModerationGoals
from service.moderation.index import ClaimCapReached, Holder, Lease
from service.moderation.listing import count_open, get, get_many, list_open
from service.moderation.log import Entry, entries
from service.moderation.meanwhile import DecidedMeanwhile
from service.moderation.names import names
from service.moderation.queue import Queue, Repair
from service.moderation.reports import REPORT_REASONS, ReportReason, report

__all__ = [
    "ACTIONS",
    "LEADS",
    "REPORT_REASONS",
    "Action",
    "Case",
    "CaseClosed",
    "CaseDecided",
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
    "Holder",
    "InvalidClaim",
    "Item",
    "Lease",
    "ModerationGoals",
    "Outcome",
    "Place",
    "Queue",
    "Repair",
    "ReportReason",
    "Token",
    "about",
    "claim",
    "count_open",
    "decide",
    "decide_each",
    "decision",
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
    "withdraw",
]
