"""A site's keys: made, listed, rotated, revoked, each on record. A secret is shown when it is made, once.

A key has one algorithm for good. What a token says of its own algorithm is compared with the key's and never followed,
so a public key is never taken for a shared secret (RFC 8725 section 3.1).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import update
from sqlmodel import col, select

from service import record, sites
from service.keys.tables import AccessTokenRow, SiteKeyRow
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, Invalid, NotFound
from service.kit.seal import Keeper, new_token
from service.record import Actor

Scope = Literal["sso", "read", "manage"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
# `disqus` is HMAC-SHA1 as Disqus's remote_auth_s3 has it: a form of its own, with a key of its own.
Algorithm = Literal["HS256", "EdDSA", "ES256", "RS256", "disqus"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
SHARED: frozenset[str] = frozenset({"HS256", "disqus"})
MOST_KEYS = 20  # of a site that are valid at a time
PURPOSE = "site-key"
NOTED = timedelta(hours=1)  # how exact "last used" is
_LEAST_RSA = 2048  # bits, RFC 7518 section 3.3


class KeyUnknown(NotFound):
    """There is no such key at this site."""

    type = "key-unknown"


class TooManyKeys(Conflict):
    """This site has as many keys as one may have. Revoke one first."""

    type = "too-many-keys"


@dataclass(frozen=True)
class Key:
    """A key of a site. Its secret is told to nobody."""

    id: int
    site_id: int
    public: str
    name: str
    scopes: tuple[str, ...]
    algorithm: str
    public_key: str | None
    jwks_url: str | None
    created_at: datetime
    ends_at: datetime | None
    used_at: datetime | None

    @property
    def is_valid(self) -> bool:
        """Whether it has not ended."""
        return self.ends_at is None or self.ends_at > clock.now()

    @property
    def is_in_use(self) -> bool:
        """Whether its use was noted within the hour: a key in use costs no write for each use."""
        return self.used_at is not None and self.used_at >= clock.now() - NOTED

    @property
    def is_secret(self) -> bool:
        """Whether it is a secret both sides know."""
        return self.algorithm in SHARED


async def create(
    tx: WriteTx,
    keeper: Keeper,
    site_id: int,
    name: str,
    scopes: Collection[Scope],
    algorithm: Algorithm = "HS256",
    *,
    public_key: str | None = None,
    jwks_url: str | None = None,
    by: Actor,
) -> tuple[Key, str | None]:
    """A new key, and its secret where it has one; `jwks_url` has gone through `Outbound.checked`.

    Raises Invalid, TooManyKeys.
    """
    _refuse_unfit(scopes, algorithm, public_key, jwks_url)
    await _refuse_many(tx, site_id)
    row, secret = _made(keeper, site_id, name, scopes, algorithm)
    row.public_key, row.jwks_url = public_key and public_key.strip(), jwks_url
    tx.add(row)
    await tx.flush()
    await _note(tx, by, "key-made", row)
    return key_of(row), secret


async def of_site(tx: ReadTx, site_id: int) -> list[Key]:
    """A site's keys, the oldest first; ended ones as long as they are kept."""
    rows = await tx.exec(select(SiteKeyRow).where(SiteKeyRow.site_id == site_id).order_by(col(SiteKeyRow.id)))
    return [key_of(row) for row in rows]


async def get(tx: ReadTx, site_id: int, key_id: int) -> Key:
    """One key of a site. Raises KeyUnknown, also for another site's."""
    return key_of(await _row(tx, site_id, key_id))


async def rotate(
    tx: WriteTx, keeper: Keeper, site_id: int, key_id: int, *, keep: timedelta, by: Actor
) -> tuple[Key, str]:  # fmt: skip
    """Another key for the same; the one before stays valid for `keep`, so that nothing stops meanwhile.

    Raises KeyUnknown, Invalid for a key that has no secret or has ended, TooManyKeys.
    """
    old = await _row(tx, site_id, key_id)
    if not key_of(old).is_valid or old.algorithm not in SHARED:
        raise Invalid("only a valid secret key can be rotated; add another public key instead", field="key")
    await _refuse_many(tx, site_id)
    scopes: list[Scope] = [scope for scope in SCOPES if scope in old.scopes]
    algorithm: Algorithm = "disqus" if old.algorithm == "disqus" else "HS256"
    row, secret = _made(keeper, site_id, old.name, scopes, algorithm)
    until = clock.now() + keep
    old.ends_at = min(old.ends_at or until, until)
    tx.add(row)
    await tx.flush()
    # What was granted to the application goes on: it is the same one, with another secret.
    await tx.exec(update(AccessTokenRow).where(col(AccessTokenRow.key_id) == old.id).values(key_id=row.id))
    await _note(tx, by, "key-rotated", old, becomes=row.public)
    assert secret is not None  # noqa: S101  # both algorithms above have one
    return key_of(row), secret


