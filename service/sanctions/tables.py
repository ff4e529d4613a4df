"""Sanctions of a site."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime


class SanctionRow(SQLModel, table=True):
    """Something somebody may not do. It ends by itself at `until`, or when it is lifted; it is never deleted."""

    __tablename__ = "sanction"
    __table_args__ = (
        Index("ix_sanction_site_id", "site_id", "id"),
        Index("ix_sanction_target", "site_id", "target_type", "target"),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    kind: str = Field(max_length=12)  # ban, suspend, premoderate, slow, shadow
    target_type: str = Field(max_length=12)  # person, address, email_domain
    target: str = Field(max_length=255)  # a person's id, the pseudonym of an address, a host
    person_id: int | None = Field(
        default=None, sa_type=Id, foreign_key="person.id", index=True
    )  # whom it was meant for
    comment_id: int | None = Field(default=None, sa_type=Id)  # what it was imposed for; rooms above own that table
    decision_id: int | None = Field(default=None, sa_type=Id, index=True)
    account_id: int = Field(sa_type=Id, foreign_key="account.id")
    reason: str = Field(default="", max_length=40)
    title: str = Field(default="", max_length=200)  # the reason in words, as it was then
    note: str = Field(default="", max_length=1_000)
    slow_seconds: int | None = None
    created_at: datetime = Field(sa_type=UTCDateTime)
    until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lifted_by: int | None = Field(default=None, sa_type=Id, foreign_key="account.id")
