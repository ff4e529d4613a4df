"""Screening turns text and facts into named signals and a verdict, pure and tryable on history; storing is others'."""

from service.screening.judge import judge
from service.screening.policy import Policy, Verdict
from service.screening.rules import NO_RULES, Rule, RuleAction, RuleKind, RuleSet, RuleTooBroad, cleaned
from service.screening.signals import Action, Draft, Facts, Signal

__all__ = [
    "NO_RULES",
    "Action",
    "Draft",
    "Facts",
    "Policy",
    "Rule",
    "RuleAction",
    "RuleKind",
    "RuleSet",
    "RuleTooBroad",
    "Signal",
    "Verdict",
    "cleaned",
    "judge",
]
