"""Runs of imports, and the files that were uploaded for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, Json, UTCDateTime

_UNDER_WAY = text(
    "state = 'undoing' OR account_id IS NOT NULL AND state IN ('receiving', 'checking', 'ready', 'waiting', 'running')"
)


class ImportRow(SQLModel, table=True):
    """One run of an importer and its counted report. Those of the terminal have no account and no file here."""

    __tablename__ = "import_run"
    # One at a time a site, whoever is quick.
    __table_args__ = (
        Index("ix_import_run_under_way", "site_id", unique=True, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id", index=True)
    account_id: int | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    source: str = Field(max_length=20)
    file_name: str = Field(max_length=300)
    bytes: int = Field(default=0, sa_type=Id)
    state: str = Field(default="running", max_length=10)
    total: int = 0
    done: int = 0
    plan: dict[str, Any] | None = Field(default=None, sa_type=Json)
    report: dict[str, Any] = Field(sa_type=Json)
    problem: dict[str, Any] | None = Field(default=None, sa_type=Json)
    moves: list[str] | None = Field(default=None, sa_type=Json)  # rules as they were given, see moves.py
    undone_by: int | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    worker: str = Field(default="", max_length=32)
    tries: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    started_at: datetime = Field(sa_type=UTCDateTime)  # when the file came, or the command was given
    begun_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ImportPieceRow(SQLModel, table=True):
    """A piece of an uploaded file: in the database, because whoever works it off may be another machine."""

    __tablename__ = "import_piece"

    run_id: int = Field(
        sa_type=Id, primary_key=True, foreign_key="import_run.id", sa_column_kwargs={"autoincrement": False}
    )
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    content: bytes


class ImportBatchRow(SQLModel, table=True):
    """What one batch of an import brought: ids of eight bytes each, big-endian; keys one a line."""

    __tablename__ = "import_batch"

    run_id: int = Field(
        sa_type=Id, primary_key=True, foreign_key="import_run.id", sa_column_kwargs={"autoincrement": False}
    )
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    comments: bytes
    threads: bytes
    people: bytes
    keys: str
