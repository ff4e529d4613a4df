"""Secrets of the installation: signing capabilities and sealing personal data at rest."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.kit.settings import Settings


class NoSecret(ValueError):
    """There is no usable secret; the message says what to do."""


class Keeper:
    """Makes keys for one purpose each from the one secret (HKDF-SHA256, RFC 5869)."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._keys: dict[str, bytes] = {}
        self._signers: dict[str, hmac.HMAC] = {}

    @classmethod
    def of(cls, settings: Settings) -> Keeper:
        """The keeper of this installation; on the embedded floor the secret is made once and kept in a file."""
        if settings.secret_key is not None:
            return cls(settings.secret_key.get_secret_value())
        if not settings.is_sqlite:
            raise NoSecret("PARLEY_SECRET_KEY is not set: with PARLEY_DATABASE_URL all processes must share one")
        return cls(_secret_file(settings.data_dir / "secret"))

    def sign(self, purpose: str, message: str) -> str:
        """A URL-safe signature of 22 characters (132 bits of HMAC-SHA256)."""
        # A copy of what has taken the key in already: half of what making it anew costs.
        signer = self._signer(purpose).copy()
        signer.update(message.encode())
        return base64.urlsafe_b64encode(signer.digest()).decode()[:22]

    def is_signed(self, purpose: str, message: str, signature: str) -> bool:
        """Whether this is the signature of the message."""
        return is_same(self.sign(purpose, message), signature)

    def pseudonym(self, purpose: str, value: str) -> str:
        """A keyed hash that cannot be reversed or recomputed without the secret."""
        return self.sign(f"pseudonym:{purpose}", value)

    def seal(self, purpose: str, plain: str) -> str:
        """Encrypt a short text (AES-256-GCM)."""
        nonce = os.urandom(12)
        return base64.b64encode(nonce + AESGCM(self._key(purpose)).encrypt(nonce, plain.encode(), b"")).decode()

    def unseal(self, purpose: str, sealed: str) -> str | None:
        """Decrypt; None when the key is another one or the value was changed."""
        raw = base64.b64decode(sealed)
        try:
            return AESGCM(self._key(purpose)).decrypt(raw[:12], raw[12:], b"").decode()
        except InvalidTag:
            return None

    def _signer(self, purpose: str) -> hmac.HMAC:
        if purpose not in self._signers:
            self._signers[purpose] = hmac.new(self._key(purpose), digestmod=hashlib.sha256)
        return self._signers[purpose]

    def _key(self, purpose: str) -> bytes:
        if purpose not in self._keys:
            hkdf = HKDF(hashes.SHA256(), length=32, salt=b"parley", info=purpose.encode())
            self._keys[purpose] = hkdf.derive(self._secret)
        return self._keys[purpose]


def is_same(one: str | bytes, other: str | bytes) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is. The one place for that.

    Takes whatever somebody may have sent: the standard library's comparison raises TypeError for texts beyond ASCII.
    """
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(said: str | bytes) -> bytes:
    return said if isinstance(said, bytes) else said.encode("utf-8", "surrogatepass")


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a random token: enough to recognise it, nothing to use it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _secret_file(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make_secret(path)
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise NoSecret(f"{path} is damaged: it must hold at least 32 characters")
    return secret


def _make_secret(path: Path) -> None:
    draft = path.with_name(f".secret-{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    # A link appears whole or not at all: of two processes that start together one wins, both read the same.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
