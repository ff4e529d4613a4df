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


class AccessTokenRow(SQLModel, table=True):
    """What an application may do for an account: a code that waits to be traded, then a token. Only hashes."""

    __tablename__ = "access_token"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id", index=True)
    key_id: int = Field(sa_type=Id, foreign_key="site_key.id", index=True)
    account_id: int = Field(sa_type=Id, foreign_key="account.id", index=True)
    scopes: list[str] = Field(sa_type=Json)
    code_hash: str | None = Field(default=None, max_length=64, unique=True)
    leads_to: str = Field(default="", max_length=2_000)
    token_hash: str | None = Field(default=None, max_length=64, unique=True)
    refresh_hash: str | None = Field(default=None, max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UTCDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    renewed_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
