"""What is talked about now, and by whom: bounded looks at what was written lately, for widgets of every dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from service import comments, identity, threads
from service.comments import Comment
from service.identity import ERASED, Person
from service.kit import clock, ids
from service.kit.db import ReadTx
from service.kit.errors import Invalid
from service.reading.feeds import LOOKED_AT, newest
from service.sites import Site
from service.threads import Thread

_WINDOW = re.compile(r"([1-9][0-9]{0,3})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LONGEST = timedelta(days=366)
_SPARE = 3  # so many times as many are looked at where some may have to be left out


@dataclass(frozen=True)
class Latest:
    """A new comment, who wrote it and where."""

    comment: Comment
    author: Person | None
    thread: Thread


def window(said: str) -> timedelta:
    """`24h`, `7d`, `4w` as a span of time; at most a year. Raises Invalid."""
    found = _WINDOW.fullmatch(said)
    span = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not timedelta() < span <= LONGEST:
        raise Invalid("a number of hours, days or weeks, up to a year: 24h, 7d, 4w", field="window")
    return span


async def latest(
    tx: ReadTx, site: Site, most: int, *, section: str | None = None, has_team: bool = True
) -> list[Latest]:
    """The newest comments of a site or a section; without `has_team` those of its staff are left out.

    Of a section they are those among the site's newest 1,000, and without the staff's those among thrice as many.
    """
    found, of, _ = await newest(tx, site, section, most if has_team else most * _SPARE)
    people = await identity.people(tx, [each.person_id for each in found if each.person_id is not None])
    told = (Latest(each, people.get(each.person_id or 0), of[each.thread_id]) for each in found)
    return [each for each in told if has_team or not _is_team(each.author)][:most]


async def discussed(
    tx: ReadTx, site: Site, span: timedelta, most: int, section: str | None = None
) -> list[tuple[Thread, int]]:
    """Where most was written within a span of time, and how much; see comments.talk."""
    talk, since = await _talk(tx, site, span, by="thread")
    candidates = list(talk.most)[:LOOKED_AT] if section is not None else list(talk.most)[: comments.FIRST]
    known = await threads.get_many(tx, candidates)
    meant = [number for number in candidates if number in known and section in {None, known[number].section}]
    ranked = await _ranked(tx, talk, meant[: comments.FIRST], since, comments.most_in_threads)
    return [(known[number], count) for number, count in ranked if known[number].comment_count][:most]


async def top_authors(
    tx: ReadTx, site: Site, span: timedelta, most: int, *, has_team: bool = True
) -> list[tuple[Person, int]]:
    """Who wrote most within a span of time, and how much; nobody who is erased or has no name.

    Whether a site wants it shown is asked by whoever shows it.
    """
    talk, since = await _talk(tx, site, span, by="person")
    people = await identity.people(tx, list(talk.most)[: comments.FIRST])
    meant = [number for number in people if people[number].kind != ERASED and people[number].name.strip()]
    meant = [number for number in talk.most if number in meant and (has_team or not _is_team(people[number]))]
    ranked = await _ranked(tx, talk, meant[: comments.PEOPLE], since, comments.most_by_people)
    return [(people[number], count) for number, count in ranked][:most]


async def _talk(tx: ReadTx, site: Site, span: timedelta, *, by: str) -> tuple[comments.Talk, int]:
    now = clock.now()
    since, until = ids.first_of(now - span), ids.first_of(now + timedelta(seconds=1))
    return comments.weighed(await comments.seen(tx, site.id, since, until), since, until, by=by), since


async def _ranked(
    tx: ReadTx, talk: comments.Talk, meant: list[int], since: int, count: comments.Count
) -> list[tuple[int, int]]:
    """The most first. What was looked at whole is counted already; of what is too many to count the estimate stands."""
    told = {number: round(talk.most[number]) for number in meant}
    if not talk.is_whole and meant:
        counted = await count(tx, meant, since)
        told = {number: found if (found := counted[number]) is not None else told[number] for number in meant}
    return sorted(told.items(), key=lambda pair: (-pair[1], -pair[0]))


def _is_team(person: Person | None) -> bool:
    return person is not None and person.mark in {"moderator", "editor", "owner"}
