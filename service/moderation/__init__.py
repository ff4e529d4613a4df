"""Moderation owns cases, reports, queues, claims, decisions and their log; a comment changes only through comments."""

from service.moderation.actions import ACTIONS, DONE, LEADS, MARKS, OF_EDITORS, RESTRICTED, Action
from service.moderation.appeals import appeal
from service.moderation.backlog import desk_backlog
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
from service.moderation.decisions import Decision, DecisionImpossible, EditorNeeded, about, decide, decision
from service.moderation.erasing import OwnReport, forget_comments, forget_reporter, forget_words, reported_by
from service.moderation.events import CaseClosed, CaseDecided, CaseOpened, CaseRaised
from service.moderation.filters import QueueFilter
from service.moderation.goals import ModerationGoals
from service.moderation.history import PastDecision, decisions_about, reported_among
from service.moderation.index import ClaimCapReached, Holder, Lease
from service.moderation.listing import QueueCount, count_open, count_queues, get, get_many, list_open
from service.moderation.log import Entry, entries
from service.moderation.meanwhile import DecidedMeanwhile
from service.moderation.names import names
from service.moderation.queue import Queue, Repair
from service.moderation.queues import QueueExists, QueueUnknown, SavedQueue, TooManyQueues
from service.moderation.reach import in_reach, moderated
from service.moderation.reports import REPORT_REASONS, ReportReason, report
from service.moderation.rules import NewRule, SavedRule, asking_rules, rule_set
from service.moderation.rules import create as create_rule
from service.moderation.rules import delete as delete_rule
from service.moderation.rules import of_site as rules_of_site
from service.moderation.sanctioning import (
    NewSanction,
    SanctionRefused,
    WholeSiteNeeded,
    impose,
    impose_for,
    lift,
)
from service.moderation.second_looks import SecondLook
from service.moderation.undo import DecisionUnknown, UndoImpossible, undo
from service.moderation.watch import Watch

__all__ = [
    "ACTIONS",
    "DONE",
    "LEADS",
    "MARKS",
    "OF_EDITORS",
    "REPORT_REASONS",
    "RESTRICTED",
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
    "DecisionUnknown",
    "EditorNeeded",
    "Entry",
    "FourEyes",
    "Holder",
    "InvalidClaim",
    "Item",
    "Lease",
    "ModerationGoals",
    "NewRule",
    "NewSanction",
    "Outcome",
    "OwnReport",
    "PastDecision",
    "Place",
    "Queue",
    "QueueCount",
    "QueueExists",
    "QueueFilter",
    "QueueUnknown",
    "Repair",
    "ReportReason",
    "SanctionRefused",
    "SavedQueue",
    "SavedRule",
    "SecondLook",
    "Token",
    "TooManyQueues",
    "UndoImpossible",
    "Watch",
    "WholeSiteNeeded",
    "about",
    "appeal",
    "asking_rules",
    "claim",
    "claim_from_all",
    "count_open",
    "count_queues",
    "create_rule",
    "decide",
    "decide_each",
    "decision",
    "decisions_about",
    "delete_rule",
    "desk_backlog",
    "entries",
    "extend",
    "forget_comments",
    "forget_reporter",
    "forget_words",
    "get",
    "get_many",
    "impose",
    "impose_for",
    "in_reach",
    "leave",
    "lift",
    "list_open",
    "mine",
    "moderated",
    "names",
    "open_case",
    "release",
    "report",
    "reported_among",
    "reported_by",
    "rule_set",
    "rules_of_site",
    "skip",
    "undo",
    "withdraw",
]
