"""The sites' own table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from service.kit.columns import Id, Json, UTCDateTime


class SiteRow(SQLModel, table=True):
    """A publisher's site: where its pages live and the rules its rooms follow."""

    __tablename__ = "site"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(max_length=50, unique=True)
    title: str = Field(max_length=200)
    origins: list[str] = Field(sa_type=Json)
    settings: dict[str, Any] = Field(sa_type=Json)
    settings_version: int = 1
    created_at: datetime = Field(sa_type=UTCDateTime)
