"""What a site lets its readers write."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class PostingRules(BaseModel):
    """The `posting` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    guests: bool = Field(default=True, description="Whether people without an account may post.")
    max_length: int = Field(default=5_000, ge=100, le=20_000, description="Longest comment, in characters.")
    max_depth: int = Field(default=500, ge=0, le=2_000, description="Deepest reply that is taken.")
    edit_seconds: int = Field(default=900, ge=0, le=86_400, description="How long authors may edit and delete.")
    closed: bool = Field(default=False, description="Closes all threads of the site.")
