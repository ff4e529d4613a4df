"""OpenID Connect (Core 1.0, Discovery 1.0): the providers an operator has set up, asked through the one way out.

Authorization code with PKCE (RFC 7636), state and nonce. What a provider says is believed only from its own keys, for
this client, in answer to this question.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import jwt

from service.kit.errors import Forbidden, NotFound, Unavailable
from service.kit.http import NoAnswer, Outbound, URLRefused
from service.kit.seal import is_same
from service.sso import KeySets

# Providers one need not look up; all that is needed is a client's id and secret.
READY: Mapping[str, tuple[str, str]] = {
    "google": ("Google", "https://accounts.google.com"),
    "gitlab": ("GitLab", "https://gitlab.com"),
    "linkedin": ("LinkedIn", "https://www.linkedin.com/oauth"),
    # Of personal accounts; an organisation's has its own number in the place of this one.
    "microsoft": ("Microsoft", "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"),
    "yahoo": ("Yahoo", "https://api.login.yahoo.com"),
}
# What a window of Parley's own is opened with, in the place of a provider.
PASSKEY = "passkey"
_ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})
_KNOWN_FOR, _SECONDS = 3_600.0, 8.0


class ProviderUnknown(NotFound):
    """There is no such way to sign in here."""

    type = "provider-unknown"


class ProviderAway(Unavailable):
    """The sign-in service does not answer at the moment. Try again, or sign in another way."""

    type = "provider-away"


class ProviderRefused(Forbidden):
    """The sign-in was not completed. Nothing was changed; you can try again."""

    type = "provider-refused"


@dataclass(frozen=True)
class Provider:
    """A provider with this installation's client there."""

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Proven:
    """What a provider says of who signed in: `subject` is who they are there, for good."""

    issuer: str
    subject: str
    name: str | None
    email: str | None


def read_providers(written: str | None) -> dict[str, Provider]:
    """The providers of the setting PARLEY_OIDC_PROVIDERS, by id. Raises ValueError, saying what is wrong."""
    found: dict[str, Provider] = {}
    for one in json.loads(written) if written else []:
        name, issuer = READY.get(one["id"], ("", ""))
        made = Provider(
            one["id"],
            one.get("name") or name or one["id"],
            one.get("issuer") or issuer,
            one["client_id"],
            one["client_secret"],
        )
        if made.id == PASSKEY:
            raise ValueError(f"a provider cannot be called {PASSKEY!r}: that is a way of Parley's own")
        if not made.issuer:
            raise ValueError(f"the provider {made.id!r} needs an issuer")
        found[made.id] = made
    return found


class Providers:
    """The providers of this process, with what each publishes about itself."""

    def __init__(
        self,
        known: Mapping[str, Provider],
        out: Outbound,
        key_sets: KeySets,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._known = known
        self._out = out
        self._key_sets = key_sets
        self._clock = clock
        self._found: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def named(self, provider: str) -> Provider:
        """A provider by its id. Raises ProviderUnknown."""
        found = self._known.get(provider)
        if found is None:
            raise ProviderUnknown
        return found

    def called(self, issuer: str) -> str:
        """What a provider is called to readers; where it is not one of this installation's any more, its address."""
        return next((each.name for each in self._known.values() if each.issuer == issuer), issuer)

    async def door(self, provider: Provider, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where the reader is sent to sign in. Raises ProviderAway."""
        about = await self._about(provider)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": back,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        door = str(about["authorization_endpoint"])
        return f"{door}{'&' if '?' in door else '?'}{urlencode(asked)}"

    async def redeem(self, provider: Provider, back: str, code: str, nonce: str, verifier: str) -> Proven:
        """Who signed in, by the code they came back with. Raises ProviderAway, ProviderRefused."""
        about = await self._about(provider)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        # RFC 6749 section 2.3.1: both are encoded as in a form before they are put together.
        client = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "Authorization": f"Basic {base64.b64encode(client.encode()).decode()}",
        }
        try:
            answer = await self._out.post(
                str(about["token_endpoint"]), urlencode(form).encode(), headers, seconds=_SECONDS
            )
        except NoAnswer as error:
            raise ProviderAway from error
        if not answer.is_good:
            raise ProviderRefused
        try:
            given = json.loads(answer.body)
            said = await self._read(provider, str(about["jwks_uri"]), given["id_token"], nonce)
            # Some say in the token who it is, and only when asked what they are called.
            more = {} if "name" in said else await self._more(about, str(given.get("access_token", "")), said["sub"])
            return _proven(provider, {**more, **said})
        except (ValueError, KeyError, TypeError, RecursionError, jwt.PyJWTError) as error:
            raise ProviderRefused from error

    async def _more(self, about: Mapping[str, Any], access: str, subject: str) -> Mapping[str, Any]:
        """What the provider says of whom it said was there; nothing, where it says nothing of them."""
        if "userinfo_endpoint" not in about or not access:
            return {}
        headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
        try:
            answer = await self._out.get(str(about["userinfo_endpoint"]), headers, seconds=_SECONDS)
        except NoAnswer:
            return {}
        said = json.loads(answer.body) if answer.is_good else {}
        return said if isinstance(said, dict) and said.get("sub") == subject else {}

    async def _read(self, provider: Provider, keys_at: str, token: str, nonce: str) -> Mapping[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm, kid = str(header.get("alg")), header.get("kid")
        if algorithm not in _ALGORITHMS:
            raise ValueError("signed in a way that is not taken")
        for _, key in await self._key_sets.find(keys_at, algorithm, kid if isinstance(kid, str) else None):
            try:
                said: Mapping[str, Any] = jwt.decode(
                    token,
                    key,
                    algorithms=[algorithm],
                    audience=provider.client_id,
                    issuer=provider.issuer,
                    leeway=60,
                    options={"require": ["iss", "sub", "aud", "exp", "iat"]},
                )
            except jwt.InvalidSignatureError:
                continue
            _refuse_foreign(provider, said, nonce)
            return said
        raise ValueError("signed by none of its keys")

    async def _about(self, provider: Provider) -> Mapping[str, Any]:
        at, known = self._found.get(provider.id, (0.0, None))
        if known is not None and self._clock() - at < _KNOWN_FOR:
            return known
        url = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            answer = await self._out.get(url, {"Accept": "application/json"}, seconds=_SECONDS)
            found: Mapping[str, Any] = json.loads(answer.body) if answer.is_good else {}
            # Discovery 1.0 section 4.3: or a server could speak for another.
            if found.get("issuer") != provider.issuer:
                raise ProviderAway
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                self._out.checked(str(found[name]))
        except (NoAnswer, URLRefused, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ProviderAway from error
        self._found[provider.id] = self._clock(), found
        return found


def _refuse_foreign(provider: Provider, said: Mapping[str, Any], nonce: str) -> None:
    subject, named = said["sub"], said["aud"]
    if not is_same(str(said.get("nonce")), nonce) or not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ValueError("not the answer to what was asked")
    # Core 1.0 section 3.1.3.7: a token for several says for whom it was made.
    if (isinstance(named, list) and len(named) > 1 and "azp" not in said) or (
        said.get("azp", provider.client_id) != provider.client_id
    ):
        raise ValueError("made for another client")


def _proven(provider: Provider, said: Mapping[str, Any]) -> Proven:
    name = said.get("name") or said.get("preferred_username") or said.get("nickname")
    email = said.get("email") if said.get("email_verified") is True else None
    return Proven(
        provider.issuer,
        said["sub"],
        name if isinstance(name, str) else None,
        email if isinstance(email, str) and "@" in email and len(email) <= 254 else None,
    )
