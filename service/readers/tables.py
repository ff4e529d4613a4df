"""Accounts of readers, on the platform; how each gets in; codes under way; proofs; sessions, each at one site."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime


class ReaderRow(SQLModel, table=True):
    """Somebody who reads and writes, at as many sites as they like; what each site sees of them is a person there."""

    __tablename__ = "reader"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    created_at: datetime = Field(sa_type=UTCDateTime)


class WayInRow(SQLModel, table=True):
    """One proven way into an account. What it is is sealed; it is found by its pseudonym."""

    __tablename__ = "reader_way"
    __table_args__ = (Index("uq_reader_way_kind_subject", "kind", "subject", unique=True),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    reader_id: int = Field(sa_type=Id, foreign_key="reader.id", index=True)
    kind: str = Field(max_length=10)  # email, oidc, passkey
    subject: str = Field(max_length=64)
    sealed: str = Field(max_length=4_000)
    # Of a passkey: how often it was used, as it says itself; 0 for those that do not count.
    counter: int = Field(default=0, sa_type=Id, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class CodeRow(SQLModel, table=True):
    """A code under way to an address. Code and address are sealed together, and gone when it is used or over."""

    __tablename__ = "reader_code"

    ask_hash: str = Field(max_length=64, primary_key=True)
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    sealed: str = Field(max_length=700)
    language: str = Field(max_length=20)
    purpose: str = Field(default="sign-in", max_length=10, sa_column_kwargs={"server_default": "sign-in"})
    tries: int = 0
    created_at: datetime = Field(sa_type=UTCDateTime)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)


class WindowRow(SQLModel, table=True):
    """A window in which somebody signs in; `challenge` is the hash of the frame's verifier.

    Or, by its `purpose`, in which somebody who is signed in proves who they are, or another way into their account.
    """

    __tablename__ = "reader_window"

    state_hash: str = Field(max_length=64, primary_key=True)
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    provider: str = Field(max_length=40)
    challenge: str = Field(max_length=64)
    sealed: str = Field(max_length=400)
    purpose: str = Field(default="sign-in", max_length=10, sa_column_kwargs={"server_default": "sign-in"})
    reader_id: int | None = Field(default=None, sa_type=Id)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)


class HandoverRow(SQLModel, table=True):
    """Who signed in in a window, sealed, until the frame that opened it has taken it over."""

    __tablename__ = "reader_handover"

    code_hash: str = Field(max_length=64, primary_key=True)
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    challenge: str = Field(max_length=64)
    sealed: str = Field(max_length=3000)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)


class ProofRow(SQLModel, table=True):
    """A browser in which a reader has just proven who they are; `other_id` is an account proven in it besides."""

    __tablename__ = "reader_proof"

    token_hash: str = Field(max_length=64, primary_key=True)
    reader_id: int = Field(sa_type=Id, foreign_key="reader.id", index=True)
    other_id: int | None = Field(default=None, sa_type=Id, foreign_key="reader.id", index=True)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)


class NoticeRow(SQLModel, table=True):
    """A mail to a reader about a change of their ways in, sealed, until it is written."""

    __tablename__ = "reader_notice"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    sealed: str = Field(max_length=1_200)
    language: str = Field(max_length=20)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)


class ReaderSessionRow(SQLModel, table=True):
    """A session of a reader at one site; only the hash of its token is kept."""

    __tablename__ = "reader_session"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    token_hash: str = Field(max_length=64, unique=True)
    reader_id: int = Field(sa_type=Id, foreign_key="reader.id", index=True)
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    person_id: int = Field(sa_type=Id, foreign_key="person.id")
    way: str | None = Field(default=None, max_length=10)  # the kind of way it began by
    way_id: int | None = Field(default=None, sa_type=Id)
    sealed: str | None = Field(default=None, max_length=600)  # browser and network in a few words
    created_at: datetime = Field(sa_type=UTCDateTime)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)
