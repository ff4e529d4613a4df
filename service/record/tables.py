"""The chain, its ends, and what may be erased beside it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime


class EntryRow(SQLModel, table=True):
    """One act. Triggers refuse to change or delete it; it names people by id and holds no text of theirs."""

    __tablename__ = "record_entry"
    __table_args__ = (
        Index("uq_record_entry_chain_seq", "chain", "seq", unique=True),
        Index("ix_record_entry_subject", "chain", "subject", "seq"),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    chain: int = Field(sa_type=Id)  # a site's id; 0 for the platform. No foreign key: the record outlives the site
    seq: int = Field(sa_type=Id)
    at: datetime = Field(sa_type=UTCDateTime)
    actor_kind: str = Field(max_length=10)  # account, terminal, system
    actor_id: int = Field(default=0, sa_type=Id)
    act: str = Field(max_length=40)
    subject: str = Field(max_length=60)  # comment:123, person:123, account:123, site, …
    section: str | None = Field(default=None, max_length=60)
    detail: str  # canonical JSON, kept as the very text that was hashed
    sealed: str | None = Field(default=None, max_length=64)  # commitment to the erasable detail
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class HeadRow(SQLModel, table=True):
    """The end of a chain: whoever appends holds its lock from here to the commit."""

    __tablename__ = "record_head"

    chain: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(sa_type=Id)
    hash: str = Field(max_length=64)


class DetailRow(SQLModel, table=True):
    """Words that belong to an entry and can be erased: the chain holds only a salted hash of them."""

    __tablename__ = "record_detail"
    __table_args__ = (Index("ix_record_detail_created_at", "created_at"),)

    entry_id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    person_id: int | None = Field(default=None, sa_type=Id, index=True)
    salt: str = Field(max_length=64)
    words: str  # canonical JSON
    searched: str  # the same to be searched: in small letters, nothing escaped
    created_at: datetime = Field(sa_type=UTCDateTime)
