"""Several decisions in one call: each is asked for its claim, made by itself, and answered by itself.

Leases keep people from looking at the same case; they are asked before the transaction, and may be lost. What keeps
them from deciding twice is the version (decisions.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.comments import CommentUnknown
from service.identity import Staff
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.errors import Conflict, Invalid, Refused
from service.kit.redis import Away
from service.moderation import listing
from service.moderation.actions import LEADS, Action
from service.moderation.claims import InvalidClaim, Token
from service.moderation.decisions import Decision, decide
from service.moderation.index import Standing
from service.moderation.meanwhile import deleted
from service.moderation.names import names
from service.moderation.queue import Queue
from service.moderation.reach import in_reach
from service.moderation.sanctioning import NewSanction
from service.moderation.second_looks import SecondLook, look, sample


class ClaimLost(Conflict):
    """Your claim on this case ran out, and somebody else has it now."""

    type = "claim-lost"


@dataclass(frozen=True)
class Item:
    """A comment to decide about, and what the moderator saw of it: its `version`, or the token of a `claim`."""

    comment: int
    version: int | None = None
    claim: str | None = None


@dataclass(frozen=True)
class Said:
    """What a moderator decides, about whatever it is."""

    action: Action
    reason: str = ""
    note: str = ""
    sanction: NewSanction | None = None


@dataclass(frozen=True)
class Outcome:
    """The answer to one item: a decision, a second look, or why there is none."""

    comment: int
    decision: Decision | None = None
    refusal: Refused | None = None
    look: SecondLook | None = None
    """What came of a second look, which is counted and decides nothing."""


async def decide_each(
    db: Database,
    queue: Queue,
    staff: Staff,
    items: Sequence[Item],
    action: Action,
    *,
    reason: str = "",
    note: str = "",
    sanction: NewSanction | None = None,
) -> list[Outcome]:
    """Decide about several comments, each by itself: one that is refused does not keep another from being done.

    A `sanction` is imposed with each decision that is made.
    """
    said = Said(action, reason, note, sanction)
    refused = await _lost(db, queue, staff, items)
    outcomes = [refused.get(item) or await _outcome(db, staff, item, said) for item in items]
    await _take_out(queue, outcomes)
    return outcomes


async def _outcome(db: Database, staff: Staff, item: Item, said: Said) -> Outcome:
    try:
        version, case = _seen(item)
        made = await db.transact(_decide, staff, item.comment, version, case, said)
    except CommentUnknown as unknown:
        return Outcome(item.comment, refusal=await db.read(_withdrawn, staff, item) or unknown)
    except Refused as refusal:
        return Outcome(item.comment, refusal=refusal)
    return Outcome(item.comment, look=made) if isinstance(made, SecondLook) else Outcome(item.comment, made)


async def _decide(
    tx: WriteTx, staff: Staff, comment_id: int, version: int, case: int | None, said: Said
) -> Decision | SecondLook:
    if case is not None and said.action in LEADS:
        seen = await look(tx, staff, comment_id, version, case, said.action)
        if seen is not None:
            return seen
    made = await decide(
        tx,
        staff,
        comment_id,
        version,
        said.action,
        case=case,
        reason=said.reason,
        note=said.note,
        sanction=said.sanction,
    )
    if made.case_id is not None and not made.is_repeat:
        await sample(tx, made)
    return made


async def _withdrawn(tx: ReadTx, staff: Staff, item: Item) -> Refused | None:
    """That the author took the comment back: of a deleted comment the case under claim is all that is left to tell."""
    if item.claim is None or (token := _token(item.claim)) is None:
        return None
    found = (await listing.get_many(tx, [token.case])).get(token.case)
    if (
        found is None
        or found.comment_id != item.comment
        or not await in_reach(tx, staff, found.site_id, [found.thread_id])
    ):
        return None
    return deleted(state="deleted") if found.state == "withdrawn" else None


def _seen(item: Item) -> tuple[int, int | None]:
    """(the comment's version, the case that was claimed)."""
    if item.claim is None:
        if item.version is None:
            raise Invalid("say what you saw: the comment's `version`, or your `claim`", field="version")
        return item.version, None
    token = Token.read(item.claim)
    if token.comment != item.comment:
        raise InvalidClaim(field="claim")
    return token.version, token.case


async def _lost(db: Database, queue: Queue, staff: Staff, items: Sequence[Item]) -> dict[Item, Outcome]:
    """The items whose claims others hold by now, refused."""
    by_site: dict[int, list[tuple[Item, Token]]] = {}
    for item in items:
        if item.claim is not None and (token := _token(item.claim)) is not None:
            by_site.setdefault(token.site, []).append((item, token))
    found: dict[Item, Outcome] = {}
    for site_id, claimed in by_site.items():
        if not staff.is_moderator_at(site_id):
            continue  # says nothing about foreign leases; the comment's own row refuses it
        standings = await _standings(queue, site_id, staff, [token for _, token in claimed])
        taken = {item: standing.by for (item, _), standing in zip(claimed, standings, strict=True) if standing.by}
        known = await db.read(names, site_id, taken.values()) if taken else {}
        for item, holder in taken.items():
            by = known.get(holder, "Somebody")
            refusal = ClaimLost(f"Your claim on this case ran out, and {by} has it now.", by=by)
            found[item] = Outcome(item.comment, refusal=refusal)
    return found


async def _standings(queue: Queue, site_id: int, staff: Staff, tokens: Sequence[Token]) -> list[Standing]:
    try:
        return await queue.standing(site_id, staff.account.id, [(token.case, token.fence) for token in tokens])
    except Away:
        # Nobody can say who holds what; the version decides.
        return [Standing("unknown")] * len(tokens)


def _token(claim: str) -> Token | None:
    try:
        return Token.read(claim)
    except InvalidClaim:
        return None


async def _take_out(queue: Queue, outcomes: Sequence[Outcome]) -> None:
    # At once and not with the outbox: a quick moderator would otherwise meet the cap with cases decided already.
    closed: dict[int, list[int]] = {}
    for outcome in outcomes:
        if (made := outcome.decision or outcome.look) is not None and made.case_id is not None:
            closed.setdefault(made.site_id, []).append(made.case_id)
    for site_id, case_ids in closed.items():
        await queue.forget(site_id, case_ids)
