"""The keys of sites."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from service.kit.columns import Id, Json, UTCDateTime


class SiteKeyRow(SQLModel, table=True):
    """A key of a site: a secret both sides know, sealed, or somebody else's public key, or where such keys lie."""

    __tablename__ = "site_key"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id", index=True)
    public: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=80)
    scopes: list[str] = Field(sa_type=Json)
    algorithm: str = Field(max_length=10)
    sealed: str | None = Field(default=None, max_length=400)
    public_key: str | None = Field(default=None, max_length=4_000)
    jwks_url: str | None = Field(default=None, max_length=2_000)
    created_at: datetime = Field(sa_type=UTCDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
