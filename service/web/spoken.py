"""The language a caller of the API reads, for what is said to people in an answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from service.pages.language import Language, accepted, chosen
from service.web.fields import text


def spoken_by(request: Request) -> Language:
    """What `Accept-Language` asks for, of what there is; else English. The frame's scripts send the frame's own."""
    header = text(request.scope, b"accept-language")
    return chosen(*accepted(header[:200])) if header else chosen()


async def _spoken(request: Request) -> Language:
    # Async although it waits for nothing, as `parts_of` is.
    return spoken_by(request)


Spoken = Annotated[Language, Depends(_spoken)]
