"""All checks run, all signals are kept, the policy decides once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from service.screening.conduct import first_comment, pre_moderation, reported, shouting
from service.screening.links import link_hosts, too_many_links
from service.screening.policy import Policy, Verdict
from service.screening.rules import NO_RULES, RuleSet
from service.screening.signals import Action, Draft, Facts, Signal
from service.screening.words import banned_words, suspect_words

Check = Callable[[Draft, Facts, Policy], Iterable[Signal]]

CHECKS: tuple[Check, ...] = (
    banned_words,
    suspect_words,
    too_many_links,
    link_hosts,
    first_comment,
    pre_moderation,
    reported,
    shouting,
)

_SEVERITY: dict[Action, int] = {"publish": 0, "hold": 1, "reject": 2}
_LONGEST_QUOTE = 40

# "Held because …" or "Not published because …", for the author.
_CLAUSES = {
    "word-banned": "it contains {quote}",
    "word-suspect": "it contains {quote}",
    "links": "it has many links",
    "link-host": "it names a website that this site does not link to",
    "first-comment": "this is your first comment here",
    "pre-moderation": "moderators read all comments here before they appear",
    "reported": "readers have reported it",
    "rule-word": "it contains {quote}",
    "rule-host": "it names a website that this site does not link to",
    "shouting": "it is mostly in capital letters",
}
_OTHERWISE = "a moderator has to look at it first"

_log = structlog.get_logger()


def judge(
    draft: Draft, facts: Facts, policy: Policy, *, rules: RuleSet = NO_RULES, checks: Iterable[Check] = CHECKS
) -> Verdict:
    """What is to become of a draft. Never raises: a check that fails is a signal that holds.

    `rules` are the site's own, beside the policy's lists; what they allow is no signal. Comments of the site's own
    staff are published; their signals are kept all the same.
    """
    policy, seen = rules.laid_over(policy), rules.without_allowed(draft)
    signals = tuple(signal for check in (*checks, rules.check) for signal in _run(check, seen, facts, policy))
    if facts.is_staff:
        return Verdict("publish", signals)
    actions = [policy.action_for(signal) for signal in signals]
    worst: Action = max(actions, key=_SEVERITY.__getitem__, default="publish")
    if worst == "publish":
        return Verdict("publish", signals)
    deciding = [signal for signal, action in zip(signals, actions, strict=True) if action == worst]
    return Verdict(worst, signals, tuple(dict.fromkeys(_reason(signal, worst, draft) for signal in deciding)))


def _run(check: Check, draft: Draft, facts: Facts, policy: Policy) -> tuple[Signal, ...]:
    try:
        return tuple(check(draft, facts, policy))
    except Exception as error:  # noqa: BLE001  # whatever it was, the comment must be neither lost nor let through
        # The kind of fault only: its message may hold what somebody wrote.
        _log.error("screening check failed", check=getattr(check, "__name__", "?"), fault=type(error).__name__)
        return (Signal("check-failed", 1.0, f"A check could not be made ({type(error).__name__}); look closely"),)


def _reason(signal: Signal, action: Action, draft: Draft) -> str:
    why = _CLAUSES.get(signal.name, _OTHERWISE).format(quote=_quote(signal, draft))
    return f"{'Not published' if action == 'reject' else 'Held'} because {why}."


def _quote(signal: Signal, draft: Draft) -> str:
    found = draft.plain[slice(*signal.span)] if signal.span else draft.name
    shown = f"“{found if len(found) <= _LONGEST_QUOTE else found[:_LONGEST_QUOTE] + '…'}”"
    return shown if signal.span else f"a word in the name {shown}"
