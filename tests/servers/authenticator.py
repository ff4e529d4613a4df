"""An authenticator of software: it makes passkeys and signs with them, rightly or, where a test wants it, wrongly."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

PRESENT, VERIFIED, HOLDS_KEY = 0x01, 0x04, 0x40


def coded(raw: bytes) -> str:
    """Bytes as WebAuthn's JSON has them."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Authenticator:
    """One passkey, once it was made, and how it behaves."""

    origin: str
    host: str
    flags: int = PRESENT | VERIFIED
    counter: int = 0
    """0 for one that does not count, as those do that are kept in several places."""
    id: bytes = field(default_factory=lambda: os.urandom(32))
    user: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` answers."""
        assert options["rp"]["id"] == self.host
        self.user = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        held = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor.encode(key)
        data = self._data(self.flags | HOLDS_KEY) + held
        attested = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options["challenge"], {})
        return self._answer({"clientDataJSON": coded(said), "attestationObject": coded(attested)})

    def sign(self, options: dict[str, Any], **said: Any) -> dict[str, Any]:
        """What `navigator.credentials.get` answers; `said` overlays what it says of the page that asks."""
        if self.counter:
            self.counter += 1
        client, data = self._said("webauthn.get", options["challenge"], said), self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": coded(client),
                "authenticatorData": coded(data),
                "signature": coded(signature),
                "userHandle": self.user,
            }
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _said(self, what: str, challenge: str, more: dict[str, Any]) -> bytes:
        return json.dumps({"type": what, "challenge": challenge, "origin": self.origin, **more}).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        number = coded(self.id)
        return {"id": number, "rawId": number, "type": "public-key", "response": response, "clientExtensionResults": {}}
