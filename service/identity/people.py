"""The people of a site, and the capability by which a guest or a member is recognised.

A guest's capability is `<person id>.<signature>`: whoever holds it is that guest at that one site. It is handed out
with the answer to the first act and made again from the row, never stored, so a stolen database holds none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlmodel import col
from sqlmodel import select as select_rows

from service.identity.tables import PersonRow
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.merging import adds
from service.kit.seal import Keeper

MARKS = ("expert", "moderator", "editor", "owner")
OF_SITE = "sso:"
_PEOPLE = PersonRow.metadata.tables[str(PersonRow.__tablename__)]

# What every page and every post asks, put together once.
_BY_IDS = select(_PEOPLE).where(_PEOPLE.c.id.in_(bindparam("people", expanding=True)))
_MAKE = insert(_PEOPLE)
_COUNT = adds(
    update(_PEOPLE)
    .where(_PEOPLE.c.id == bindparam("person"))
    .values(published_count=_PEOPLE.c.published_count + bindparam("change")),
    key="person",
    sums=("change",),
)


@dataclass(frozen=True)
class Person:
    """Somebody at one site."""

    id: int
    site_id: int
    kind: str
    name: str
    published_count: int
    created_at: datetime
    account_id: int | None = None
    mark: str | None = None
    origin: str | None = None
    avatar_url: str | None = None
    profile_url: str | None = None
    signed_out_at: datetime | None = None

    @property
    def is_member(self) -> bool:
        """True for who signed in; a guest is whoever asked for a capability."""
        return self.kind == "member" or self.account_id is not None

    @property
    def is_of_site(self) -> bool:
        """True for who is signed in with an account of the site's own."""
        return self.kind == "member" and self.origin is not None and self.origin.startswith(OF_SITE)


def capability(keeper: Keeper, person: Person) -> str:
    """The bearer token of a guest."""
    return f"{person.id}.{keeper.sign('guest', f'{person.site_id}.{person.id}')}"


async def person_of_capability(
    tx: ReadTx, keeper: Keeper, site_id: int, token: str, ended_keys: Collection[int] = ()
) -> Person | None:
    """Who holds this capability at this site; None when it is forged, foreign, over, or its person is gone.

    Sessions that a key of `ended_keys` gave are over.
    """
    if token.startswith("m."):
        return await _member(tx, keeper, site_id, token, ended_keys)
    number, _, signature = token.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 20):
        return None
    if not keeper.is_signed("guest", f"{site_id}.{number}", signature):
        return None
    found = await person(tx, int(number))
    return found if found and found.site_id == site_id and found.kind == "guest" else None


def member_capability(keeper: Keeper, member: Person, life: timedelta, key: int) -> tuple[str, datetime]:
    """The bearer token of a member, and when it ends: `m.<person>.<made>.<ends>.<key>.<signature>`, in milliseconds.

    `key` is the site's key that vouched for them. It is stored nowhere. It ends by itself, and before that when its
    member signs out or the key is revoked with its sessions.
    """
    now = clock.now()
    made, ends = _milliseconds(now), _milliseconds(now + life)
    signature = keeper.sign("member", f"{member.site_id}.{member.id}.{made}.{ends}.{key}")
    return f"m.{member.id}.{made}.{ends}.{key}.{signature}", now + life


async def _member(
    tx: ReadTx, keeper: Keeper, site_id: int, token: str, ended_keys: Collection[int]
) -> Person | None:  # fmt: skip
    said, _, signature = token.removeprefix("m.").rpartition(".")
    numbers = said.split(".")
    # Three were all there was before keys were named; they last a day at most.
    if len(numbers) not in {3, 4} or not all(each.isascii() and each.isdigit() and len(each) < 20 for each in numbers):
        return None
    if not keeper.is_signed("member", f"{site_id}.{said}", signature):
        return None
    number, made, ends = map(int, numbers[:3])
    key = int(numbers[3]) if len(numbers) == 4 else None
    if ends <= _milliseconds(clock.now()) or (ended_keys and (key is None or key in ended_keys)):
        return None
    found = await person(tx, number)
    if found is None or found.site_id != site_id or found.kind != "member":
        return None
    is_over = found.signed_out_at is not None and made <= _milliseconds(found.signed_out_at)
    return None if is_over else found


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000)


