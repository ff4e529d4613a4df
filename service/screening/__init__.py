"""Screening turns text and facts into named signals and a verdict, pure and tryable on history; storing is others'."""

from service.screening.judge import judge
from service.screening.policy import Action, Policy, Verdict
from service.screening.signals import Draft, Facts, Signal

__all__ = ["Action", "Draft", "Facts", "Policy", "Signal", "Verdict", "judge"]
