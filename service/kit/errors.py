"""Refusals: errors that are an answer.

Refused                 the caller may not, cannot, or has to change something
├── Invalid             422  a field is malformed; `field` names it
├── NotFound            404  nothing there, or nothing this caller may see
├── Forbidden           403  known caller, missing right
├── SignInNeeded        401  nobody is signed in
├── Conflict            409  the world changed meanwhile; `detail` says how
├── TooSlow             408  body that does not arrive
├── TooLarge            413  body beyond the limit
├── TooMany             429  slow down; carries `retry_after`
└── Unavailable         503  a part is missing for the moment; carries `retry_after`

A room declares its own subclasses next to their cause. The docstring is the message that
readers see, the `type` is stable, and the HTTP layer turns it into problem+json (RFC 9457).
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar


class Refused(Exception):
    """This cannot be done."""

    type: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, detail: str | None = None, *, field: str | None = None, **more: Any) -> None:
        """`detail` replaces the docstring, `field` names the offending input, `more` are extension members."""
        self.detail = detail or self.message()
        self.field = field
        self.more = more
        super().__init__(self.detail)

    @classmethod
    def message(cls) -> str:
        """The docstring as one line."""
        return " ".join(inspect.cleandoc(cls.__doc__ or "").split())

    @classmethod
    def title(cls) -> str:
        """A short, stable name for humans: the type without its hyphens."""
        return cls.type.replace("-", " ").capitalize()

    def headers(self) -> Mapping[str, str]:
        """Response headers that belong to the refusal (Retry-After and the like)."""
        return {}


class Invalid(Refused):
    """A field of the request is not in the form it must have."""

    type = "invalid"
    status = 422


class NotFound(Refused):
    """There is nothing here under that name."""

    type = "not-found"
    status = 404


class Forbidden(Refused):
    """You do not have the right to do this."""

    type = "forbidden"
    status = 403


class SignInNeeded(Refused):
    """Sign in first, then try again."""

    type = "sign-in-needed"
    status = 401

    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class Conflict(Refused):
    """Somebody changed this meanwhile. Look at it again and decide anew."""

    type = "conflict"
    status = 409


class TooLarge(Refused):
    """The request is larger than this server takes."""

    type = "too-large"
    status = 413


class TooSlow(Refused):
    """The request took too long to arrive. Your text is kept; try again."""

    type = "too-slow"
    status = 408


class _RetryLater(Refused):
    """Try again later."""

    def __init__(self, detail: str | None = None, *, retry_after: float = 1.0, **more: Any) -> None:
        super().__init__(detail, **more)
        self.retry_after = retry_after

    def headers(self) -> Mapping[str, str]:
        # Whole seconds, never zero: RFC 9110 section 10.2.3.
        return {"Retry-After": str(max(1, -int(-self.retry_after // 1)))}


class TooMany(_RetryLater):
    """That was too much in a short time. Your text is kept; try again in a moment."""

    type = "too-many-requests"
    status = 429


class Unavailable(_RetryLater):
    """A part of the service is away for the moment. Your text is kept; try again shortly."""

    type = "unavailable"
    status = 503


class StorageFull(Unavailable):
    """A part of the service is away for the moment. Your text is kept; try again shortly."""

    # To readers the same; to who operates it, not: the disk is full, and what is there can be read.
    type = "storage-full"


class Overloaded(Unavailable):
    """This server has more to do at this moment than it can. Your text is kept; try again in a few seconds."""

    type = "overloaded"
