"""Accounts of those who moderate and own sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from sqlalchemy import delete
from sqlmodel import col, select

from service.identity.tables import AccountRow, RoleRow
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Invalid

Role = Literal["moderator", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    id: int
    email: str
    name: str


@dataclass(frozen=True)
class Staff:
    """A signed-in account and its roles by site id."""

    account: Account
    roles: Mapping[int, str] = field(default_factory=dict)

    def may_moderate(self, site_id: int) -> bool:
        """Any role at a site lets one moderate there."""
        return site_id in self.roles

    def owns(self, site_id: int) -> bool:
        """True for the owners of a site."""
        return self.roles.get(site_id) == "owner"


async def account_by_email(tx: ReadTx, email: str) -> Account | None:
    """The account of an address, or None."""
    row = (await tx.exec(select(AccountRow).where(AccountRow.email == _folded(email)))).first()
    return _account(row) if row else None


async def staff_of(tx: ReadTx, account_id: int) -> Staff | None:
    """An account with its roles as they are now."""
    row = await tx.get(AccountRow, account_id)
    if row is None:
        return None
    roles = await tx.exec(select(RoleRow.site_id, RoleRow.role).where(RoleRow.account_id == account_id))
    return Staff(_account(row), dict(roles.all()))


async def grant(tx: WriteTx, email: str, name: str, site_id: int, role: Role) -> Account:
    """Give an address a role at a site, making its account when there is none. Raises Invalid."""
    address = _folded(email)
    if "@" not in address.strip("@") or len(address) > 254 or any(c.isspace() for c in address):
        raise Invalid("that is not an e-mail address", field="email")
    row = (await tx.exec(select(AccountRow).where(AccountRow.email == address))).first()
    if row is None:
        row = AccountRow(
            id=ids.new_id(), email=address, name=name.strip()[:80] or address.split("@")[0], created_at=clock.now()
        )
        tx.add(row)
        await tx.flush()
    given = await tx.get(RoleRow, (row.id, site_id))
    if given is None:
        tx.add(RoleRow(account_id=row.id, site_id=site_id, role=role, created_at=clock.now()))
    else:
        given.role = role
    await tx.flush()
    return _account(row)


async def revoke(tx: WriteTx, account_id: int, site_id: int) -> None:
    """Take all roles at a site from an account; its sessions are worth nothing there from now on."""
    await tx.exec(delete(RoleRow).where(col(RoleRow.account_id) == account_id, col(RoleRow.site_id) == site_id))


async def team(tx: ReadTx, site_id: int) -> list[tuple[Account, str]]:
    """Everybody with a role at a site."""
    rows = await tx.exec(
        select(AccountRow, RoleRow.role)
        .join(RoleRow, col(RoleRow.account_id) == col(AccountRow.id))
        .where(RoleRow.site_id == site_id)
        .order_by(col(AccountRow.email))
    )
    return [(_account(row), role) for row, role in rows]


def _folded(email: str) -> str:
    return email.strip().lower()


def _account(row: AccountRow) -> Account:
    return Account(row.id, row.email, row.name)
