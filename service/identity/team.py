"""A site's team: roles given and taken, each on record. The last owner stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select

from service import record, sites
from service.identity.people import mark_of
from service.identity.staff import Account, Role, account_of, folded
from service.identity.tables import AccountRow, PersonRow, RoleRow
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx, changed
from service.kit.errors import Conflict, Invalid, NotFound
from service.record import SYSTEM, Actor

MOST_SECTIONS = 50


class LastOwner(Conflict):
    """A site needs an owner. Make somebody else one first."""

    type = "last-owner"


class MemberUnknown(NotFound):
    """Nobody of that account or address is in this team."""

    type = "member-unknown"


@dataclass(frozen=True)
class Member:
    """Somebody of a team. `sections` is None for the whole site."""

    account: Account
    role: str
    sections: tuple[str, ...] | None
    since: datetime


async def grant(
    tx: WriteTx,
    email: str,
    name: str,
    site_id: int,
    role: Role,
    *,
    sections: Collection[str] | None = None,
    by: Actor = SYSTEM,
) -> Account:
    """Give an address a role at a site (in `sections` only, when given), making its account when there is none.

    Raises Invalid, LastOwner.
    """
    if sections is not None and (role == "owner" or not sections or len(sections) > MOST_SECTIONS):
        raise Invalid(f"name 1 to {MOST_SECTIONS} sections; an owner has the whole site", field="sections")
    account = await _account(tx, email, name)
    given = await _locked(tx, site_id, account.id, but=role)
    before = None if given is None else {"role": given.role, "sections": given.sections}
    limited = sorted(set(sections)) if sections is not None else None
    if given is None:
        tx.add(RoleRow(account_id=account.id, site_id=site_id, role=role, sections=limited, created_at=clock.now()))
    else:
        given.role, given.sections = role, limited
    await tx.flush()
    await _mark(tx, site_id, account.id, role)
    after = {"role": role, "sections": limited}
    if after != before:
        detail = {"before": before, **after}
        words = {"email": account.email}
        await record.append(tx, site_id, by, "role-given", f"account:{account.id}", detail, words=words)
    return account


async def revoke(tx: WriteTx, account_id: int, site_id: int, *, by: Actor = SYSTEM) -> bool:
    """Take all roles at a site from an account; its sessions are worth nothing there from now on. Raises LastOwner.

    False when it had none.
    """
    given = await _locked(tx, site_id, account_id, but=None)
    if given is None:
        return False
    await tx.exec(delete(RoleRow).where(col(RoleRow.account_id) == account_id, col(RoleRow.site_id) == site_id))
    await _mark(tx, site_id, account_id, None)
    detail = {"role": given.role, "sections": given.sections}
    await record.append(tx, site_id, by, "role-taken", f"account:{account_id}", detail)
    return True


async def team(tx: ReadTx, site_id: int) -> list[Member]:
    """Everybody with a role at a site."""
    rows = await tx.exec(
        select(AccountRow, RoleRow)
        .join(RoleRow, col(RoleRow.account_id) == col(AccountRow.id))
        .where(RoleRow.site_id == site_id)
        .order_by(col(AccountRow.email))
    )
    return [_member(account, role) for account, role in rows]


async def member(tx: ReadTx, site_id: int, who: str) -> Member:
    """Somebody of a team by account id or address. Raises MemberUnknown."""
    for known in await team(tx, site_id):
        if who in {str(known.account.id), known.account.email} or folded(who) == known.account.email:
            return known
    raise MemberUnknown


async def set_admin(tx: WriteTx, email: str, name: str, *, is_admin: bool, by: Actor = SYSTEM) -> Account:
    """Let an account run the platform, every site of it, or not any more. Raises Invalid."""
    account = await _account(tx, email, name)
    await tx.exec(update(AccountRow).where(col(AccountRow.id) == account.id).values(is_admin=is_admin))
    act = "admin-made" if is_admin else "admin-ended"
    await record.append(tx, record.PLATFORM, by, act, f"account:{account.id}", words={"email": account.email})
    return account


async def _account(tx: WriteTx, email: str, name: str) -> Account:
    address = folded(email)
    if "@" not in address.strip("@") or len(address) > 254 or any(c.isspace() for c in address):
        raise Invalid("that is not an e-mail address", field="email")
    row = (await tx.exec(select(AccountRow).where(AccountRow.email == address))).first()
    if row is None:
        row = AccountRow(
            id=ids.new_id(), email=address, name=name.strip()[:80] or address.split("@")[0], created_at=clock.now()
        )
        tx.add(row)
        await tx.flush()
    return account_of(row)


async def _locked(tx: WriteTx, site_id: int, account_id: int, *, but: str | None) -> RoleRow | None:
    """The role somebody has; `but` is what it is to become. Raises LastOwner."""
    # All owners are locked, in one order: two of them who take the role from each other at once do it one after the
    # other, and the second finds that there is only one.
    owners = await tx.exec(
        select(RoleRow)
        .where(RoleRow.site_id == site_id, RoleRow.role == "owner")
        .order_by(col(RoleRow.account_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if [row.account_id for row in owners] == [account_id] and but != "owner":
        raise LastOwner
    return await tx.get(RoleRow, (account_id, site_id), with_for_update=True, populate_existing=True)


async def _mark(tx: WriteTx, site_id: int, account_id: int, role: str | None) -> None:
    """What somebody writes here, as this account, shows its role."""
    await tx.exec(
        update(PersonRow)
        .where(col(PersonRow.site_id) == site_id, col(PersonRow.account_id) == account_id)
        .values(mark=mark_of(role))
    )
    changed(tx, sites.tag(site_id))


def _member(account: AccountRow, role: RoleRow) -> Member:
    sections = tuple(role.sections) if role.sections is not None else None
    return Member(account_of(account), role.role, sections, role.created_at)
