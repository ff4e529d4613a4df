"""Hands facts to what follows from them, at least once, and keeps what failed.

A fact is claimed for a while by moving its due time ahead, in a short transaction of its own; the reactions run with
no transaction open. A process that dies in between leaves the fact to be claimed again when that time has come, so
every reaction is safe to repeat.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import BigInteger, bindparam, delete, literal_column, select, update
from sqlmodel import col

from service.kit import clock, metrics, traces
from service.kit.cancelling import end_if_told
from service.kit.db import Database, WriteTx
from service.kit.errors import Unavailable
from service.outbox.facts import Fact
from service.outbox.tables import OutboxRow

# Any subclass of Fact; the table of reactions pairs each with its own type.
Reaction = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True)
class ForAll:
    """A reaction that does for many facts of a kind, in their order, what it does for one, and costs less."""

    one: Reaction
    many: Callable[[Sequence[Any]], Awaitable[None]]

    async def __call__(self, fact: Any) -> None:
        """React to one."""
        await self.one(fact)


_CLAIM = timedelta(seconds=60)
_BATCH = 50
_TRIES = 12
# So long after one batch the next is claimed, at the earliest: what happens meanwhile goes together, and each claim
# is a commit. Whoever comes in quiet does not wait.
_GATHER = 0.05
_FINISH = 0.5  # seconds after which what is done is noted, though the batch is not
_HANDED = metrics.counter("facts_handed_on", "Facts of the outbox handed to what follows from them.", "result")
log = structlog.get_logger()


class Claimed(NamedTuple):
    """A fact that is ours for a while."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    trace: str | None


class Relay:
    """Runs the reactions of facts. Several may run at once, in any number of processes."""

    def __init__(self, db: Database, *, poll: float = 1.0) -> None:
        self._db = db
        self._reactions: dict[str, tuple[type[Fact], Sequence[Reaction]]] = {}
        self._poll = poll
        self._poked = asyncio.Event()

    def follow(self, reactions: Mapping[type[Fact], Sequence[Reaction]]) -> None:
        """Say what follows from which fact."""
        self._reactions = {kind.__name__: (kind, run) for kind, run in reactions.items()}

    def poke(self) -> None:
        """Say that there may be something to do now."""
        self._poked.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            end_if_told()
            self._poked.clear()
            if await self._drained():
                await asyncio.sleep(_GATHER)
            else:
                # Not `wait_for`: before Python 3.12 it loses a cancellation that comes in the moment of a poke.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._poll * random.uniform(0.8, 1.2)):
                        await self._poked.wait()

    async def _drained(self) -> int:
        try:
            return await self._hand_on_some()
        except Unavailable:
            return 0
        except Exception as error:  # whatever it is, facts still wait, and nobody else hands them on
            log.warning("outbox.broken", error=type(error).__name__, exc_info=error)
            return 0

    async def drain(self) -> int:
        """Hand on everything due; how many facts that was."""
        total = 0
        while some := await self._hand_on_some():
            total += some
        return total

    async def _hand_on_some(self) -> int:
        """Hand on all there is, if it is not more than one batch; how many facts that was."""
        total, size = 0, _BATCH
        while size == _BATCH:
            batch = await self._db.transact(_claim)
            await self._hand_on_all(batch)
            size = len(batch)
            total += size
        return total

    async def _hand_on_all(self, batch: Sequence[Claimed]) -> None:
        # Finished together: a commit for each fact would cost as much as what it is about. Beside slow reactions not
        # all at the end, so that what a dying process repeats is little.
        together = await self._hand_on_together(batch)
        done: list[int] = []
        since = time.monotonic()
        for row in batch:
            if await self._hand_on(row, is_told=row.id in together):
                done.append(row.id)
            if done and time.monotonic() - since > _FINISH:
                await self._db.transact(_finish, done)
                done, since = [], time.monotonic()
        if done:
            await self._db.transact(_finish, done)

    async def _hand_on_together(self, batch: Sequence[Claimed]) -> frozenset[int]:
        """Run what is for many facts of a kind; for which facts that is done."""
        kinds: dict[str, list[Claimed]] = {}
        for row in batch:
            kinds.setdefault(row.kind, []).append(row)
        done: list[int] = []
        for name, rows in kinds.items():
            kind, reactions = self._reactions.get(name, (Fact, ()))
            if len(rows) == 1 or traces.on:
                continue  # each is part of a trace of its own
            try:
                facts = [kind(**row.payload) for row in rows]
                for react in reactions:
                    if isinstance(react, ForAll):
                        await react.many(facts)
            except Exception as error:  # noqa: BLE001  # each has another try by itself, and is put back by itself
                log.info("outbox.apart", kind=name, facts=len(rows), error=type(error).__name__)
            else:
                done += [row.id for row in rows]
        return frozenset(done)

    async def _hand_on(self, row: Claimed, *, is_told: bool) -> bool:
        """Run a fact's reactions, without those for many where these have been told; False when it was put back."""
        try:
            kind, reactions = self._reactions[row.kind]
            fact = kind(**row.payload)
            with traces.following(row.kind, row.trace, row.attempts) if traces.on else contextlib.nullcontext():
                for react in reactions:
                    if not (is_told and isinstance(react, ForAll)):
                        await react(fact)
        except Exception as error:  # noqa: BLE001  # whatever a reaction raises, the fact must be kept
            _HANDED.labels("failed").inc()
            log.warning("outbox.failed", kind=row.kind, fact=row.id, attempt=row.attempts, error=type(error).__name__)
            await self._db.transact(_put_back, row, error)
            return False
        _HANDED.labels("done").inc()
        return True


