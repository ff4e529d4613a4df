"""Whether a discussion takes comments now: of every reason to be closed one function knows."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.kit import clock
from service.kit.errors import Forbidden
from service.posting.hours import is_open, opens_at
from service.posting.rules import PostingRules
from service.sites import Site
from service.threads import Thread


class ThreadClosed(Forbidden):
    """This discussion is closed. You can still read it."""

    type = "thread-closed"


class OutOfHours(Forbidden):
    """Comments are not taken at this time of day. Your text is kept; `opens_at` says when you can post it."""

    type = "out-of-hours"


class ThreadLocked(Forbidden):
    """This discussion is locked: everything in it stays as it stands."""

    type = "thread-locked"


class VotesOff(Forbidden):
    """This site has no votes."""

    type = "votes-off"


def refuse_closed(site: Site, thread: Thread) -> None:
    """Let nothing be written where it is closed: by hand, by age, by the hour. Raises ThreadClosed, OutOfHours."""
    if is_over(site, thread):
        raise ThreadClosed
    if (again := closed_until(site)) is not None:
        raise OutOfHours(opens_at=again.isoformat().replace("+00:00", "Z"))


def refuse_votes(site: Site, thread: Thread) -> None:
    """Let nobody vote where it is over, or where there are no votes. The hour makes no difference to votes.

    Raises ThreadClosed, VotesOff.
    """
    if not site.section("posting", PostingRules).votes:
        raise VotesOff
    if is_over(site, thread):
        raise ThreadClosed


def refuse_locked(thread: Thread) -> None:
    """Let authors take nothing back where all is to stay as it stands. Raises ThreadLocked."""
    if thread.is_locked:
        raise ThreadLocked


def is_over(site: Site, thread: Thread | None) -> bool:
    """Whether a discussion (None: one that nobody has begun) is closed whatever time of day it is."""
    rules = site.section("posting", PostingRules)
    return rules.closed or (thread is not None and (not thread.is_open or _is_too_old(rules, thread)))


def closed_until(site: Site) -> datetime | None:
    """When the site opens again; None while it is open."""
    rules = site.section("posting", PostingRules)
    now = clock.now()
    if is_open(rules.opening_hours, rules.time_zone, now):
        return None
    return opens_at(rules.opening_hours, rules.time_zone, now)


def _is_too_old(rules: PostingRules, thread: Thread) -> bool:
    if not rules.close_after_days:
        return False
    return clock.now() - thread.created_at >= timedelta(days=rules.close_after_days)
