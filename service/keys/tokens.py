"""Access tokens: what an application of a site, which is a key of it, may do for somebody of the team.

Of a token only its hash is stored. What it is worth is asked of the account's roles each time it is used, so whoever
leaves a team takes nothing along. It ends with its key.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import delete, or_
from sqlmodel import col, select

from service import record
from service.keys.key import Key, KeyUnknown
from service.keys.tables import AccessTokenRow, SiteKeyRow
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, Invalid, NotFound
from service.kit.seal import new_token, token_hash
from service.record import Actor

TokenScope = Literal["read", "write", "admin"]
TOKEN_SCOPES: tuple[TokenScope, ...] = get_args(TokenScope)
MOST_TOKENS = 50  # of a key that are valid at a time
LIFE = timedelta(days=30)  # of a token that somebody granted in a browser
_REFRESHED = timedelta(days=90)  # how long it can be renewed
_CODE_LIFE = timedelta(minutes=10)  # RFC 6749 section 4.1.2
_KEPT = timedelta(days=90)


class TokenUnknown(NotFound):
    """There is no such access token at this site."""

    type = "access-token-unknown"


class TooManyTokens(Conflict):
    """This key has as many access tokens as one may have. Revoke one first."""

    type = "too-many-access-tokens"


class CodeInvalid(Invalid):
    """This code or refresh token is too old, was used already, or belongs to somebody else."""

    type = "access-code-invalid"


@dataclass(frozen=True)
class AccessToken:
    """A token; what it is itself is told to nobody."""

    id: int
    site_id: int
    key_id: int
    account_id: int
    scopes: tuple[str, ...]
    created_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class Issued:
    """A token as it is handed over, once. `refresh` is None for one that does not end by itself."""

    token: AccessToken
    secret: str
    refresh: str | None = None


async def issue(tx: WriteTx, key: Key, account_id: int, scopes: Collection[TokenScope], *, by: Actor) -> Issued:
    """A token that lasts until it is revoked. Raises KeyUnknown, Invalid, TooManyTokens."""
    row = await _new(tx, key, account_id, scopes)
    secret = new_token()
    row.token_hash = token_hash(secret)
    tx.add(row)
    await tx.flush()
    await _note(tx, by, "access-token-made", row)
    return Issued(_token(row), secret)


async def grant(tx: WriteTx, key: Key, account_id: int, scopes: Collection[TokenScope], leads_to: str) -> str:
    """A code that `exchange` trades for a token, once, within minutes; `leads_to` is where it is sent.

    Raises KeyUnknown, Invalid, TooManyTokens.
    """
    row = await _new(tx, key, account_id, scopes)
    code = new_token()
    row.code_hash, row.leads_to, row.ends_at = token_hash(code), leads_to, clock.now() + _CODE_LIFE
    tx.add(row)
    await tx.flush()
    await _note(tx, Actor.account(account_id), "access-token-granted", row)
    return code


async def exchange(tx: WriteTx, key: Key, code: str, leads_to: str) -> Issued:
    """The token a code was granted for, to the application it was granted to. Raises CodeInvalid."""
    query = select(AccessTokenRow).where(AccessTokenRow.code_hash == token_hash(code)).with_for_update()
    row = (await tx.exec(query)).first()
    if row is None or row.key_id != key.id or row.leads_to != leads_to or not _is_valid(row):
        raise CodeInvalid(field="code")
    return await _renewed(tx, row)


async def refresh(tx: WriteTx, key: Key, token: str) -> Issued:
    """Another token for one that ends; both of before are worth nothing then. Raises CodeInvalid."""
    query = select(AccessTokenRow).where(AccessTokenRow.refresh_hash == token_hash(token)).with_for_update()
    row = (await tx.exec(query)).first()
    if row is None or row.key_id != key.id or row.renewed_until is None or row.renewed_until <= clock.now():
        raise CodeInvalid(field="refresh_token")
    return await _renewed(tx, row)


async def by_token(tx: ReadTx, token: str) -> AccessToken | None:
    """The valid token this is, at whichever site; None when it is none, or its key has ended."""
    query = (
        select(AccessTokenRow, SiteKeyRow)
        .join(SiteKeyRow, col(SiteKeyRow.id) == col(AccessTokenRow.key_id))
        .where(AccessTokenRow.token_hash == token_hash(token))
    )
    found = (await tx.exec(query)).first()
    if found is None or not _is_valid(found[0]):
        return None
    ends = found[1].ends_at
    return _token(found[0]) if ends is None or ends > clock.now() else None


async def tokens_of_key(tx: ReadTx, site_id: int, key_id: int) -> list[AccessToken]:
    """The valid tokens of a key, the oldest first. Raises KeyUnknown."""
    await _refuse_foreign(tx, site_id, key_id)
    query = select(AccessTokenRow).where(AccessTokenRow.key_id == key_id).order_by(col(AccessTokenRow.id))
    return [_token(row) for row in await tx.exec(query) if row.token_hash is not None and _is_valid(row)]


async def revoke_token(tx: WriteTx, site_id: int, key_id: int, token_id: int, *, by: Actor) -> None:
    """End a token at once; it cannot be renewed. Raises TokenUnknown."""
    row = await tx.get(AccessTokenRow, token_id)
    if row is None or row.site_id != site_id or row.key_id != key_id:
        raise TokenUnknown
    if not _is_valid(row):
        return
    row.ends_at, row.renewed_until = clock.now(), None
    await tx.flush()
    await _note(tx, by, "access-token-revoked", row)


async def forget_ended_tokens(tx: WriteTx) -> None:
    """Delete tokens that ended, or whose keys ended, long ago."""
    long_ago = clock.now() - _KEPT
    ended = select(SiteKeyRow.id).where(col(SiteKeyRow.ends_at) < long_ago)
    over = or_(col(AccessTokenRow.ends_at) < long_ago, col(AccessTokenRow.key_id).in_(ended))
    await tx.exec(delete(AccessTokenRow).where(over))


async def _new(tx: WriteTx, key: Key, account_id: int, scopes: Collection[TokenScope]) -> AccessTokenRow:
    if not key.is_valid or "manage" not in key.scopes:
        raise Invalid("access tokens belong to a valid key for `manage`", field="key")
    if not scopes:
        raise Invalid(f"say what the token is for: {', '.join(TOKEN_SCOPES)}", field="scopes")
    # Locked, so that two at once do not pass the limit together.
    await tx.get(SiteKeyRow, key.id, with_for_update=True)
    query = select(AccessTokenRow).where(AccessTokenRow.key_id == key.id)
    if sum(_is_valid(row) for row in await tx.exec(query)) >= MOST_TOKENS:
        raise TooManyTokens
    return AccessTokenRow(
        id=ids.new_id(),
        site_id=key.site_id,
        key_id=key.id,
        account_id=account_id,
        scopes=[scope for scope in TOKEN_SCOPES if scope in scopes],
        created_at=clock.now(),
    )


async def _renewed(tx: WriteTx, row: AccessTokenRow) -> Issued:
    secret, again, now = new_token(), new_token(), clock.now()
    row.code_hash, row.token_hash, row.refresh_hash = None, token_hash(secret), token_hash(again)
    row.ends_at, row.renewed_until = now + LIFE, row.created_at + _REFRESHED
    await tx.flush()
    return Issued(_token(row), secret, again)


async def _refuse_foreign(tx: ReadTx, site_id: int, key_id: int) -> None:
    row = await tx.get(SiteKeyRow, key_id)
    if row is None or row.site_id != site_id:
        raise KeyUnknown


def _is_valid(row: AccessTokenRow) -> bool:
    return row.ends_at is None or row.ends_at > clock.now()


def _token(row: AccessTokenRow) -> AccessToken:
    return AccessToken(row.id, row.site_id, row.key_id, row.account_id, tuple(row.scopes), row.created_at, row.ends_at)


async def _note(tx: WriteTx, by: Actor, act: str, row: AccessTokenRow) -> None:
    detail = {"key": str(row.key_id), "account": str(row.account_id), "scopes": row.scopes}
    await record.append(tx, row.site_id, by, act, f"access-token:{row.id}", detail)
