"""Signing in in a window of Parley's own, and handing who came of it over to the frame that opened it.

The frame thinks of a verifier and gives the window its hash. What the window gets in the end is a code that works once,
for a minute, at one site, and only with that verifier; it is handed to a window of Parley's own origin and to no other.
So neither somebody who makes another follow a link to the window, nor somebody who sees the code, gets a session.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import delete
from sqlmodel import col

from service.kit import clock, text
from service.kit.db import WriteTx
from service.kit.errors import Refused
from service.kit.seal import Keeper, is_same, new_token, token_hash
from service.readers.accounts import Door, kept_of_provider, member_at, reader_by
from service.readers.codes import Entered
from service.readers.providers import Proven
from service.readers.rules import ReaderRules
from service.readers.sessions import begin
from service.readers.tables import HandoverRow, WindowRow
from service.readers.ways import passkey_door
from service.sites import Site

Purpose = Literal["sign-in", "prove", "add"]
WINDOW_LIFE = timedelta(minutes=10)
HANDOVER_LIFE = timedelta(minutes=1)
_PURPOSE = "reader-window"


@dataclass(frozen=True)
class Window:
    """A window under way: what it was opened for, and what the provider was asked with."""

    site_id: int
    provider: str
    challenge: str
    nonce: str
    verifier: str
    purpose: str = "sign-in"
    reader_id: int | None = None
    proof: str = ""


async def open_window(
    tx: WriteTx,
    keeper: Keeper,
    site_id: int,
    provider: str,
    challenge: str,
    purpose: Purpose = "sign-in",
    *,
    reader_id: int | None = None,
    proof: str = "",
) -> tuple[str, Window]:
    """Note that a window was opened; the state it comes back with, and what to ask the provider with.

    The nonce is what a passkey signs, too. `reader_id` and `proof` say whose account another way is proven for.
    """
    state = new_token()
    window = Window(site_id, provider, challenge, new_token(), new_token(), purpose, reader_id, proof)
    sealed = keeper.seal(_PURPOSE, json.dumps([window.nonce, window.verifier, proof]))
    tx.add(
        WindowRow(
            state_hash=token_hash(state),
            site_id=site_id,
            provider=provider,
            challenge=challenge,
            sealed=sealed,
            purpose=purpose,
            reader_id=reader_id,
            ends_at=clock.now() + WINDOW_LIFE,
        )
    )
    await tx.flush()
    return state, window


async def come_back(tx: WriteTx, keeper: Keeper, state: str) -> Window | None:
    """The window that comes back with this state; it comes back once. None for one that is over, or none."""
    row = await tx.get(WindowRow, token_hash(state), with_for_update=True)
    if row is None:
        return None
    await tx.exec(delete(WindowRow).where(col(WindowRow.state_hash) == row.state_hash))
    opened = keeper.unseal(_PURPOSE, row.sealed)
    if opened is None or row.ends_at <= clock.now():
        return None
    nonce, verifier, *more = json.loads(opened)
    proof = more[0] if more else ""
    return Window(row.site_id, row.provider, row.challenge, nonce, verifier, row.purpose, row.reader_id, proof)


async def hand_over(tx: WriteTx, keeper: Keeper, window: Window, proven: Proven | Door) -> str:
    """Somebody proved who they are in this window: the code for the frame that opened it."""
    code = new_token()
    said = (
        {"way": proven.way_id}
        if isinstance(proven, Door)
        else [proven.issuer, proven.subject, proven.name, proven.email]
    )
    sealed = keeper.seal(_PURPOSE, json.dumps(said))
    tx.add(
        HandoverRow(
            code_hash=token_hash(code),
            site_id=window.site_id,
            challenge=window.challenge,
            sealed=sealed,
            ends_at=clock.now() + HANDOVER_LIFE,
        )
    )
    await tx.flush()
    return code


async def take_over(
    tx: WriteTx, keeper: Keeper, site: Site, code: str, verifier: str, name: str | None, seen: str | None = None
) -> Entered | None:
    """The session for the frame that opened the window, by the code and its verifier; None when they are not right.

    A code that came with a wrong verifier is over. `seen` is what the session can be recognised by. Raises
    ReaderNameNeeded, Invalid.
    """
    called = text.clean_line(name, field="name", max_chars=80) if name and name.strip() else None
    row = await tx.get(HandoverRow, token_hash(code), with_for_update=True)
    if row is None or row.site_id != site.id or row.ends_at <= clock.now():
        return None
    opened = keeper.unseal(_PURPOSE, row.sealed)
    if opened is None or not is_same(challenge_of(verifier), row.challenge):
        await tx.exec(delete(HandoverRow).where(col(HandoverRow.code_hash) == row.code_hash))
        return None
    door, otherwise, email = await _door(tx, keeper, json.loads(opened))
    if door is None:
        return None
    member = await member_at(tx, keeper, site, door.reader_id, called=called, otherwise=otherwise, email=email)
    await tx.exec(delete(HandoverRow).where(col(HandoverRow.code_hash) == row.code_hash))
    if member is None:
        return None
    life = timedelta(days=site.section("readers", ReaderRules).session_days)
    session, ends_at = await begin(tx, door, member, life, seen)
    return Entered(member, session, ends_at)


async def _door(
    tx: WriteTx, keeper: Keeper, said: list[str | None] | dict[str, int]
) -> tuple[Door | None, str | None, str | None]:
    """The way that was proven, a name and an address where it says any."""
    if isinstance(said, dict):
        # Asked again: within the minute it may have been taken away.
        return await passkey_door(tx, said["way"]), None, None
    issuer, subject, name, email = said
    kept = kept_of_provider(str(issuer), str(subject))
    door = await reader_by(tx, keeper, "oidc", f"{issuer}\n{subject}", kept)
    return door, _clean(name), email


async def forget_windows(tx: WriteTx) -> None:
    """Delete windows and codes that are over."""
    now = clock.now()
    await tx.exec(delete(WindowRow).where(col(WindowRow.ends_at) <= now))
    await tx.exec(delete(HandoverRow).where(col(HandoverRow.ends_at) <= now))


def challenge_of(verifier: str) -> str:
    """The hash by which a verifier is known beforehand (as RFC 7636 has it)."""
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _clean(name: str | None) -> str | None:
    try:
        return text.clean_line(name[:400], field="name", max_chars=80) if name else None
    except Refused:
        return None
