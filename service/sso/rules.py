"""How a site signs its own readers in."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _address(url: str | None) -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username is not None:
        raise ValueError("is not an address that begins with https://")
    return url


Address = Annotated[str | None, Field(default=None, max_length=500), AfterValidator(_address)]


class SSORules(BaseModel):
    """The `sso` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(default="", max_length=60, description="What the site calls its accounts, for the sign-in link.")
    login_url: Address = Field(default=None, description="The site's own sign-in page, linked in the frame.")
    logout_url: Address = Field(default=None, description="The site's own sign-out page.")
    audience: str = Field(
        default="", max_length=200, description="What a token's `aud` has to name; the site's shortname, if empty."
    )
    issuer: str = Field(default="", max_length=300, description="What a token's `iss` has to be; anything, if empty.")
    window_seconds: int = Field(
        default=7_200, ge=60, le=86_400, description="How old a token may be, by its `iat` or the time it was signed."
    )
    session_minutes: int = Field(
        default=60, ge=5, le=1_440, description="How long a session lasts before the page's token is asked for again."
    )
    roles: tuple[Literal["member", "expert"], ...] = Field(
        default=(), max_length=2, description="Roles that tokens may give; never that of a moderator."
    )
