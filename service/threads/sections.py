"""Sections: which part of a news site an article belongs to, told from its address."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

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

    def section_of(self, url: str) -> str:
        """The section of an article; empty for one that is in none."""
        path = unquote(urlsplit(url).path)
        if self.sections:
            return next((section.name for section in self.sections if section.holds(path)), "")
        folders = path.strip("/").split("/")
        # A character PostgreSQL's text cannot hold is no name of a section.
        return folders[0][:LONGEST].replace("\x00", "") if len(folders) > 1 else ""
