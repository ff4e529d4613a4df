"""What a site signed about a reader, read and judged. Pure: keys and the time are handed in.

Two forms. A JWT (RFC 7519, judged as RFC 8725 has it), and the Disqus form `remote_auth_s3`: base64 of JSON, HMAC-SHA1
over it and a time, and the time, with one space between each.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import jwt

from service.kit import text
from service.kit.errors import Forbidden, Refused, SignInNeeded
from service.kit.seal import is_same

LONGEST = 8_192  # characters
_LEEWAY = 60  # seconds two clocks may differ
_LONGEST_ID, _LONGEST_URL = 150, 500
_EMPTY: tuple[object, ...] = ({}, [])


class SSORefused(Forbidden):
    """This sign-in token is not one this site takes. Check its key, its algorithm, and what it says."""

    type = "sso-refused"


class SSOExpired(SignInNeeded):
    """This sign-in token is too old. Ask the page for a new one."""

    type = "sso-expired"


@dataclass(frozen=True)
class Trusted:
    """A key that may have signed: `material` is a secret, a PEM, or a key of a set; `kid` of which key it is."""

    number: int
    kid: str | None
    algorithm: str
    material: Any


@dataclass(frozen=True)
class Said:
    """What a site says of a reader. `remote_id` is who they are there, and all they are known by."""

    remote_id: str
    name: str
    issued_at: int  # seconds since 1970
    key: int
    email: str | None = None
    avatar_url: str | None = None
    profile_url: str | None = None
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Expected:
    """What a token has to be for."""

    audience: str
    issuer: str
    window: int
    """Seconds."""


def is_disqus(token: str) -> bool:
    """Whether it has the form of `remote_auth_s3`. No JWT has a space."""
    return " " in token


def is_sign_out(token: str) -> bool:
    """Whether it is the Disqus form of nobody, `{}`, or `[]` as PHP writes it. It gives nothing: nothing is checked."""
    return is_disqus(token) and _payload(token.split(" ", maxsplit=1)[0]) in _EMPTY


def header_of(token: str) -> tuple[str, str | None]:
    """Algorithm and key id a JWT names, neither of them to be believed. Raises SSORefused."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise SSORefused("This is not a JWT, nor has it the form of remote_auth_s3.", field="token") from error
    kid = header.get("kid")
    return str(header.get("alg")), kid if isinstance(kid, str) else None


def read(token: str, keys: Sequence[Trusted], expected: Expected, now: datetime) -> Said:
    """What the token says, if one of `keys` signed it. Raises SSORefused, SSOExpired."""
    if is_disqus(token):
        return _read_disqus(token, [key for key in keys if key.algorithm == "disqus"], expected, now)
    return _read_jwt(token, [key for key in keys if key.algorithm != "disqus"], expected, now)


def _read_jwt(token: str, keys: Sequence[Trusted], expected: Expected, now: datetime) -> Said:
    algorithm, kid = header_of(token)
    # The key says which algorithm there is; what the token says only finds the key.
    for key in keys:
        if key.algorithm != algorithm or (kid is not None and key.kid not in {None, kid}):
            continue
        claims = _claims(token, key)
        if claims is not None:
            _judge(claims, expected, now)
            return _said(claims, int(claims["iat"]), key.number)
    raise SSORefused("No valid key of this site has signed this token.", field="token")


def _claims(token: str, key: Trusted) -> dict[str, Any] | None:
    """The claims, if this key signed them. Times are judged by the clock there is one of, `kit.clock`."""
    unjudged = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        claims: dict[str, Any] = jwt.decode(token, key.material, algorithms=[key.algorithm], options=unjudged)  # type: ignore[arg-type]
    except (jwt.InvalidTokenError, jwt.InvalidKeyError, ValueError, TypeError, RecursionError):
        return None
    return claims