async def revoke(tx: WriteTx, site_id: int, key_id: int, *, end_sessions: bool = False, by: Actor) -> None:
    """End a key at once. Ending it twice is the same as once. Raises KeyUnknown.

    With `end_sessions`, whoever is signed in because of it is so no more: for a secret that somebody else had.
    """
    row = await _row(tx, site_id, key_id)
    if key_of(row).is_valid:
        row.ends_at = clock.now()
        await tx.flush()
        await _note(tx, by, "key-revoked", row)
    if end_sessions and "sso" in row.scopes:
        await sites.end_key(tx, site_id, row.id)
        await _note(tx, by, "key-sessions-ended", row)


def key_of(row: SiteKeyRow) -> Key:
    """The key a row holds."""
    return Key(
        row.id,
        row.site_id,
        row.public,
        row.name,
        tuple(row.scopes),
        row.algorithm,
        row.public_key,
        row.jwks_url,
        row.created_at,
        row.ends_at,
        row.used_at,
    )


def _made(
    keeper: Keeper, site_id: int, name: str, scopes: Collection[Scope], algorithm: Algorithm
) -> tuple[SiteKeyRow, str | None]:  # fmt: skip
    number = secrets.token_hex(12)
    # The secret says which key it is of, so that it is looked up by that and compared in constant time.
    secret = f"sk_{number}_{new_token()}" if algorithm in SHARED else None
    row = SiteKeyRow(
        id=ids.new_id(),
        site_id=site_id,
        public=f"pk_{number}",
        name=name,
        scopes=[scope for scope in SCOPES if scope in scopes],
        algorithm=algorithm,
        sealed=keeper.seal(PURPOSE, secret) if secret else None,
        created_at=clock.now(),
    )
    return row, secret


def _refuse_unfit(
    scopes: Collection[Scope], algorithm: Algorithm, public_key: str | None, jwks_url: str | None
) -> None:  # fmt: skip
    if not scopes:
        raise Invalid(f"say what the key is for: {', '.join(SCOPES)}", field="scopes")
    named = (public_key is not None) + (jwks_url is not None)
    if algorithm in SHARED and named:
        raise Invalid(f"a key for {algorithm} is a secret that Parley makes", field="algorithm")
    if algorithm not in SHARED and named != 1:
        raise Invalid(f"for {algorithm}, give either `public_key` or `jwks_url`", field="public_key")
    if (algorithm not in SHARED or algorithm == "disqus") and set(scopes) != {"sso"}:
        raise Invalid(f"a key for {algorithm} is for `sso` only", field="scopes")
    if public_key is not None and not _fits(public_key, algorithm):
        raise Invalid(f"this is not a public key for {algorithm} in PEM", field="public_key")


def _fits(pem: str, algorithm: Algorithm) -> bool:
    try:
        found = load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    if algorithm == "EdDSA":
        return isinstance(found, ed25519.Ed25519PublicKey)
    if algorithm == "ES256":
        return isinstance(found, ec.EllipticCurvePublicKey) and isinstance(found.curve, ec.SECP256R1)
    return isinstance(found, rsa.RSAPublicKey) and found.key_size >= _LEAST_RSA


async def _refuse_many(tx: ReadTx, site_id: int) -> None:
    if sum(key.is_valid for key in await of_site(tx, site_id)) >= MOST_KEYS:
        raise TooManyKeys


async def _row(tx: ReadTx, site_id: int, key_id: int) -> SiteKeyRow:
    row = await tx.get(SiteKeyRow, key_id)
    if row is None or row.site_id != site_id:
        raise KeyUnknown
    return row


async def _note(tx: WriteTx, by: Actor, act: str, row: SiteKeyRow, **more: str) -> None:
    detail = {"public": row.public, "scopes": row.scopes, "algorithm": row.algorithm, **more}
    await record.append(tx, row.site_id, by, act, f"key:{row.id}", detail, words={"name": row.name})
