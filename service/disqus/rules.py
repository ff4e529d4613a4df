"""How a site that came from Disqus wants its numbers of comments written."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class DisqusRules(BaseModel):
    """The `disqus` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    count_zero: str = Field(default="0 Comments", max_length=100, description="What count.js writes for none.")
    count_one: str = Field(default="1 Comment", max_length=100, description="What count.js writes for one.")
    count_many: str = Field(
        default="{num} Comments", max_length=100, description="What count.js writes for more; `{num}` is the number."
    )
    calls_per_hour: int = Field(
        default=1_000, ge=10, le=100_000, description="Calls of API 3.0 by one secret or token in an hour."
    )
