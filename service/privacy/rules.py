"""What a site decides about its readers' own data."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class PrivacyRules(BaseModel):
    """The `privacy` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    cooling_days: int = Field(
        default=3,
        ge=0,
        le=30,
        description="How many days an erasure waits, and may be called off, before it is carried out. A month is what"
        " the law allows (GDPR, article 12).",
    )

    earlier_texts_days: int = Field(
        default=30, ge=0, le=365, description="How many days the text before an edit is kept for moderators."
    )
    words_days: int = Field(
        default=365,
        ge=30,
        le=3_650,
        description="How many days words are kept that readers wrote in reports, and moderators in notes and decisions;"
        " that something was decided, and why by its code, stays.",
    )
    contact: str = Field(
        default="",
        max_length=300,
        description="Whom readers can ask about their data: an address of mail, or of a page that begins with https://.",
    )

    @property
    def earlier_texts(self) -> timedelta:
        """How long the text before an edit is kept."""
        return timedelta(days=self.earlier_texts_days)

    @property
    def words(self) -> timedelta:
        """How long words are kept."""
        return timedelta(days=self.words_days)

    @property
    def cooling(self) -> timedelta:
        """How long an erasure waits."""
        return timedelta(days=self.cooling_days)