def _judge(claims: Mapping[str, Any], expected: Expected, now: datetime) -> None:
    at = now.timestamp()
    for name in ("exp", "iat"):
        if not _is_time(claims.get(name)):
            raise SSORefused(f"The token has to say `{name}`, in seconds since 1970.", field="token")
    if not _is_time(claims.get("nbf", 0)):
        raise SSORefused("The token's `nbf` is not in seconds since 1970.", field="token")
    named = claims.get("aud")
    if expected.audience not in (named if isinstance(named, list) else [named]):
        raise SSORefused(f"The token's `aud` has to be {expected.audience!r}.", field="token")
    if expected.issuer and claims.get("iss") != expected.issuer:
        raise SSORefused("The token's `iss` is not the one this site takes.", field="token")
    _judge_time(int(claims["iat"]), expected, at)
    if claims.get("nbf", 0) > at + _LEEWAY:
        raise SSORefused("The token is not valid yet; compare the clocks.", field="token")
    if claims["exp"] <= at - _LEEWAY:
        raise SSOExpired


def _judge_time(issued: int, expected: Expected, at: float) -> None:
    if issued > at + _LEEWAY:
        raise SSORefused("The token is of the future; compare the clocks.", field="token")
    if issued < at - expected.window - _LEEWAY:
        raise SSOExpired


def _read_disqus(token: str, keys: Sequence[Trusted], expected: Expected, now: datetime) -> Said:
    parts = token.split(" ")
    if len(parts) != 3 or not (parts[2].isascii() and parts[2].isdigit() and len(parts[2]) < 12):
        raise SSORefused("Write it as MESSAGE SIGNATURE TIMESTAMP, with single spaces.", field="token")
    message, signature, at = parts
    for key in keys:
        right = hmac.new(str(key.material).encode(), f"{message} {at}".encode(), hashlib.sha1).hexdigest()
        if is_same(right, signature):
            break
    else:
        raise SSORefused("No valid key of this site has signed this token.", field="token")
    payload = _payload(message)
    if not isinstance(payload, dict):
        raise SSORefused("The message is not base64 of a JSON object.", field="token")
    _judge_time(int(at), expected, now.timestamp())
    claims = {
        **{name: payload.get(name) for name in ("email", "avatar", "roles")},
        "sub": payload.get("id"),
        "name": payload.get("username"),
        "url": payload.get("profile_url") or payload.get("url"),
    }
    return _said(claims, int(at), key.number)


def _payload(message: str) -> Any:
    """What a message holds; None for what holds nothing."""
    try:
        return json.loads(base64.b64decode(message, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None


def _said(claims: Mapping[str, Any], issued: int, key: int) -> Said:
    return Said(
        remote_id=_remote_id(claims.get("sub")),
        name=_name(claims.get("name")),
        issued_at=issued,
        key=key,
        email=_email(claims),
        avatar_url=_url(claims.get("picture") or claims.get("avatar"), {"https"}),
        profile_url=_url(claims.get("url") or claims.get("profile"), {"https", "http"}),
        roles=_roles(claims.get("roles")),
    )


def _remote_id(value: Any) -> str:
    # PHP sends numbers.
    said = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(said, str) or not 0 < len(said) <= _LONGEST_ID or not said.isprintable() or said != said.strip():
        raise SSORefused(
            f"The token's `sub` (or `id`) has to be a text of 1 to {_LONGEST_ID} characters.", field="token"
        )
    return said


def _name(value: Any) -> str:
    if isinstance(value, str):
        try:
            cleaned = text.clean_line(value[:400], field="name", max_chars=80)
        except Refused:
            cleaned = ""
        if cleaned:
            return cleaned
    raise SSORefused("The token has to say a `name` of at most 80 characters.", field="token")


def _email(claims: Mapping[str, Any]) -> str | None:
    said = claims.get("email")
    if not isinstance(said, str) or claims.get("email_verified") is False:
        return None
    said = said.strip()
    is_one = 3 <= len(said) <= 254 and said.isprintable() and " " not in said and 0 < said.find("@") < len(said) - 1
    return said if is_one else None


def _url(value: Any, schemes: set[str]) -> str | None:
    """An address, or None for what is none: a wrong picture keeps nobody from signing in."""
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not value.isascii() or not value.isprintable():
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    is_one = parts.scheme in schemes and parts.hostname and parts.username is None and " " not in value
    return value if is_one else None


def _roles(value: Any) -> frozenset[str]:
    listed = value if isinstance(value, list) else [value]
    return frozenset(each for each in listed[:20] if isinstance(each, str))


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11
