"""Notes moderators leave each other about an author."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime


class NoteRow(SQLModel, table=True):
    """A note; the author never sees it on the site, and it is part of what is known of them."""

    __tablename__ = "author_note"
    __table_args__ = (
        Index("ix_author_note_person", "person_id", "id"),
        Index("ix_author_note_site", "site_id", "created_at"),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    person_id: int = Field(sa_type=Id, foreign_key="person.id")
    account_id: int = Field(sa_type=Id, foreign_key="account.id")
    text: str = Field(max_length=2_000)
    created_at: datetime = Field(sa_type=UTCDateTime)
