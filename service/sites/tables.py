"""The sites' own table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import false
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
    # Keys of the site whose members' sessions were ended with them (service/keys).
    ended_keys: list[int] | None = Field(default=None, sa_type=Json)
    # It is being erased: nobody finds it any more.
    is_gone: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class SiteErasureRow(SQLModel, table=True):
    """A site that is to be erased: when, who said so, how far it is. Stays, by number only, when the site is gone."""

    __tablename__ = "site_erasure"

    site_id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(default="", max_length=50)  # empty once it is gone
    account_id: int | None = Field(default=None, sa_type=Id)  # none: at the terminal
    state: str = Field(default="waiting", max_length=10)  # waiting, working, done
    asked_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    rows: int = 0
