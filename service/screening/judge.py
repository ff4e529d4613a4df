"""All checks run, all signals are kept, the policy decides once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from service.kit.said import N_, Said
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

# For the author, each a whole sentence: what is put together of halves cannot be said in other languages.
_REFUSED = N_("Not published because this site's checks refused it.")
_WORD = N_("Held because it contains %(quote)s."), N_("Not published because it contains %(quote)s.")
_NAME = (
    N_("Held because it contains a word in the name %(quote)s."),
    N_("Not published because it contains a word in the name %(quote)s."),
)
_HOST = (
    N_("Held because it names a website that this site does not link to."),
    N_("Not published because it names a website that this site does not link to."),
)
_SENTENCES = {
    "word-banned": _WORD,
    "word-suspect": _WORD,
    "rule-word": _WORD,
    "links": (N_("Held because it has many links."), N_("Not published because it has many links.")),
    "link-host": _HOST,
    "rule-host": _HOST,
    "shouting": (
        N_("Held because it is mostly in capital letters."),
        N_("Not published because it is mostly in capital letters."),
    ),
    "first-comment": (N_("Held because this is your first comment here."), _REFUSED),
    "new-author": (N_("Held because a moderator looks at your comments first."), _REFUSED),
    "pre-moderation": (N_("Held because moderators read all comments here before they appear."), _REFUSED),
    "reported": (N_("Held because readers have reported it."), _REFUSED),
}
_OTHERWISE = (N_("Held because a moderator has to look at it first."), _REFUSED)

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
    sentences = _SENTENCES.get(signal.name, _OTHERWISE)
    if sentences is _WORD and not signal.span:
        sentences = _NAME
    found = draft.plain[slice(*signal.span)] if signal.span else draft.name
    quote = f"“{found if len(found) <= _LONGEST_QUOTE else found[:_LONGEST_QUOTE] + '…'}”"
    sentence = sentences[action == "reject"]
    return Said(sentence, quote=quote) if sentences in {_WORD, _NAME} else Said(sentence)
