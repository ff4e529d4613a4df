"""The erased stay erased: what a backup or an import brings back of them is erased again, before anybody sees it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from service import identity, sites
from service.kit.db import Database
from service.kit.errors import Conflict
from service.kit.seal import Keeper
from service.privacy import kept
from service.privacy.erasing import Eraser
from service.privacy.erasures import begin_again

_BATCH = 1_000


class ListUnreadable(Conflict):
    """The list of the erased was written with another secret, so it cannot be told who must stay erased.

    Put the old secret in place, or move the list away to go on without it: then whoever was erased since this backup
    was made is here again.
    """

    type = "erased-list-unreadable"


def check_list(keeper: Keeper, path: Path) -> None:
    """Look whether the list can be used, before anything is brought back. Raises ListUnreadable, ListDamaged."""
    if path.exists() and not kept.read(path, keeper)[0]:
        raise ListUnreadable


async def erase_again(db: Database, keeper: Keeper, path: Path) -> int:
    """Erase everybody who is on the list, in the database or in the file beside it; how many were here again.

    Raises ListUnreadable, ListDamaged, OSError.
    """
    if await asyncio.to_thread(path.exists):
        is_ours, listed = await asyncio.to_thread(kept.read, path, keeper)
        if not is_ours:
            raise ListUnreadable
        here = {site.id for site in await db.read(sites.all_sites)}
        await db.transact(identity.enter_all, [each for each in listed if each.site_id in here])
    found, after = 0, 0
    on_list = {(each.site_id, each.pseudonym) for each in await db.read(identity.listed)}
    while on_list and (some := await db.read(identity.everybody, after, _BATCH)):
        after = some[-1][1]
        # By id alone: whoever comes again by themselves, or is known to the site, is somebody new.
        again = [who for who in some if (who[0], identity.pseudonym_of(keeper, *who)) in on_list]
        for site_id, person_id in again:
            await db.transact(begin_again, site_id, person_id)
            found += 1
    await Eraser(db, keeper, path).work()
    return found
