"""A moderator's bad day: a raid comes in faster than three people decide, one of them leaves in the middle.

Small here, so that it runs with every change; at full size it is measured (benchmarks/claims/).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from httpx import AsyncClient

from service import comments, identity, moderation
from service.moderation import bulk_work
from service.moderation.index import lane
from tests.world import World

RAID = 80
AT_ONCE = 8
WORDS = {
    "screening": {"suspect_words": ["gold"], "hold_first_comments": False},
    "moderation": {"claim_cap": 10},
}


class Desk:
    """Three moderators and the raid, over HTTP."""

    def __init__(self, world: World, team: dict[str, AsyncClient]) -> None:
        self.world, self.team = world, team
        self.raid: list[str] = []
        self.made: Counter[str] = Counter()
        self.refused: list[str] = []

    async def floods(self) -> None:
        """The raid: many addresses at once, each comment its writer's first."""

        async def writes(numbers: range) -> None:
            for number in numbers:
                posted = await self.world.guest(f"Raider {number}").post(
                    f"Cheap gold, offer {number}", expect=202, page=f"article-{number % 7}"
                )
                self.raid.append(posted["comment"]["id"])

        await asyncio.gather(*(writes(range(start, RAID, AT_ONCE)) for start in range(AT_ONCE)))

    async def takes(self, name: str, limit: int = 5) -> list[dict[str, Any]]:
        asked = {"site": self.world.site.name, "limit": limit}
        answer = await self.team[name].post("/api/v1/moderation/claims", json=asked)
        assert answer.status_code == 201, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def decides(self, name: str, hand: list[dict[str, Any]], action: str = "spam") -> None:
        items = [_item(one) for one in hand]
        answer = await self.team[name].post("/api/v1/moderation/decisions", json={"items": items, "action": action})
        for outcome in answer.json()["items"]:
            if outcome["decision"]:
                self.made[outcome["comment"]] += 1
            else:
                self.refused.append(outcome["problem"]["type"])

    async def works(self, name: str, hands: int) -> None:
        """Claim some, decide them, again; until so many hands were full of cases."""
        while hands:
            await self.world.settle()
            if hand := await self.takes(name):
                await self.decides(name, hand)
                hands -= 1


def _item(one: dict[str, Any]) -> dict[str, Any]:
    """As the console asks: by claim, and by version while a slow Redis keeps claims from being exclusive."""
    comment = one["case"]["comment"]
    seen = {"claim": one["claim"]} if one["claim"] else {"version": comment["version"]}
    return {"comment": comment["id"], **seen}


async def test_a_raid_three_moderators_and_one_who_leaves_in_the_middle(world: World) -> None:
    world = await world.another(WORDS)
    honest = (await world.guest("Bob").post("I like trams."))["comment"]["id"]
    team = {name: await world.staff("moderator", f"{name}@{world.site.name}.test") for name in ("ada", "ben", "cleo")}
    owner, desk = await world.staff("owner"), Desk(world, team)

    await asyncio.gather(desk.floods(), *(desk.works(name, 3) for name in team))
    assert desk.made
    assert set(desk.refused) <= {"/errors#decided-meanwhile"}

    # Cleo is thrown off the team with cases in hand; they are nobody's for no longer than that takes.
    await world.settle()
    held = await desk.takes("cleo")
    assert len(held) == 5
    taken = await owner.delete(f"/api/v1/sites/{world.site.name}/team/cleo@{world.site.name}.test")
    assert taken.status_code == 204
    late = await team["cleo"].post(
        "/api/v1/moderation/decisions",
        json={"items": [_item(held[0])], "action": "spam"},
    )
    assert late.status_code == 403
    theirs = {one["case"]["id"] for one in await desk.takes("ada", 10)}
    assert {one["case"]["id"] for one in held} <= theirs
    # Ada goes home without a word: her browser gives back what she holds.
    assert (await team["ada"].post("/api/v1/moderation/claims/release")).json()["released"] == 10

    # Ben clears the rest at once, and what he decides meanwhile by hand is left alone.
    found = await team["ben"].post(
        "/api/v1/moderation/bulk/preview", json={"site": world.site.name, "filter": {"word": "gold", "state": "held"}}
    )
    preview = found.json()
    assert preview["count"] == RAID - len(desk.made)
    await desk.decides("ben", await desk.takes("ben"), "reject")
    job = await team["ben"].post("/api/v1/moderation/bulk", json={"token": preview["token"], "action": "spam"})
    await bulk_work.work(world.parts.db, world.parts.queue, only=int(job.json()["id"]))
    await world.settle()
    told = (await team["ben"].get(f"/api/v1/moderation/bulk/{job.json()['id']}")).json()
    assert (told["state"], told["done"], told["skipped"]) == ("done", preview["count"] - 5, {"decided-meanwhile": 5})

    await _is_all_decided_once(world, desk)
    states = await world.parts.db.read(comments.get_many, [int(honest), *map(int, desk.raid)], comments.STAFF)
    assert Counter(found.state for found in states.values()) == {"published": 1, "rejected": 5, "spam": RAID - 5}


async def _is_all_decided_once(world: World, desk: Desk) -> None:
    staff = identity.Staff(identity.Account(1, "", ""), {world.site.id: "owner"})
    decided = await world.parts.db.read(moderation.entries, staff, world.site.id, limit=1_000)
    assert Counter(entry.comment_id for entry in decided) == dict.fromkeys(map(int, desk.raid), 1)
    # The counts of every queue, in Redis and in SQL.
    (counted,) = (await desk.team["ben"].get("/api/v1/moderation/counts")).json()["items"]
    for queue in counted["queues"]:
        assert (queue["open"], queue["held"]) == (0, 0), queue
        assert await world.parts.queue.waiting(world.site.id, lane(queue["id"])) == 0
