"""Who is told what by mail: addresses, what is known of a mailbox, what people asked for, what waits for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime

_DUE: dict[str, Any] = {"sqlite_where": text("due_at IS NOT NULL"), "postgresql_where": text("due_at IS NOT NULL")}
_UNTOLD: dict[str, Any] = {"sqlite_where": text("sent_at IS NULL"), "postgresql_where": text("sent_at IS NULL")}
_ALL: dict[str, Any] = {
    "sqlite_where": text("thread_id IS NULL AND author_id IS NULL"),
    "postgresql_where": text("thread_id IS NULL AND author_id IS NULL"),
}


class MailAddressRow(SQLModel, table=True):
    """Where mail to one person of a site goes, whether it may, and when the next one is due."""

    __tablename__ = "mail_address"
    __table_args__ = (Index("ix_mail_address_due", "due_at", **_DUE),)

    person_id: int = Field(
        sa_type=Id, primary_key=True, foreign_key="person.id", sa_column_kwargs={"autoincrement": False}
    )
    site_id: int = Field(sa_type=Id, foreign_key="site.id", index=True)
    sealed: str = Field(max_length=600)
    mailbox: str = Field(max_length=22, index=True)  # the pseudonym by which a mailbox is known
    state: str = Field(default="waiting", max_length=10)  # waiting, confirmed, ended, stopped
    why: str = Field(default="", max_length=20)  # of a stopped one: bounced, complained, refused
    pace: str = Field(default="at-once", max_length=10)  # at-once, daily
    language: str = Field(default="en", max_length=20)
    asked_at: datetime = Field(sa_type=UTCDateTime, index=True)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    batch: int | None = Field(default=None, sa_type=Id)  # the mail that is under way
    failures: int = 0  # of the mail server, in a row


class MailboxRow(SQLModel, table=True):
    """What is known of a mailbox, whoever gave it: a keyed pseudonym, no address."""

    __tablename__ = "mailbox"

    pseudonym: str = Field(max_length=22, primary_key=True)
    state: str = Field(default="open", max_length=10)  # open, bounced, complained, refused
    asked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    request: int | None = Field(default=None, sa_type=Id)  # the asking that was mailed last
    asked: int = 0  # confirmations asked for in the last month
    soft: int = 0  # passing failures since a mail was confirmed to arrive
    changed_at: datetime = Field(sa_type=UTCDateTime, index=True)


class MailConfirmRow(SQLModel, table=True):
    """A link that confirms an address, once; only its hash is kept."""

    __tablename__ = "mail_confirm"

    token_hash: str = Field(max_length=64, primary_key=True)
    person_id: int = Field(sa_type=Id, foreign_key="person.id", index=True)
    mailbox: str = Field(max_length=22)
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)


class SubscriptionRow(SQLModel, table=True):
    """Something one person wants to be told, or (quiet, muted) not to be told."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index("uq_subscription_thread", "person_id", "kind", "thread_id", unique=True),
        Index("uq_subscription_author", "person_id", "kind", "author_id", unique=True),
        Index("uq_subscription_all", "person_id", "kind", unique=True, **_ALL),
        Index("ix_subscription_thread_id_kind", "thread_id", "kind"),
        Index("ix_subscription_author_id", "author_id"),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id", index=True)
    person_id: int = Field(sa_type=Id, foreign_key="person.id")
    kind: str = Field(max_length=10)  # replies, mentions, thread, quiet, muted
    thread_id: int | None = Field(default=None, sa_type=Id, foreign_key="thread.id")  # null: all of the site
    author_id: int | None = Field(default=None, sa_type=Id, foreign_key="person.id")  # of muted
    created_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime, index=True)


class MailNoticeRow(SQLModel, table=True):
    """A comment that one person is to be told of, once. It holds ids: what is told is read when it is sent."""

    __tablename__ = "mail_notice"
    __table_args__ = (
        Index("ix_mail_notice_untold", "person_id", **_UNTOLD),
        Index("ix_mail_notice_comment_id", "comment_id"),
    )

    person_id: int = Field(
        sa_type=Id, primary_key=True, foreign_key="person.id", sa_column_kwargs={"autoincrement": False}
    )
    comment_id: int = Field(
        sa_type=Id, primary_key=True, foreign_key="comment.id", sa_column_kwargs={"autoincrement": False}
    )
    site_id: int = Field(sa_type=Id, foreign_key="site.id", index=True)
    why: str = Field(max_length=10)  # replies, mentions, thread
    mail_id: int | None = Field(default=None, sa_type=Id)  # the mail it is in
    created_at: datetime = Field(sa_type=UTCDateTime, index=True)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
