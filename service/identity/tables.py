"""Who exists: accounts of staff, their roles, sessions and sign-in links, and the people of a site."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, false
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, Json, UTCDateTime


class AccountRow(SQLModel, table=True):
    """Somebody who signs in; on the platform, not on one site."""

    __tablename__ = "account"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    email: str = Field(max_length=254, unique=True)
    name: str = Field(max_length=80)
    is_admin: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # of the whole platform
    created_at: datetime = Field(sa_type=UTCDateTime)


class RoleRow(SQLModel, table=True):
    """What an account may do at one site."""

    __tablename__ = "role"

    account_id: int = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    site_id: int = Field(sa_type=Id, primary_key=True, foreign_key="site.id", index=True)
    role: str = Field(max_length=20)  # member, expert, moderator, editor, owner
    sections: list[str] | None = Field(default=None, sa_type=Json)  # null: the whole site
    created_at: datetime = Field(sa_type=UTCDateTime)


class SignInLinkRow(SQLModel, table=True):
    """A one-time link; only its hash is kept."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(max_length=64, primary_key=True)
    account_id: int = Field(sa_type=Id, foreign_key="account.id", index=True)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class SessionRow(SQLModel, table=True):
    """A signed-in browser; only the hash of its cookie is kept."""

    __tablename__ = "session"

    token_hash: str = Field(max_length=64, primary_key=True)
    account_id: int = Field(sa_type=Id, foreign_key="account.id", index=True)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)


class PersonRow(SQLModel, table=True):
    """Somebody who wrote or voted at one site. A guest is whoever holds the capability made for this row."""

    __tablename__ = "person"
    __table_args__ = (
        Index("uq_person_site_origin", "site_id", "origin", unique=True),
        Index("uq_person_site_account", "site_id", "account_id", unique=True),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    kind: str = Field(max_length=10)  # guest, member, imported
    name: str = Field(max_length=80)
    email_sealed: str | None = Field(default=None, max_length=600)
    account_id: int | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    # disqus:someone, for whoever an import brought; sso:4711, for whoever the site itself signs in
    origin: str | None = Field(default=None, max_length=200)
    published_count: int = 0
    mark: str | None = Field(default=None, max_length=20)  # expert, moderator, editor, owner
    avatar_url: str | None = Field(default=None, max_length=500)
    profile_url: str | None = Field(default=None, max_length=500)
    signed_out_at: datetime | None = Field(default=None, sa_type=UTCDateTime)  # what was handed out before is over
    created_at: datetime = Field(sa_type=UTCDateTime)


class AddressKeyRow(SQLModel, table=True):
    """The key of one day, sealed; deleting it makes every pseudonym made with it meaningless."""

    __tablename__ = "address_key"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})  # days since 2000-01-01
    sealed: str = Field(max_length=300)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)


class ErasedRow(SQLModel, table=True):
    """Somebody who was forgotten, as a keyed pseudonym: enough to know them again in a backup, and for nothing else."""

    __tablename__ = "erased"

    site_id: int = Field(sa_type=Id, primary_key=True, foreign_key="site.id", sa_column_kwargs={"autoincrement": False})
    pseudonym: str = Field(max_length=22, primary_key=True)
    erased_on: date
