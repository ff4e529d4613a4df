"""A rule tried on what was written before: what it would have held, refused or let through."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from service import comments, identity, screening
from service.comments import Comment, Criteria
from service.identity import Person
from service.kit import text
from service.kit.db import Database, ReadTx
from service.moderation.rules import NewRule, rule_set
from service.screening import Draft, Facts, Policy, Rule, RuleSet, judge
from service.sites import Site

LOOKED_AT = 5_000
_SLICE = 500
_SAMPLES = 20
# The thread that folds texts keeps others from running: two trials at once are enough for a process.
_trials = asyncio.Semaphore(2)


@dataclass
class Trial:
    """What a rule would have done. `of_published`: to so many of the comments that readers see now."""

    looked_at: int = 0
    would_hold: int = 0
    would_reject: int = 0
    would_allow: int = 0
    of_published: int = 0
    samples: list[tuple[Comment, Person | None]] = field(default_factory=list)


async def try_out(db: Database, site: Site, new: NewRule) -> Trial:
    """Try a rule on the site's last 5,000 comments. Raises Invalid, RuleTooBroad."""
    pattern = screening.cleaned(new.kind, new.pattern, new.action, whole_word=new.whole_word)
    rule = Rule(0, new.kind, pattern, new.action, new.severity, new.whole_word)
    present = await db.read(rule_set, site.id)
    policy, trial, before = site.section("screening", Policy), Trial(), None
    async with _trials:
        while trial.looked_at < LOOKED_AT:
            page, people = await db.read(_page, site.id, before, min(_SLICE, LOOKED_AT - trial.looked_at))
            if not page:
                break
            # Not on the loop: reading five thousand texts takes a second or two of the processor.
            hits = await asyncio.to_thread(_matching, rule, present, policy, page, people)
            _count(trial, rule, hits, people)
            trial.looked_at += len(page)
            before = page[-1].id
    return trial


async def _page(tx: ReadTx, site_id: int, before: int | None, limit: int) -> tuple[list[Comment], dict[int, Person]]:
    page = await comments.newest(tx, site_id, Criteria(below=before), limit)
    return page, await identity.people(tx, [comment.person_id for comment in page if comment.person_id])


def _matching(
    rule: Rule, present: RuleSet, policy: Policy, page: Sequence[Comment], people: dict[int, Person]
) -> list[Comment]:
    return [comment for comment in page if _hits(rule, present, policy, _draft(comment, people))]


def _hits(rule: Rule, present: RuleSet, policy: Policy, draft: Draft) -> bool:
    if rule.action != "allow":
        laid, seen = present.laid_over(policy), present.without_allowed(draft)
        return any(True for _ in RuleSet.of([rule]).check(seen, Facts(), laid))
    # What is held or refused as things are, and would not be with it.
    facts, more = Facts(published_before=1), RuleSet.of([*present.rules, rule])
    earlier = judge(draft, facts, policy, rules=present)
    return earlier.action != "publish" and judge(draft, facts, policy, rules=more).action == "publish"


def _draft(comment: Comment, people: dict[int, Person]) -> Draft:
    known = text.read_back(comment.html or "")
    author = people.get(comment.person_id or 0)
    return Draft(plain=known.plain, source=comment.body or "", name=author.name if author else "", links=known.links)


def _count(trial: Trial, rule: Rule, hits: Sequence[Comment], people: dict[int, Person]) -> None:
    counted = f"would_{rule.action}"
    setattr(trial, counted, getattr(trial, counted) + len(hits))
    trial.of_published += sum(comment.is_published for comment in hits)
    room = _SAMPLES - len(trial.samples)
    trial.samples += [(comment, people.get(comment.person_id or 0)) for comment in hits[:room]]
