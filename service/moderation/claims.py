"""Claims: cases handed to one moderator at a time, each with a token that says which lease and which text it was.

Without Redis the same function hands out SQL's order, with no tokens: several moderators may then look at one case,
and still only the first decision about a version counts.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import comments
from service.comments import Comment
from service.identity import Staff
from service.kit.db import Database, ReadTx
from service.kit.errors import Invalid
from service.kit.redis import Away
from service.moderation import listing, queues
from service.moderation.access import Sections, sections_of
from service.moderation.case import Case
from service.moderation.goals import ModerationGoals
from service.moderation.index import ClaimCapReached, Lease
from service.moderation.queue import Queue
from service.moderation.queues import SavedQueue
from service.sites import Site, SiteUnknown

# Without leases whoever begins at the top meets everybody else there (71 % of the work of five moderators is then
# done twice, by simulation); a random choice from a few times as many cases brings that down to about 20 %.
_SPREAD = 4
# How often to go back for more when leased cases turn out to be closed already.
_ROUNDS = 5
_FORM = re.compile(r"[0-9]{1,19}(\.[0-9]{1,19}){4}")


class InvalidClaim(Invalid):
    """This is not a claim of yours on this comment."""

    type = "invalid-claim"


@dataclass(frozen=True)
class Token:
    """What a claim says: this case of this site, under this fence, about this version of this comment.

    It is evidence, not authority: who may decide comes from the session and the row, what counts is the version.
    """

    site: int
    case: int
    fence: int
    comment: int
    version: int

    def encode(self) -> str:
        """As text for URLs and JSON; callers treat it as opaque."""
        return f"{self.site}.{self.case}.{self.fence}.{self.comment}.{self.version}"

    @classmethod
    def read(cls, text: str) -> Token:
        """Raises InvalidClaim."""
        if _FORM.fullmatch(text) is None:
            raise InvalidClaim(field="claim")
        numbers = [int(part) for part in text.split(".")]
        # What no row can hold names no row.
        if max(numbers) >= 2**63 or numbers[-1] >= 2**31:
            raise InvalidClaim(field="claim")
        return cls(*numbers)


@dataclass(frozen=True)
class Claim:
    """A case to decide. With a `token` it is the moderator's own until `expires_at`; without, decide by version."""

    case: Case
    comment: Comment
    token: str | None = None
    expires_at: datetime | None = None


async def claim(
    db: Database, queue: Queue, staff: Staff, site: Site, limit: int, *, which: str | None = None
) -> list[Claim]:
    """The next cases of a site's queue for this moderator, the most pressing first; at most `limit`.

    `which` is a queue's id or name, None all of them. Raises SiteUnknown for who is not of the site's team,
    QueueUnknown, ClaimCapReached.
    """
    if not staff.is_moderator_at(site.id):
        raise SiteUnknown
    goals = site.section("moderation", ModerationGoals)
    asked = _Asked(site.id, await db.read(queues.find, site.id, which), sections_of(staff, site.id))
    limit = min(limit, goals.claim_cap)
    try:
        return await _leased(db, queue, staff, asked, goals, limit)
    except Away:
        return await db.read(_unleased, staff.account.id, asked, limit)


