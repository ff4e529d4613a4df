"""Accounts of those who moderate and own sites, and what each may do where.

A role is held at one site, perhaps in some of its sections only. Whatever is not said is not allowed: without a
section named, somebody who is limited to sections may nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from sqlmodel import select

from service.identity.tables import AccountRow, RoleRow
from service.kit.db import ReadTx

# Everybody else is a reader: that is no role but the lack of one.
Role = Literal["member", "expert", "moderator", "editor", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)

_RANKS: Mapping[str, int] = {role: rank for rank, role in enumerate(ROLES, 1)}
_MODERATOR, _EDITOR, _OWNER = (_RANKS[role] for role in ("moderator", "editor", "owner"))
_ADMIN = _OWNER + 1


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    id: int
    email: str
    name: str


@dataclass(frozen=True)
class Staff:
    """A signed-in account: its roles by site id, the sections they are limited to, and whether it runs the platform."""

    account: Account
    roles: Mapping[int, str] = field(default_factory=dict)
    sections: Mapping[int, frozenset[str]] = field(default_factory=dict)
    is_admin: bool = False

    def rank_at(self, site_id: int) -> int:
        """How high somebody stands at a site; 0 for readers. Nobody acts upon who stands as high as they do."""
        return _ADMIN if self.is_admin else _RANKS.get(self.roles.get(site_id, ""), 0)

    def sections_at(self, site_id: int) -> frozenset[str] | None:
        """The sections of a site the role is limited to; None for the whole site."""
        return None if self.is_admin else self.sections.get(site_id)

    def may_moderate(self, site_id: int, section: str | None = None) -> bool:
        """Whether they may decide about comments of this section (None: of threads that are in none)."""
        return self.rank_at(site_id) >= _MODERATOR and self._reaches(site_id, section)

    def may_feature(self, site_id: int, section: str | None = None) -> bool:
        """Whether they may feature and pin comments of this section."""
        return self.rank_at(site_id) >= _EDITOR and self._reaches(site_id, section)

    def is_moderator_at(self, site_id: int) -> bool:
        """Whether they moderate at least some of a site; of which part each act then asks `may_moderate`."""
        return self.rank_at(site_id) >= _MODERATOR

    def owns(self, site_id: int) -> bool:
        """Whether they may change settings and team of a site."""
        return self.rank_at(site_id) >= _OWNER

    @property
    def is_moderator(self) -> bool:
        """Whether they moderate anything anywhere."""
        return self.is_admin or any(self.is_moderator_at(site_id) for site_id in self.roles)

    def _reaches(self, site_id: int, section: str | None) -> bool:
        own = self.sections_at(site_id)
        return own is None or section in own


async def account_by_email(tx: ReadTx, email: str) -> Account | None:
    """The account of an address, or None."""
    row = (await tx.exec(select(AccountRow).where(AccountRow.email == folded(email)))).first()
    return account_of(row) if row else None


async def staff_of(tx: ReadTx, account_id: int) -> Staff | None:
    """An account with its roles as they are now."""
    row = await tx.get(AccountRow, account_id)
    if row is None:
        return None
    found = (await tx.exec(select(RoleRow).where(RoleRow.account_id == account_id))).all()
    limits = {role.site_id: frozenset(role.sections) for role in found if role.sections is not None}
    return Staff(account_of(row), {role.site_id: role.role for role in found}, limits, row.is_admin)


def folded(email: str) -> str:
    """An address in its one spelling."""
    return email.strip().lower()


def account_of(row: AccountRow) -> Account:
    """The account a row holds."""
    return Account(row.id, row.email, row.name)
