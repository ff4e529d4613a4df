"""Types of input that many endpoints share. Everything malformed is a 422 with the field named, never a 500."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

from service.kit import ids
from service.kit.errors import Refused

# JSON can carry what UTF-8 and PostgreSQL cannot: lone surrogates and NUL.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def _clean(text: str) -> str:
    if _NO_TEXT.search(text):
        raise ValueError("holds a character that is not text")
    return text


def _id(text: str) -> int:
    try:
        return ids.parse_id(text, field="id")
    except Refused as error:
        raise ValueError("is not an id of this server") from error


Text = Annotated[str, AfterValidator(_clean)]

# Ids are strings outside, 63-bit integers inside: JavaScript's numbers end at 53 bits.
PublicId = Annotated[
    str,
    Field(min_length=1, max_length=19, pattern=r"^[0-9]+$", examples=["1734301234567890123"]),
    AfterValidator(_id),
    PlainSerializer(str),
]


class Body(BaseModel):
    """A request's body: what is not named in it is refused, so no column can be set by guessing its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def number(public_id: str | int) -> int:
    """The integer behind a validated PublicId (its annotation says str, for OpenAPI's sake)."""
    return int(public_id)
