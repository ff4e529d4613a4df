"""Members: people whose name somebody else vouches for, the site itself or a way in of Parley's.

A member is (site, origin), such as `sso:4711`. Nobody is known by an e-mail address, and nothing merges because two
addresses are equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, select

from service.identity.people import Person, people
from service.identity.tables import PersonRow
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.seal import Keeper


@dataclass(frozen=True)
class Profile:
    """What is known of a member, as it is today."""

    name: str
    email: str | None = None
    avatar_url: str | None = None
    profile_url: str | None = None
    is_expert: bool = False


async def member_of(tx: ReadTx, site_id: int, origin: str) -> Person | None:
    """The member of this origin at a site, or None."""
    found = await tx.exec(select(PersonRow.id).where(PersonRow.site_id == site_id, PersonRow.origin == origin))
    number = found.first()
    member = (await people(tx, [number])).get(number) if number is not None else None
    return member if member is not None and member.kind == "member" else None


async def current(tx: ReadTx, keeper: Keeper, site_id: int, origin: str, profile: Profile) -> Person | None:
    """The member of this origin, if they are known as the profile has them: then there is nothing to write."""
    row = (await tx.exec(select(PersonRow).where(PersonRow.site_id == site_id, PersonRow.origin == origin))).first()
    if row is None or row.kind != "member" or _changes(keeper, row, profile):
        return None
    return (await people(tx, [row.id]))[row.id]


async def sign_in(tx: WriteTx, keeper: Keeper, site_id: int, origin: str, profile: Profile) -> Person | None:
    """The member of this origin as the profile has them today, made if there was none.

    None where the origin is of somebody who is no member: nobody is signed in as what an import brought.
    """
    row = (await tx.exec(select(PersonRow).where(PersonRow.site_id == site_id, PersonRow.origin == origin))).first()
    if row is None:
        row = PersonRow(id=ids.new_id(), site_id=site_id, kind="member", name="", origin=origin, created_at=clock.now())
        tx.add(row)
    if row.kind != "member":
        return None
    for name, value in _changes(keeper, row, profile).items():
        setattr(row, name, value)
    await tx.flush()
    return (await people(tx, [row.id]))[row.id]


async def sign_out(tx: WriteTx, person_id: int) -> None:
    """End every session of a member: what was handed out until now is worth nothing any more."""
    ended = update(PersonRow).where(col(PersonRow.id) == person_id, col(PersonRow.kind) == "member")
    await tx.exec(ended.values(signed_out_at=clock.now()))


async def members_of(tx: ReadTx, origin: str) -> dict[int, int]:
    """The members of this origin at all sites: their ids by site."""
    rows = await tx.exec(select(PersonRow.site_id, PersonRow.id).where(PersonRow.origin == origin))
    return dict(rows.all())


async def members_from(tx: ReadTx, site_id: int, way: str, limit: int) -> list[int]:
    """Some members of a site whose origin begins with `way`, such as `reader:`."""
    mine = (PersonRow.site_id == site_id, col(PersonRow.origin).startswith(way, autoescape=True))
    return list(await tx.exec(select(PersonRow.id).where(*mine).limit(limit)))


async def hand_on(tx: WriteTx, origin: str, becomes: str) -> None:
    """Who was a member by one origin is so by another from now on. At no site may there be one of each."""
    await tx.exec(update(PersonRow).where(col(PersonRow.origin) == origin).values(origin=becomes))


def _changes(keeper: Keeper, row: PersonRow, profile: Profile) -> dict[str, object]:
    """What is to be written of a profile. The mark of an expert comes and goes with it, unless a role here gives it."""
    wanted = {"name": profile.name, "avatar_url": profile.avatar_url, "profile_url": profile.profile_url}
    if row.account_id is None:
        wanted["mark"] = "expert" if profile.is_expert else None
    changes: dict[str, object] = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    known = keeper.unseal("email", row.email_sealed) if row.email_sealed else None
    if profile.email is not None and profile.email != known:
        changes["email_sealed"] = keeper.seal("email", profile.email)
    return changes