async def _claim(tx: WriteTx) -> list[Claimed]:
    now = clock.now()
    found = await tx.run(_CLAIM_DUE, {"now": now, "until": now + _CLAIM})
    return sorted((Claimed(*row) for row in found), key=lambda fact: fact.id)


async def _finish(tx: WriteTx, fact_ids: Sequence[int]) -> None:
    await tx.run(_FINISHED, {"facts": fact_ids})


async def _put_back(tx: WriteTx, row: Claimed, error: Exception) -> None:
    is_dead = row.attempts >= _TRIES
    # Exponential with full jitter, at most an hour between tries.
    wait = min(3600.0, 2.0**row.attempts) * random.uniform(0.5, 1.0)
    await tx.exec(
        update(OutboxRow)
        .where(col(OutboxRow.id) == row.id)
        .values(
            state="dead" if is_dead else "waiting",
            due_at=clock.now() + timedelta(seconds=wait),
            last_error=f"{type(error).__name__}: {error}"[:500],
        )
    )


# Statements are made once: each post makes facts.
_FACTS = OutboxRow.metadata.tables[str(OutboxRow.__tablename__)]
_DUE = (
    select(_FACTS.c.id)
    # The state is written out: a partial index is not used for a value that comes as a parameter.
    .where(_FACTS.c.state == literal_column("'waiting'"), _FACTS.c.due_at <= bindparam("now"))
    .order_by(_FACTS.c.due_at, _FACTS.c.id)
    .limit(_BATCH)
    # Relays side by side take different facts. Not by `id > last`: ids are not made in commit order.
    .with_for_update(skip_locked=True)
)
_CLAIM_DUE = (
    update(_FACTS)
    .where(_FACTS.c.id.in_(_DUE))
    .values(due_at=bindparam("until"), attempts=_FACTS.c.attempts + 1)
    .returning(_FACTS.c.id, _FACTS.c.kind, _FACTS.c.payload, _FACTS.c.attempts, _FACTS.c.trace)
)
_FINISHED = delete(_FACTS).where(_FACTS.c.id.in_(bindparam("facts", expanding=True, type_=BigInteger)))
