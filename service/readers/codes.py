"""Signing in with a code by mail: whoever reads an address's mail is who it belongs to.

Every address is answered alike and in the same time: a code is made, kept and mailed whether there is an account or
not, and the account is made when the code comes back. A code works once, for ten minutes, in the browser that asked (it
alone knows the `ask`), and five wrong ones end it: of 10^8 codes nobody guesses one.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, update
from sqlmodel import col

from service import outbox
from service.identity import Person
from service.kit import clock, text
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden
from service.kit.said import N_
from service.kit.seal import Keeper, is_same, new_token, token_hash
from service.pages.language import language
from service.readers.accounts import member_at, reader_by
from service.readers.events import CodeAsked
from service.readers.rules import ReaderRules
from service.readers.sessions import begin
from service.readers.tables import CodeRow
from service.sites import Site

CODE_LIFE = timedelta(minutes=10)
MOST_TRIES = 5
Purpose = Literal["sign-in", "prove", "add"]
_PURPOSE = "reader-code"
_SUBJECT = N_("Your code for %(site)s: %(code)s")
_TEXT = N_(
    "Your code is %(code)s. It works once, within %(minutes)s minutes, in the page you asked for it from."
    " If you did not ask for it, do nothing."
)
_TEXT_ADD = N_(
    "Your code is %(code)s. Whoever types it in makes this address a way into their account. If you did not ask for it,"
    " tell it to nobody."
)


class CodeWrong(Forbidden):
    """This code is not right, or not valid any more. Look at the newest mail, or ask for another code."""

    type = "code-wrong"


class ReadersRefused(Forbidden):
    """At this site one does not sign in with an address."""

    type = "readers-refused"


@dataclass(frozen=True)
class Entered:
    """A reader as a site knows them, and their session there."""

    member: Person
    session: str
    ends_at: datetime


async def ask_code(
    tx: WriteTx, keeper: Keeper, site: Site, email: str, tag: str, purpose: Purpose = "sign-in"
) -> str:  # fmt: skip
    """Note that a code was asked for; the worker mails it. Comes back with what the code has to come with.

    It is good for nothing but its `purpose`.
    """
    ask, now = new_token(), clock.now()
    sealed = keeper.seal(_PURPOSE, json.dumps({"email": email, "code": f"{secrets.randbelow(10**8):08}"}))
    tx.add(
        CodeRow(
            ask_hash=token_hash(ask),
            site_id=site.id,
            sealed=sealed,
            language=tag[:20],
            purpose=purpose,
            created_at=now,
            ends_at=now + CODE_LIFE,
        )
    )
    await tx.flush()
    await outbox.add(tx, CodeAsked(ask=token_hash(ask)))
    return ask


async def letter_for(tx: ReadTx, keeper: Keeper, ask: str, titles: dict[int, str]) -> tuple[str, str, str] | None:
    """(to, subject, text) of the mail with a code; None when it is over. `titles` are those of the sites by id."""
    row = await tx.get(CodeRow, ask)
    opened = keeper.unseal(_PURPOSE, row.sealed) if row is not None and row.ends_at > clock.now() else None
    if row is None or opened is None:
        return None
    known, spoken = json.loads(opened), language(row.language)
    code = f"{known['code'][:4]} {known['code'][4:]}"
    subject = spoken.text(_SUBJECT, site=titles[row.site_id], code=code)
    minutes = str(int(CODE_LIFE.total_seconds() // 60))
    said = _TEXT_ADD if row.purpose == "add" else _TEXT
    return known["email"], subject, spoken.text(said, code=code, minutes=minutes) + "\n"


async def enter(
    tx: WriteTx, keeper: Keeper, site: Site, ask: str, code: str, name: str | None, seen: str | None = None
) -> Entered | None:
    """Sign in with a code; None for a wrong one, which counts as a try. Raises ReaderNameNeeded, Invalid.

    The first time at a site somebody says what they are called there; afterwards a name replaces the one before.
    `seen` is what the session can be recognised by.
    """
    called = text.clean_line(name, field="name", max_chars=80) if name and name.strip() else None
    email = await _tried(tx, keeper, site, ask, code, "sign-in")
    if email is None:
        return None
    door = await reader_by(tx, keeper, "email", email.strip().lower(), email)
    member = await member_at(tx, keeper, site, door.reader_id, called=called, otherwise=None, email=email)
    if member is None:
        return None
    await _used(tx, ask)
    life = timedelta(days=site.section("readers", ReaderRules).session_days)
    session, ends_at = await begin(tx, door, member, life, seen)
    return Entered(member, session, ends_at)


async def read_mail(
    tx: WriteTx, keeper: Keeper, site: Site, ask: str, code: str, purpose: Literal["prove", "add"]
) -> str | None:
    """The address whose mail somebody has read, by the code in it; None for a wrong one, which counts as a try."""
    email = await _tried(tx, keeper, site, ask, code, purpose)
    if email is not None:
        await _used(tx, ask)
    return email


async def forget_codes(tx: WriteTx) -> None:
    """Delete codes that are over, with the addresses they went to."""
    await tx.exec(delete(CodeRow).where(col(CodeRow.ends_at) <= clock.now()))


async def _used(tx: WriteTx, ask: str) -> None:
    await tx.exec(delete(CodeRow).where(col(CodeRow.ask_hash) == token_hash(ask)))


async def _tried(tx: WriteTx, keeper: Keeper, site: Site, ask: str, code: str, purpose: Purpose) -> str | None:
    """The address a code went to, if it is right. A try is counted before it is looked at."""
    counted = await tx.exec(
        update(CodeRow)
        .where(
            col(CodeRow.ask_hash) == token_hash(ask),
            col(CodeRow.site_id) == site.id,
            col(CodeRow.purpose) == purpose,
            col(CodeRow.tries) < MOST_TRIES,
            col(CodeRow.ends_at) > clock.now(),
        )
        .values(tries=col(CodeRow.tries) + 1)
        .returning(col(CodeRow.sealed))
    )
    sealed = counted.scalar_one_or_none()
    opened = keeper.unseal(_PURPOSE, sealed) if sealed is not None else None
    if opened is None:
        return None
    known: dict[str, str] = json.loads(opened)
    given = "".join(code.split())
    return known["email"] if is_same(known["code"], given) else None
