"""How readers get accounts of their own at a site."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ReaderRules(BaseModel):
    """The `readers` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    email: bool = Field(default=False, description="Whether readers may sign in with a code sent to their address.")
    providers: tuple[str, ...] = Field(
        default=(),
        max_length=8,
        description="Providers of OpenID Connect, of those in PARLEY_OIDC_PROVIDERS, that readers may sign in with.",
    )
    session_days: int = Field(default=30, ge=1, le=365, description="How long such a session lasts.")
