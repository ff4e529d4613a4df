"""Everything held of somebody's account, for themselves: ways in and sessions, and nothing that opens anything."""

from __future__ import annotations

from typing import Any

from service import sites
from service.identity import Person
from service.kit.db import ReadTx
from service.kit.seal import Keeper
from service.readers import devices, sessions, ways
from service.readers.accounts import reader_of


async def held(tx: ReadTx, keeper: Keeper, person: Person) -> dict[str, Any] | None:
    """The account of a person, as JSON has it with times as they are; None for who has none."""
    reader = reader_of(person)
    if reader is None:
        return None
    return {
        "ways": [
            {"kind": each.kind, "called": each.called, "added_at": each.created_at, "used_at": each.used_at}
            for each in await ways.of_account(tx, keeper, reader)
        ],
        "sessions": [await _session(tx, keeper, each) for each in await sessions.of_reader(tx, reader)],
    }


async def _session(tx: ReadTx, keeper: Keeper, each: sessions.Session) -> dict[str, Any]:
    browser, network = devices.opened(keeper, each.kept)
    return {
        "site": (await sites.by_id(tx, each.site_id)).title,
        "browser": browser,
        "network": network,
        "way": each.way,
        "created_at": each.created_at,
        "ends_at": each.ends_at,
    }
