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

    @property
    def cooling(self) -> timedelta:
        """How long an erasure waits."""
        return timedelta(days=self.cooling_days)
