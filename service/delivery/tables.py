"""Where facts are sent to and what became of each sending; who is told by mail, and what a mail's links may do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, literal_column, text
from sqlmodel import Field, SQLModel, col

from service.kit.columns import Id, Json, UTCDateTime

_WAITING: dict[str, Any] = {"sqlite_where": text("state = 'waiting'"), "postgresql_where": text("state = 'waiting'")}

_UNSENT: dict[str, Any] = {"sqlite_where": text("sent_at IS NULL"), "postgresql_where": text("sent_at IS NULL")}


class WebhookRow(SQLModel, table=True):
    """An address of a site's owner that is told what happens there."""

    __tablename__ = "webhook"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id", index=True)
    url: str = Field(max_length=2_000)
    events: list[str] = Field(sa_type=Json)
    # `parley`, or `disqus`: as WordPress's plugin for Disqus wants to be told
    form: str = Field(default="parley", max_length=10, sa_column_kwargs={"server_default": "parley"})
    note: str = Field(default="", max_length=200)
    secrets: list[dict[str, Any]] = Field(sa_type=Json)  # sealed; see kit.signing
    enabled: bool = True
    disabled_because: str = Field(default="", max_length=300)
    failures: int = 0  # in a row
    failing_since: datetime | None = Field(default=None, sa_type=UTCDateTime)
    rests_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)


class DeliveryRow(SQLModel, table=True):
    """One event for one webhook, with every try. It holds ids only: what is told is read when it is sent."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        # A fact that is handed on twice is one delivery.
        Index("uq_delivery_webhook_key", "webhook_id", "key", unique=True),
        Index("ix_delivery_waiting", "webhook_id", "due_at", "id", **_WAITING),
        Index("ix_delivery_webhook_id", "webhook_id", "id"),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    webhook_id: int = Field(sa_type=Id, foreign_key="webhook.id")
    event: str = Field(max_length=40)
    key: str = Field(max_length=80)
    about: dict[str, Any] = Field(sa_type=Json)
    state: str = Field(default="waiting", max_length=10)  # waiting, delivered, dead, moot
    attempts: int = 0
    tries: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    due_at: datetime = Field(sa_type=UTCDateTime)
    dies_at: datetime = Field(sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime, index=True)


class AlertRow(SQLModel, table=True):
    """How one moderator wants to be told by mail of one site's cases."""

    __tablename__ = "alert"

    account_id: int = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    site_id: int = Field(sa_type=Id, primary_key=True, foreign_key="site.id", index=True)
    at_once: str = Field(default="never", max_length=10)  # the least severe level told at once: high, medium, low
    gap_minutes: int = 10
    digest_hours: int = 0  # 0: no digest
    quiet_from: str | None = Field(default=None, max_length=5)
    quiet_until: str | None = Field(default=None, max_length=5)
    zone: str = Field(default="UTC", max_length=60)
    language: str = Field(default="en", max_length=5)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    digest_at: datetime | None = Field(default=None, sa_type=UTCDateTime, index=True)
    claimed_until: datetime | None = Field(default=None, sa_type=UTCDateTime)


class MailLinkRow(SQLModel, table=True):
    """A case that one moderator is told of by mail, and what its links are bound to. Their tokens are made from it."""

    __tablename__ = "mail_link"
    __table_args__ = (
        Index("uq_mail_link_case", "account_id", "case_id", "comment_version", unique=True),
        Index("ix_mail_link_unsent", "account_id", "site_id", **_UNSENT),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    account_id: int = Field(sa_type=Id, foreign_key="account.id")
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    case_id: int = Field(sa_type=Id, foreign_key="moderation_case.id")
    comment_id: int = Field(sa_type=Id, foreign_key="comment.id")
    comment_version: int
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    used_for: str = Field(default="", max_length=20)


def is_waiting() -> ColumnElement[bool]:
    """Written out: a partial index is not used for a value that comes as a parameter."""
    return col(DeliveryRow.state) == literal_column("'waiting'")
