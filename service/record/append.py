"""Appending: noted while the act runs, linked into the chain as the last thing before its commit.

So the lock on a chain's end is held for one commit and no longer, whatever the act did before, and the entries of an
act stand in the chain exactly when the act does.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from service.kit import clock, ids
from service.kit.db import WriteTx, at_end
from service.record.canonical import FIRST, canonical, hash_of, sealed
from service.record.tables import DetailRow, EntryRow, HeadRow

PLATFORM = 0  # the chain of what belongs to no site
_PENDING = "parley.record"


@dataclass(frozen=True)
class Actor:
    """Who acted: an account, somebody at the server's terminal, or the service itself."""

    kind: Literal["account", "terminal", "system"]
    id: int = 0

    @classmethod
    def account(cls, account_id: int) -> Actor:
        """Somebody signed in."""
        return cls("account", account_id)


TERMINAL = Actor("terminal")
SYSTEM = Actor("system")


async def append(
    tx: WriteTx,
    chain: int,
    actor: Actor,
    act: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    words: Mapping[str, Any] | None = None,
    about: int | None = None,
    section: str | None = None,
) -> int:
    """Put an act on record; the entry's id.

    `chain` is a site's id or PLATFORM, `subject` such as `comment:123`. `detail` stays for ever, so it holds ids,
    codes and numbers, never what somebody wrote and no address. `words` (a note, an e-mail address) can be erased
    later, by age or with the person `about` whom they are; the chain holds a salted hash of them.
    """
    row = EntryRow(
        id=ids.new_id(),
        chain=chain,
        seq=0,
        at=clock.now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        act=act,
        subject=subject,
        section=section,
        detail=canonical(detail or {}),
        previous="",
        hash="",
    )
    kept = _words(row, words, about) if words else None
    pending: list[tuple[EntryRow, DetailRow | None]] = tx.info.setdefault(_PENDING, [])
    pending.append((row, kept))
    at_end(tx, _link)
    return row.id


def _words(row: EntryRow, words: Mapping[str, Any], about: int | None) -> DetailRow:
    kept = DetailRow(
        entry_id=row.id,
        person_id=about,
        salt=secrets.token_hex(16),
        words=canonical(words),
        # Neither database folds all letters by itself.
        searched=json.dumps(words, ensure_ascii=False).casefold(),
        created_at=row.at,
    )
    row.sealed = sealed(kept.salt, kept.words)
    return kept


async def _link(tx: WriteTx) -> None:
    pending: list[tuple[EntryRow, DetailRow | None]] = tx.info.pop(_PENDING, [])
    # Chains in one order everywhere, so that two acts cannot wait for each other in a circle.
    by_chain = sorted(pending, key=lambda each: each[0].chain)
    for chain, entries in groupby(by_chain, key=lambda each: each[0].chain):
        head = await _head(tx, chain)
        for row, kept in entries:
            row.seq, row.previous = head.seq + 1, head.hash
            row.hash = hash_of(row)
            head.seq, head.hash = row.seq, row.hash
            tx.add_all([row, kept] if kept else [row])
        await tx.flush()


async def _head(tx: WriteTx, chain: int) -> HeadRow:
    head = await tx.get(HeadRow, chain, with_for_update=True, populate_existing=True)
    if head is None:
        head = HeadRow(chain=chain, seq=0, hash=FIRST)
        tx.add(head)
        # Two that begin a chain at once collide here; the second is run again and finds it.
        await tx.flush()
    return head
