"""Forgetting votes on comments that go."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import col

from service.kit.bulk import one_of
from service.kit.db import WriteTx
from service.votes.tables import VoteRow


async def forget_votes(tx: WriteTx, comments: Sequence[int]) -> None:
    """Forget all votes on these comments; their counters are not touched."""
    if comments:
        await tx.exec(delete(VoteRow).where(await one_of(tx, col(VoteRow.comment_id), comments)))
