"""Passkeys (WebAuthn Level 3): what a browser is asked for, and whether its answer is one.

An authenticator signs for one host (the RP ID) and says which page asked. Only Parley's own origin is taken, a
challenge that was made for this very question, and an authenticator that has looked at who holds it (user
verification): here it is all there is to prove. Attestation is not asked for: which maker's authenticator somebody
has is their affair.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from service.kit.errors import Forbidden

# It writes which credential was used into the log, where nobody is named.
logging.getLogger("fido2").setLevel(logging.WARNING)

# What every authenticator has at least one of: ES256, EdDSA, RS256.
_ALGORITHMS = (-7, -8, -257)
_VERIFIED = UserVerificationRequirement.REQUIRED
_LONGEST_ID = 1_023  # bytes, Web Authentication section 4
_UNKNOWN_KEY = {1: 2, 3: -7, -1: 1, -2: bytes(31) + b"\x01", -3: bytes(31) + b"\x01"}


class PasskeyRefused(Forbidden):
    """This passkey was not taken. Nothing was changed; you can try again, or take another way."""

    type = "passkey-refused"


@dataclass(frozen=True)
class Passkey:
    """A credential as it is kept: its public key, how often it says it was used, the handle it was made for."""

    id: bytes
    data: bytes
    counter: int
    user: str


def host_of(origin: str) -> str | None:
    """The RP ID of an origin: its host. None where there can be no passkeys: at a number, or without TLS."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host if parts.scheme == "https" or host == "localhost" else None
    return None


def making(origin: str, challenge: str, user: str, name: str, known: list[bytes]) -> dict[str, Any]:
    """What `navigator.credentials.create` is asked, as JSON. `user` is an opaque handle; `known` are not made again."""
    options, _ = _server(origin).register_begin(
        PublicKeyCredentialUserEntity(name=name, id=user.encode(), display_name=name),
        credentials=[{"type": "public-key", "id": websafe_encode(each)} for each in known],  # type: ignore[misc]
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_VERIFIED,
        challenge=websafe_decode(challenge),
    )
    return dict(options.public_key)


def asking(origin: str, challenge: str) -> dict[str, Any]:
    """What `navigator.credentials.get` is asked, as JSON: any passkey of this host, whoever's it is."""
    options, _ = _server(origin).authenticate_begin(user_verification=_VERIFIED, challenge=websafe_decode(challenge))
    return dict(options.public_key)


def made(origin: str, challenge: str, user: str, answer: Mapping[str, Any]) -> Passkey:
    """The passkey a browser has made for this handle. Raises PasskeyRefused."""
    try:
        return _made(origin, challenge, user, RegistrationResponse.from_dict(answer))
    except Exception as error:  # the library raises whatever its parsing meets, and all of it means the same
        raise PasskeyRefused from error


def id_of(answer: Mapping[str, Any]) -> bytes | None:
    """Which passkey an answer says it is of; None for no answer."""
    try:
        return websafe_decode(answer["rawId"])[:_LONGEST_ID]
    except Exception:  # noqa: BLE001  # whatever it is, it is no id
        return None


def asserted(origin: str, challenge: str, answer: Mapping[str, Any], known: Passkey | None) -> int:
    """How often this passkey was used, as its answer says, if it is its answer. Raises PasskeyRefused.

    For nobody's passkey the same is reckoned with a key that nobody has, and refused in the same words. A count that
    did not grow is of a copy (section 6.1.1); passkeys that are kept in several places count nothing, and say 0.
    """
    try:
        return _asserted(origin, challenge, AuthenticationResponse.from_dict(answer), known)
    except Exception as error:
        raise PasskeyRefused from error


def _made(origin: str, challenge: str, user: str, said: RegistrationResponse) -> Passkey:
    data = _server(origin).register_complete(_state(challenge), said)
    held = data.credential_data
    if held is None or said.response.client_data.cross_origin or held.credential_id != said.raw_id:
        raise ValueError("not made by this page, or of something else")
    if len(held.credential_id) > _LONGEST_ID or held.public_key.get(3) not in _ALGORITHMS:
        raise ValueError("a kind that was not asked for")
    return Passkey(bytes(held.credential_id), bytes(held), data.counter, user)


def _asserted(origin: str, challenge: str, said: AuthenticationResponse, known: Passkey | None) -> int:
    held = AttestedCredentialData(known.data) if known is not None else _nobodys(said.raw_id)
    _server(origin).authenticate_complete(_state(challenge), [held], said)
    counter: int = said.response.authenticator_data.counter
    if known is None or said.response.client_data.cross_origin:
        raise ValueError("nobody's, or asked by another's page")
    if (counter or known.counter) and counter <= known.counter:
        raise ValueError("a copy")
    if said.response.user_handle not in {None, known.user.encode()}:
        raise ValueError("made for another account")
    return counter


def _server(origin: str) -> Fido2Server:
    host = host_of(origin)
    if host is None:
        raise PasskeyRefused("There are no passkeys at this address: they need a name and TLS.")
    made_for = PublicKeyCredentialRpEntity(name=host, id=host)
    server = Fido2Server(made_for, verify_origin=lambda asked: asked == origin)
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=each) for each in _ALGORITHMS
    ]
    return server


def _state(challenge: str) -> dict[str, Any]:
    return {"challenge": challenge, "user_verification": _VERIFIED}


def _nobodys(number: bytes) -> AttestedCredentialData:
    return AttestedCredentialData.create(bytes(16), number, CoseKey.parse(_UNKNOWN_KEY))
