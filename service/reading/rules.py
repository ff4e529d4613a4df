"""How a site's pages are cut."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from service.pages.views import SORTS, Sort


class ReadingRules(BaseModel):
    """The `reading` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    sorts: tuple[Sort, ...] = Field(default=SORTS, min_length=1, description="The orders offered, the default first.")
    page_size: int = Field(default=25, ge=5, le=100, description="Roots on a page.")
    replies: int = Field(default=3, ge=1, le=20, description="Replies shown below each comment before `show more`.")
    depth_shown: int = Field(
        default=4, ge=1, le=8, description="Levels drawn below a root; deeper ones are a page of their own."
    )
    top_authors: bool = Field(
        default=False, description="Whether widgets may show who writes most, by name and number of comments."
    )
    most: int = Field(default=53, ge=50, le=500, description="Comments on one page, replies included.")
