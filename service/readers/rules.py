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
    passkeys: bool = Field(
        default=True,
        description="Whether readers who have an account may sign in with a passkey they added to it. Accounts are made"
        " in another way.",
    )
    session_days: int = Field(default=30, ge=1, le=365, description="How long such a session lasts.")

    @property
    def makes_accounts(self) -> bool:
        """Whether there is a way by which somebody comes to an account here."""
        return self.email or bool(self.providers)

    @property
    def takes_passkeys(self) -> bool:
        """Whether one may sign in with a passkey."""
        return self.passkeys and self.makes_accounts
