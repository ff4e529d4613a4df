"""Whether somebody may act here now: asked by every way in, in the act's own transaction."""

from __future__ import annotations

from service import comments, identity, sanctions
from service.identity import Visitor
from service.kit.db import WriteTx
from service.kit.seal import Keeper
from service.sanctions import FREE, Standing
from service.sites import Site


async def standing(tx: WriteTx, keeper: Keeper, site: Site, who: Visitor, email: str | None = None) -> Standing:
    """What is in force against a visitor. Raises Banned, Suspended. The site's own staff is above it."""
    if who.staff is not None and who.staff.is_moderator_at(site.id):
        return FREE
    found = await sanctions.standing_of(tx, keeper, site.id, person=who.person, address=who.address, email=email)
    found.refuse()
    return found


async def take_turn(tx: WriteTx, keeper: Keeper, site: Site, who: Visitor, found: Standing) -> None:
    """Let somebody in slow mode write, when it is time. Raises SlowMode."""
    slow = found.find("slow")
    if slow is None:
        return
    await sanctions.lock_turns(tx, found)
    by_address = slow.target_type == "address"
    pseudonyms = await identity.address_pseudonyms(tx, keeper, site.id, who.address) if by_address else []
    person = who.person.id if who.person is not None else None
    found.take_turn(await comments.last_written(tx, site.id, person_id=person, addresses=pseudonyms))
