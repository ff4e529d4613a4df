"""Facts waiting for what follows from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, Json, UTCDateTime

_WAITING: dict[str, Any] = {"sqlite_where": text("state = 'waiting'"), "postgresql_where": text("state = 'waiting'")}


class OutboxRow(SQLModel, table=True):
    """One fact, written in the transaction that made it true. Deleted when all its reactions have run."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "due_at", "id", **_WAITING),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(max_length=60)
    payload: dict[str, Any] = Field(sa_type=Json)
    state: str = Field(default="waiting", max_length=10)  # waiting, dead
    attempts: int = 0
    last_error: str = Field(default="", max_length=500)
    due_at: datetime = Field(sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    trace: str | None = Field(default=None, max_length=55)  # of what made it true, as in a `traceparent`
