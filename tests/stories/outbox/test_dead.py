"""What failed until it was given up is seen, and handed on again when the fault is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from service import outbox
from service.kit import clock
from service.kit.db import WriteTx
from service.outbox import Fact, Relay
from tests.world import World


@dataclass(frozen=True)
class GullSeen(Fact):
    """A gull was seen."""

    gull: int


async def test_given_up_seen_and_handed_on_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    is_mended = False

    async def tell(fact: GullSeen) -> None:
        if not is_mended:
            raise RuntimeError("nobody listens")
        told.append(fact.gull)

    relay = Relay(world.parts.db)
    relay.follow({GullSeen: [tell]})
    admin, owner = await world.admin(f"root@{world.site.name}.test"), await world.staff("owner")
    await world.settle()

    async def seen(tx: WriteTx) -> None:
        await outbox.add(tx, GullSeen(7))

    await world.parts.db.transact(seen)
    now = clock.now()
    with monkeypatch.context() as moved:
        for hours in range(13):
            later = now + timedelta(hours=2 * hours)
            moved.setattr(clock, "now", lambda later=later: later)
            await relay.drain()
    found = (await admin.get("/api/v1/outbox")).json()
    (dead,) = [fact for fact in found["items"] if fact["kind"] == "GullSeen"]
    assert (dead["payload"], dead["attempts"], found["dead"] >= 1) == ({"gull": 7}, 12, True)
    assert "nobody listens" in dead["last_error"]
    assert (await owner.get("/api/v1/outbox")).status_code == 403, "facts are of all sites"
    is_mended = True
    await relay.drain()
    assert told == [], "it is not tried again by itself"
    answer = await admin.post("/api/v1/outbox/retry", json={"facts": [dead["id"]]})
    assert answer.json() == {"count": 1}, answer.text
    await relay.drain()
    assert told == [7]
    assert (await admin.post("/api/v1/outbox/retry", json={"facts": [dead["id"]]})).json() == {"count": 0}
