"""Sections: which part of a news site an article belongs to, told from its address."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from service.kit.errors import Invalid

LONGEST = 60
_STARS = 5  # each star of a pattern may cost another pass over the path


def _pattern(pattern: str) -> str:
    if pattern.count("*") > _STARS or any(c in pattern for c in "[]?"):
        raise ValueError(f"a pattern has at most {_STARS} stars and no other wildcards")
    return pattern


class Section(BaseModel):
    """A section: its name, and which paths belong to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST)
    path_prefix: str | None = Field(default=None, min_length=1, max_length=200)
    pattern: Annotated[str, AfterValidator(_pattern)] | None = Field(default=None, min_length=1, max_length=200)

    @model_validator(mode="after")
    def _says_one(self) -> Section:
        if (self.path_prefix is None) == (self.pattern is None):
            raise ValueError("give a section either `path_prefix` or `pattern`")
        return self

    def holds(self, path: str) -> bool:
        """Whether a path belongs here. A prefix ends at a slash: `/sport` holds `/sport/1` and not `/sports/1`."""
        if self.pattern is not None:
            return fnmatchcase(path, self.pattern)
        prefix = (self.path_prefix or "").rstrip("/")
        return path == prefix or path.startswith(f"{prefix}/")


class ThreadRules(BaseModel):
    """The `threads` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    sections: tuple[Section, ...] = Field(
        default=(),
        max_length=200,
        description='Sections, the first that fits wins: `{"name": "sports", "path_prefix": "/sport"}` or'
        ' `{"name": "local", "pattern": "*/local/*"}`. Without any, the first folder of an address is its section.'
        " After a change run `parley site sections NAME`, which sorts the discussions there are.",
    )

    categories: dict[str, Annotated[str, Field(min_length=1, max_length=LONGEST)]] = Field(
        default_factory=dict,
        max_length=200,
        description='Sections by ids that pages name, as `page.category_id` of Disqus: `{"4711": "sports"}`. Counts for'
        " discussions whose address none of `sections` fits; a page that names another one is refused.",
    )

    def checked(self, category: str | None) -> str | None:
        """A category that means something here, or None where the site names none. Raises Invalid for an unknown one.

        A page's reader says it, so it is looked up and never taken for a section.
        """
        if not category or not self.categories:
            return None
        if category not in self.categories:
            raise Invalid("this page names a category that the site does not know", field="category")
        return category

    def section_of(self, url: str, category: str | None = None) -> str:
        """The section of an article; empty for one that is in none. `category` is what its page said."""
        path = unquote(urlsplit(url).path)
        named = self.categories.get(category or "")
        if named is not None:
            return next((section.name for section in self.sections if section.holds(path)), named)
        if self.sections:
            return next((section.name for section in self.sections if section.holds(path)), "")
        folders = path.strip("/").split("/")
        # A character PostgreSQL's text cannot hold is no name of a section.
        return folders[0][:LONGEST].replace("\x00", "") if len(folders) > 1 else ""