async def claim_from_all(db: Database, queue: Queue, staff: Staff, own: Sequence[Site], limit: int) -> list[Claim]:
    """The next cases of several sites, dealt evenly: what one site has too few of goes to the others.

    Raises ClaimCapReached when no site gives any more.
    """
    claimed: list[Claim] = []
    order = random.sample(own, len(own))
    full: ClaimCapReached | None = None
    # Twice: the second time what some sites did not need.
    for site, left in [*zip(order, range(len(order), 0, -1), strict=True), *((site, 1) for site in order)]:
        if (wanted := -(-(limit - len(claimed)) // left)) <= 0:
            continue
        try:
            claimed += await claim(db, queue, staff, site, wanted)
        except ClaimCapReached as error:
            full = error
    if full is not None and not claimed:
        raise full
    return sorted(claimed, key=lambda one: one.case.place)


async def extend(queue: Queue, staff: Staff, site: Site, tokens: Sequence[str]) -> list[datetime | None]:
    """The heartbeat: until when each claim lasts now; None for one that is lost. Raises SiteUnknown, InvalidClaim.

    While Redis is away no claim can be lost to anybody, and none can be prolonged: all None.
    """
    own = _own(staff, site, tokens)
    life = timedelta(seconds=site.section("moderation", ModerationGoals).claim_seconds)
    try:
        return await queue.extend(site.id, staff.account.id, own, life)
    except Away:
        return [None] * len(own)


async def release(queue: Queue, staff: Staff, site: Site, tokens: Sequence[str]) -> int:
    """Give claims back before they run out; how many were still this moderator's. Raises SiteUnknown, InvalidClaim."""
    own = _own(staff, site, tokens)
    try:
        return await queue.release(site.id, staff.account.id, own)
    except Away:
        return 0


async def skip(queue: Queue, staff: Staff, site: Site, token: str) -> None:
    """Give a case back, and leave it to others for a while. Raises SiteUnknown, InvalidClaim."""
    goals = site.section("moderation", ModerationGoals)
    own = _own(staff, site, [token])
    with contextlib.suppress(Away):
        await queue.release(site.id, staff.account.id, own, rest=timedelta(minutes=goals.skip_minutes))


async def leave(queue: Queue, staff: Staff, site: Site) -> int:
    """Give back all claims of a moderator who goes; how many that were. Raises SiteUnknown."""
    if not staff.is_moderator_at(site.id):
        raise SiteUnknown
    try:
        return await queue.leave(site.id, staff.account.id)
    except Away:
        return 0


async def mine(db: Database, queue: Queue, staff: Staff, site: Site) -> list[Claim]:
    """What this moderator holds already, say after a page was loaded anew. Raises SiteUnknown."""
    if not staff.is_moderator_at(site.id):
        raise SiteUnknown
    try:
        holders = await queue.holders(site.id)
    except Away:
        return []
    own = [
        Lease(case, holder.fence, holder.expires_at)
        for case, holder in holders.items()
        if holder.moderator == staff.account.id
    ]
    found, _ = await db.read(_with_comments, own)
    return sorted(found, key=lambda claimed: claimed.case.place)


@dataclass(frozen=True)
class _Asked:
    """From what to take: a queue of a site, and the sections of it that somebody moderates."""

    site_id: int
    queue: SavedQueue
    sections: Sections


async def _leased(
    db: Database, queue: Queue, staff: Staff, asked: _Asked, goals: ModerationGoals, limit: int
) -> list[Claim]:
    claimed: list[Claim] = []
    life = timedelta(seconds=goals.claim_seconds)
    for _ in range(_ROUNDS):
        leases = await queue.claim(
            asked.site_id,
            staff.account.id,
            limit - len(claimed),
            life=life,
            cap=goals.claim_cap,
            queue=asked.queue,
            sections=asked.sections,
        )
        found, closed = await db.read(_with_comments, leases)
        claimed += found
        if not closed:
            break
        # Closed, and the reaction that takes them out of the index has not run, or ran when Redis was away.
        await queue.drop(asked.site_id, closed)
    return claimed


async def _with_comments(tx: ReadTx, leases: Sequence[Lease]) -> tuple[list[Claim], list[int]]:
    """(claims on what is open, cases that are closed)."""
    found = await listing.get_many(tx, [lease.case for lease in leases])
    texts = await _texts(tx, found.values())
    claimed, closed = [], []
    for lease in leases:
        comment = texts.get(lease.case)
        if comment is None:
            closed.append(lease.case)
            continue
        token = Token(comment.site_id, lease.case, lease.fence, comment.id, comment.version)
        claimed.append(Claim(found[lease.case], comment, token.encode(), lease.expires_at))
    return claimed, closed


async def _texts(tx: ReadTx, found: Collection[Case]) -> dict[int, Comment]:
    """The comments of those cases that are open, by case."""
    texts = await comments.get_many(tx, [case.comment_id for case in found], comments.STAFF)
    # Asked after the comments were read. The other way round, a decision made in between would show as the version to
    # decide about (on PostgreSQL each statement sees what is committed by then), and be overruled unawares.
    still_open = await listing.open_among(tx, [case.id for case in found])
    return {case.id: texts[case.comment_id] for case in found if case.id in still_open and case.comment_id in texts}


async def _unleased(tx: ReadTx, account_id: int, asked: _Asked, limit: int) -> list[Claim]:
    first = await listing.list_open(
        tx, [asked.site_id], limit=limit * _SPREAD, asked=asked.queue.filter, sections=asked.sections
    )
    window = [case for case in first if account_id not in case.not_for]
    # Not secrets: nobody gains by guessing which cases a colleague looks at.
    chosen = sorted(random.sample(window, min(limit, len(window))), key=lambda case: case.place)
    texts = await _texts(tx, chosen)
    return [Claim(case, texts[case.id]) for case in chosen if case.id in texts]


def _own(staff: Staff, site: Site, tokens: Sequence[str]) -> list[tuple[int, int]]:
    if not staff.is_moderator_at(site.id):
        raise SiteUnknown
    read = [Token.read(text) for text in tokens]
    if any(token.site != site.id for token in read):
        raise InvalidClaim(field="claim")
    return [(token.case, token.fence) for token in read]
