"""What a bulk decision is to be about: a filter over a site's comments, carried out once, for good.

What the moderator was shown is what the job works on: ids and versions, no more and no less. A comment written or
changed after the preview is not touched by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service import comments, identity, screening
from service.comments import Comment, Criteria
from service.identity import Person, Staff
from service.kit import ids, text
from service.kit.db import Database, ReadTx
from service.kit.errors import Invalid
from service.moderation.reach import in_reach, moderated
from service.screening import Draft, Facts, Policy, Rule, RuleSet
from service.sites import Site

# A job is about so many comments at most, and a filter by words reads so many texts.
MOST = 20_000
MOST_READ = 30_000
# What an author deleted has no text, and nobody decides about it.
STATES = tuple(state for state in comments.STATES if state != "deleted")
_SLICE = 1_000
_SAMPLES = 20
# Reading texts keeps the processor busy: two at once are enough for a process.
_searches = asyncio.Semaphore(2)


class SelectionTooLarge(Invalid):
    """This is about more comments than one job may change. Narrow it, say by time."""

    type = "selection-too-large"


class NothingAsked(Invalid):
    """Say at least one thing about the comments you mean."""

    type = "nothing-asked"


@dataclass(frozen=True)
class BulkFilter:
    """Which comments; all that is said must be so. `word` is read as a rule is, `host` with its subdomains.

    `address` is a pseudonym; `address_of` a comment that came from the address that is meant.
    """

    author: int | None = None
    address: str | None = None
    address_of: int | None = None
    thread: int | None = None
    word: str | None = None
    host: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    min_score: int | None = None
    max_score: int | None = None
    state: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept and shown; ids are text."""
        told = {name: value for name, value in vars(self).items() if value is not None}
        return {
            name: value.isoformat() if isinstance(value, datetime) else str(value) if name in _IDS else value
            for name, value in told.items()
        }

    def criteria(self) -> Criteria:
        """The part of it that SQL answers."""
        return Criteria(
            person_id=self.author,
            address=self.address,
            thread_id=self.thread,
            states=(self.state,) if self.state else ("held", "published"),
            above=ids.first_of(self.after) - 1 if self.after else None,
            below=ids.first_of(self.before) if self.before else None,
            min_score=self.min_score,
            max_score=self.max_score,
            host=self._host(),
        )

    def rules(self) -> RuleSet | None:
        """The part of it that texts are read for. Raises Invalid, RuleTooBroad."""
        asked = []
        if self.word is not None:
            word = screening.cleaned("word", self.word, "hold", whole_word=True)
            asked.append(Rule(1, "word", word, "hold"))
        if (host := self._host()) is not None:
            asked.append(Rule(2, "host", host, "hold"))
        return RuleSet.of(asked) if asked else None

    def _host(self) -> str | None:
        return screening.cleaned("host", self.host, "hold", whole_word=True) if self.host is not None else None


_IDS = frozenset({"author", "address_of", "thread"})


@dataclass
class Selection:
    """What a filter found: (id, version) of each, newest first. `is_whole`: nothing older was left unread."""

    items: list[tuple[int, int]] = field(default_factory=list)
    samples: list[tuple[Comment, Person | None]] = field(default_factory=list)
    looked_at: int = 0
    is_whole: bool = True


async def select(db: Database, staff: Staff, site: Site, asked: BulkFilter) -> Selection:
    """Carry a filter out. Raises NothingAsked, Invalid, CommentUnknown, RuleTooBroad, SelectionTooLarge."""
    if all(value is None for value in vars(asked).values()):
        raise NothingAsked(field="filter")
    if asked.address_of is not None:
        asked = replace(asked, address=await db.read(_address_of, staff, site.id, asked.address_of), address_of=None)
    if (rules := asked.rules()) is None:
        found = await db.read(_by_columns, staff, site.id, asked.criteria())
    else:
        async with _searches:
            found = await _by_text(db, staff, site.id, asked.criteria(), rules)
    if len(found.items) > MOST:
        raise SelectionTooLarge(most=MOST, field="filter")
    first = [comment for comment, _ in found.items[:_SAMPLES]]
    found.samples = await db.read(_samples, first)
    return found


async def _address_of(tx: ReadTx, staff: Staff, site_id: int, comment_id: int) -> str:
    comment, _ = await moderated(tx, staff, comment_id)
    address = await comments.address_of(tx, comment_id)
    if comment.site_id != site_id or address is None:
        raise Invalid("where that comment came from is not known any more", field="filter.address_of")
    return address


async def _by_columns(tx: ReadTx, staff: Staff, site_id: int, criteria: Criteria) -> Selection:
    rows = await comments.versions(tx, site_id, criteria, MOST + 1)
    reached = await in_reach(tx, staff, site_id, sorted({thread for _, _, thread in rows}))
    return Selection([(number, version) for number, version, thread in rows if thread in reached], looked_at=len(rows))


async def _by_text(db: Database, staff: Staff, site_id: int, criteria: Criteria, rules: RuleSet) -> Selection:
    found = Selection()
    while found.looked_at < MOST_READ and len(found.items) <= MOST:
        page, people, reached = await db.read(_page, staff, site_id, criteria)
        if not page:
            return found
        # Not on the loop: a page takes some tenths of a second of the processor.
        hits = await asyncio.to_thread(_matching, rules, page, people)
        found.items += [(comment.id, comment.version) for comment in hits if comment.thread_id in reached]
        found.looked_at += len(page)
        criteria = replace(criteria, below=page[-1].id)
    found.is_whole = False
    return found


async def _page(
    tx: ReadTx, staff: Staff, site_id: int, criteria: Criteria
) -> tuple[list[Comment], dict[int, Person], set[int]]:
    page = await comments.newest(tx, site_id, criteria, _SLICE)
    people = await identity.people(tx, [comment.person_id for comment in page if comment.person_id])
    return page, people, await in_reach(tx, staff, site_id, sorted({comment.thread_id for comment in page}))


def _matching(rules: RuleSet, page: Sequence[Comment], people: dict[int, Person]) -> list[Comment]:
    return [comment for comment in page if _names(rules, comment, people) == {rule.id for rule in rules.rules}]


def _names(rules: RuleSet, comment: Comment, people: dict[int, Person]) -> set[int]:
    """Which of the rules a comment meets: all it must be, so each is asked for by itself."""
    known, author = text.read_back(comment.html or ""), people.get(comment.person_id or 0)
    draft = Draft(known.plain, comment.body or "", author.name if author else "", known.links)
    return {rule.id for rule in rules.rules if any(True for _ in RuleSet.of([rule]).check(draft, Facts(), Policy()))}


async def _samples(tx: ReadTx, wanted: Sequence[int]) -> list[tuple[Comment, Person | None]]:
    known = await comments.get_many(tx, wanted, comments.STAFF)
    people = await identity.people(tx, [comment.person_id for comment in known.values() if comment.person_id])
    found = [known[number] for number in wanted if number in known]
    return [(comment, people.get(comment.person_id or 0)) for comment in found]
