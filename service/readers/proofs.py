"""That somebody has just proven who they are, in this browser: what changing the ways into an account takes.

A session is not enough: whoever finds a browser open would otherwise let themselves in for good. A proof is ten
minutes, of one account, and a cookie of Parley's own pages. Another account that is proven while it lasts is noted
beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, update
from sqlmodel import col

from service.kit import clock
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden
from service.kit.seal import new_token, token_hash
from service.readers.tables import ProofRow

PROOF_LIFE = timedelta(minutes=10)


class ProofNeeded(Forbidden):
    """Show first that it is you. That holds for ten minutes."""

    type = "proof-needed"
    status = 401


@dataclass(frozen=True)
class Proof:
    """A proof that holds; `key` is what it is kept under, `other_id` an account of which the same was proven."""

    key: str
    reader_id: int
    other_id: int | None


async def begin(tx: WriteTx, reader_id: int) -> str:
    """Note that a reader has proven who they are; the token for this browser."""
    token = new_token()
    tx.add(ProofRow(token_hash=token_hash(token), reader_id=reader_id, ends_at=clock.now() + PROOF_LIFE))
    await tx.flush()
    return token


async def of_token(tx: ReadTx, token: str | None, reader_id: int) -> Proof | None:
    """The proof of this browser, if it holds and is this reader's."""
    return await of_key(tx, token_hash(token), reader_id) if token else None


async def of_key(tx: ReadTx, key: str, reader_id: int) -> Proof | None:
    """The same by what it is kept under."""
    row = await tx.get(ProofRow, key, populate_existing=True)
    if row is None or row.reader_id != reader_id or row.ends_at <= clock.now():
        return None
    return Proof(row.token_hash, row.reader_id, row.other_id)


async def note_other(tx: WriteTx, proof: Proof, other_id: int) -> None:
    """Whoever holds this proof has proven another account, too."""
    mine = update(ProofRow).where(col(ProofRow.token_hash) == proof.key)
    await tx.exec(mine.values(other_id=other_id))


async def forget_reader(tx: WriteTx, reader_id: int) -> None:
    """End the proofs of an account, and forget that it was proven beside others."""
    await tx.exec(delete(ProofRow).where(col(ProofRow.reader_id) == reader_id))
    await tx.exec(update(ProofRow).where(col(ProofRow.other_id) == reader_id).values(other_id=None))


async def forget_proofs(tx: WriteTx) -> None:
    """Delete proofs that are over."""
    await tx.exec(delete(ProofRow).where(col(ProofRow.ends_at) <= clock.now()))
