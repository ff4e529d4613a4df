"""Accounts of readers, on the platform; how each gets in; codes under way; sessions, each at one site."""

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
    """One proven way into an account. The address itself is sealed; it is found by its pseudonym."""

    __tablename__ = "reader_way"
    __table_args__ = (Index("uq_reader_way_kind_subject", "kind", "subject", unique=True),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    reader_id: int = Field(sa_type=Id, foreign_key="reader.id", index=True)
    kind: str = Field(max_length=10)  # email
    subject: str = Field(max_length=64)
    sealed: str = Field(max_length=600)
    created_at: datetime = Field(sa_type=UTCDateTime)


class CodeRow(SQLModel, table=True):
    """A code under way to an address. Code and address are sealed together, and gone when it is used or over."""

    __tablename__ = "reader_code"

    ask_hash: str = Field(max_length=64, primary_key=True)
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    sealed: str = Field(max_length=700)
    language: str = Field(max_length=20)
    tries: int = 0
    created_at: datetime = Field(sa_type=UTCDateTime)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)


class WindowRow(SQLModel, table=True):
    """A window in which somebody signs in at a provider; `challenge` is the hash of the frame's verifier."""

    __tablename__ = "reader_window"

    state_hash: str = Field(max_length=64, primary_key=True)
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    provider: str = Field(max_length=40)
    challenge: str = Field(max_length=64)
    sealed: str = Field(max_length=400)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)


class HandoverRow(SQLModel, table=True):
    """Who signed in in a window, sealed, until the frame that opened it has taken it over."""

    __tablename__ = "reader_handover"

    code_hash: str = Field(max_length=64, primary_key=True)
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    challenge: str = Field(max_length=64)
    sealed: str = Field(max_length=3000)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)


class ReaderSessionRow(SQLModel, table=True):
    """A session of a reader at one site; only the hash of its token is kept."""

    __tablename__ = "reader_session"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    token_hash: str = Field(max_length=64, unique=True)
    reader_id: int = Field(sa_type=Id, foreign_key="reader.id", index=True)
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    person_id: int = Field(sa_type=Id, foreign_key="person.id")
    created_at: datetime = Field(sa_type=UTCDateTime)
    ends_at: datetime = Field(sa_type=UTCDateTime, index=True)
