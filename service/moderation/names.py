"""The names of those who hold and decide, for people to read."""

from __future__ import annotations

from collections.abc import Iterable

from service import identity
from service.kit.db import ReadTx


async def names(tx: ReadTx, site_id: int, account_ids: Iterable[int]) -> dict[int, str]:
    """Account ids to names; those who have left the site's team keep theirs."""
    wanted = set(account_ids)
    if not wanted:
        return {}
    found = {m.account.id: m.account.name for m in await identity.team(tx, site_id) if m.account.id in wanted}
    for gone in sorted(wanted - found.keys()):
        if (staff := await identity.staff_of(tx, gone)) is not None:
            found[gone] = staff.account.name
    return found
