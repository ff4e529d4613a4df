"""The fields of a request's head, looked up where ASGI has them: without an object made for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def first(scope: Mapping[str, Any], name: bytes) -> bytes | None:
    """The first field of that name (in lower case, as ASGI has them all)."""
    for each, value in scope["headers"]:
        if each == name:
            found: bytes = value
            return found
    return None


def text(scope: Mapping[str, Any], name: bytes) -> str | None:
    """Its text, as Starlette would read it."""
    found = first(scope, name)
    return found.decode("latin-1") if found is not None else None
