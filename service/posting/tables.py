"""What makes a retry harmless."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime


class RetryRow(SQLModel, table=True):
    """An Idempotency-Key that was used: the request it came with (hashed) and the comment it made."""

    __tablename__ = "retry"

    site_id: int = Field(sa_type=Id, primary_key=True, foreign_key="site.id")
    key_hash: str = Field(max_length=64, primary_key=True)
    request_hash: str = Field(max_length=64)
    comment_id: int = Field(sa_type=Id, foreign_key="comment.id")
    person_id: int = Field(sa_type=Id, foreign_key="person.id")
    created_at: datetime = Field(sa_type=UTCDateTime, index=True)