async def person(tx: ReadTx, person_id: int) -> Person | None:
    """One person, or None."""
    return (await people(tx, [person_id])).get(person_id)


async def people(tx: ReadTx, person_ids: Sequence[int]) -> dict[int, Person]:
    """People by id, in one statement."""
    if not person_ids:
        return {}
    return {row.id: _person(row) for row in await tx.run(_BY_IDS, {"people": sorted(set(person_ids))})}


async def make_guest(tx: WriteTx, keeper: Keeper, site_id: int, name: str, email: str | None = None) -> Person:
    """A new guest; the e-mail address is sealed and shown to nobody. `name` is empty for who only votes."""
    made = stranger(site_id, name)
    await add_guest(tx, keeper, made, email)
    return made


def stranger(site_id: int, name: str) -> Person:
    """Somebody new, of whom nothing is written down yet."""
    return Person(ids.new_id(), site_id, "guest", name, published_count=0, created_at=clock.now())


async def add_guest(tx: WriteTx, keeper: Keeper, guest: Person, email: str | None, *, published: int = 0) -> None:
    """Write a stranger down, with so many `published` comments; see make_guest."""
    row = {field: getattr(guest, field) for field in ("id", "site_id", "kind", "name", "created_at")}
    sealed = keeper.seal("email", email) if email else None
    await tx.run(_MAKE, row | {"published_count": published, "email_sealed": sealed})


async def rename(tx: WriteTx, keeper: Keeper, person_id: int, name: str, email: str | None) -> None:
    """Set the name (and e-mail, when given) a guest signs with from now on."""
    values: dict[str, object] = {"name": name}
    if email:
        values["email_sealed"] = keeper.seal("email", email)
    await tx.exec(update(PersonRow).where(col(PersonRow.id) == person_id).values(**values))


async def count_published(tx: WriteTx, person_id: int, change: int) -> None:
    """Add to the number of a person's published comments."""
    await tx.run(_COUNT, {"person": person_id, "change": change})


async def email_domain(tx: ReadTx, keeper: Keeper, person_id: int) -> str | None:
    """The host of the address somebody gave, or None."""
    row = await tx.get(PersonRow, person_id)
    email = keeper.unseal("email", row.email_sealed) if row and row.email_sealed else None
    return domain_of(email)


def domain_of(email: str | None) -> str | None:
    """The host of an e-mail address, in small letters; None for what has none."""
    _, at, host = (email or "").strip().lower().rpartition("@")
    return host if at and host else None


async def set_mark(tx: WriteTx, person_id: int, mark: str | None) -> None:
    """Mark what somebody writes as an expert's, or no more."""
    await tx.exec(update(PersonRow).where(col(PersonRow.id) == person_id).values(mark=mark))


async def person_of_account(tx: ReadTx, site_id: int, account_id: int) -> Person | None:
    """Whom somebody of a team writes as at a site; None for who has not written there."""
    query = select_rows(PersonRow.id).where(PersonRow.site_id == site_id, PersonRow.account_id == account_id)
    found = (await tx.exec(query.limit(1))).first()
    return await person(tx, found) if found is not None else None


async def link_account(tx: WriteTx, person: Person, account_id: int, role: str) -> Person:
    """Note that a person is this account, unless another one at the site is: so that nobody is shut out unawares.

    From then on what they write shows the role they have. Gives back the person as they are now.
    """
    known = select_rows(PersonRow.id).where(PersonRow.site_id == person.site_id, PersonRow.account_id == account_id)
    if person.account_id is not None or (await tx.exec(known)).first() is not None:
        return person
    now = replace(person, account_id=account_id, mark=mark_of(role) or person.mark)
    values = {"account_id": now.account_id, "mark": now.mark}
    await tx.exec(update(PersonRow).where(col(PersonRow.id) == person.id).values(**values))
    return now


def mark_of(role: str | None) -> str | None:
    """What comments show of a role: nothing of a member's."""
    return role if role in MARKS else None


def _person(row: Row[Any]) -> Person:
    return Person(
        row.id,
        row.site_id,
        row.kind,
        row.name,
        row.published_count,
        row.created_at,
        row.account_id,
        row.mark,
        row.origin,
        row.avatar_url,
        row.profile_url,
        row.signed_out_at,
    )
