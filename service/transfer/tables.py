"""Runs of imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from service.kit.columns import Id, Json, UTCDateTime


class ImportRow(SQLModel, table=True):
    """One run of an importer and its counted report."""

    __tablename__ = "import_run"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id", index=True)
    source: str = Field(max_length=20)
    file_name: str = Field(max_length=300)
    report: dict[str, Any] = Field(sa_type=Json)
    started_at: datetime = Field(sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
