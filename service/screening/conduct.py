"""Checks that look at who writes and how, not at words."""

from __future__ import annotations

from collections.abc import Iterator

from service.screening.policy import Policy
from service.screening.signals import Draft, Facts, Signal

# Fewer letters are a name, an abbreviation or a cheer.
_LETTERS_TO_SHOUT = 20
_SHARE_TO_SHOUT = 0.7


def first_comment(draft: Draft, facts: Facts, policy: Policy) -> Iterator[Signal]:
    """`first-comment`: nothing by this author was published here yet; `new-author`: less than the policy waits for."""
    if not policy.hold_first_comments or facts.published_before >= policy.first_comments:
        return
    if facts.published_before == 0:
        yield Signal("first-comment", 0.5, "The author has no published comment here yet")
    else:
        yield Signal("new-author", 0.3, f"Published here by the author so far: {facts.published_before}")


def pre_moderation(draft: Draft, facts: Facts, policy: Policy) -> Iterator[Signal]:
    """`pre-moderation`: this site looks at everything first, or at everything in this section."""
    if policy.pre_moderate:
        yield Signal("pre-moderation", 0.1, "This site looks at every comment before it appears")
    elif facts.section and facts.section in policy.pre_moderate_sections:
        yield Signal("pre-moderation", 0.1, "Every comment of this section is looked at before it appears")


def reported(draft: Draft, facts: Facts, policy: Policy) -> Iterator[Signal]:
    """`reported`: as many readers' reports as the policy waits for; the score rises with each further one."""
    if 0 < policy.reports_to_hold <= facts.reports:
        score = facts.reports / (facts.reports + policy.reports_to_hold)
        yield Signal("reported", score, f"{facts.reports} reports by readers")


def shouting(draft: Draft, facts: Facts, policy: Policy) -> Iterator[Signal]:
    """`shouting`: mostly capitals, in scripts that have them; the score is their share."""
    capitals = sum(map(str.isupper, draft.plain))
    if capitals < _LETTERS_TO_SHOUT * _SHARE_TO_SHOUT:
        return
    letters = capitals + sum(map(str.islower, draft.plain))
    if letters >= _LETTERS_TO_SHOUT and capitals / letters >= _SHARE_TO_SHOUT:
        share = capitals / letters
        yield Signal("shouting", share, f"{share:.0%} of the letters are capitals")
