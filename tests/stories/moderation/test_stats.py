"""The figures are those of what happened."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from service.kit import clock
from service.kit.db import WriteTx
from service.moderation import bulk_work
from tests.world import World

HELD = {"screening": {"pre_moderate": True}, "moderation": {"second_look_percent": 100, "claim_cap": 200}}


async def decided(world: World, staff: Any, comment: str, action: str, reason: str = "") -> None:
    body = {"items": [{"comment": comment, "version": 1}], "action": action, "reason": reason}
    answer = await staff.post("/api/v1/moderation/decisions", json=body)
    assert answer.json()["items"][0]["decision"], answer.text
    await world.settle()


async def figures(staff: Any, world: World, **params: str) -> dict[str, Any]:
    answer = await staff.get("/api/v1/moderation/stats", params={"site": world.site.name, **params})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_the_figures_are_those_of_what_happened(world: World) -> None:
    site = await world.another(HELD)
    # At noon: all of it is one day's.
    with clock.frozen(clock.now().replace(hour=12) + timedelta(days=1)) as hands:
        ada = await site.staff("moderator", f"ada@{site.site.name}.test")
        grace = await site.staff("moderator", f"grace@{site.site.name}.test")
        today = clock.now().date()
        ids = [(await site.guest().post(f"Comment {i}", expect=202))["comment"]["id"] for i in range(10)]
        await site.settle()
        for number, comment in enumerate(ids):
            hands.advance(timedelta(seconds=100))
            await decided(site, ada, comment, "reject" if number < 4 else "approve")
        # Grace looks at five of them again and would have let one more stay.
        claims = (
            await grace.post(
                "/api/v1/moderation/claims", json={"site": site.site.name, "queue": "sampled", "limit": 50}
            )
        ).json()["items"]
        assert len(claims) == 10
        for item in claims:
            action = "approve" if item["case"]["comment"]["id"] in ids[3:] else "spam"
            body = {"items": [{"comment": item["case"]["comment"]["id"], "claim": item["claim"]}], "action": action}
            await grace.post("/api/v1/moderation/decisions", json=body)
        told = await figures(ada, site, to=str(today))

    (day,) = [one for one in told["days"] if one["comments"]]
    assert day["day"] == str(today)
    assert (day["comments"], day["approvals"], day["rejections"]) == (10, 6, 4)
    assert (day["cases"]["held"], day["cases"]["sampled"]) == (10, 10)
    assert len(told["days"]) == 28
    (queue,) = told["queues"]
    assert (queue["key"], queue["decisions"]) == ("held", 10)
    assert abs(queue["median_seconds"] - 500) <= 50
    assert abs(queue["p90_seconds"] - 900) <= 90
    assert [(one["name"], one["decisions"]) for one in told["moderators"]] == [("Moderator", 10)]
    assert (told["agreement"]["looked_at"], told["agreement"]["share"]) == (10, 0.9)
    # 6 and 6 of both, 3 restricted by both, one by the first only.
    assert abs(told["agreement"]["kappa"] - (0.9 - 0.54) / (1 - 0.54)) < 1e-9
    assert [one["looked_at"] for one in told["agreement_by_moderator"]] == [10]


async def test_bulk_decisions_count_and_do_not_spoil_the_times(world: World) -> None:
    site = await world.another({"screening": {"pre_moderate": True}})
    moderator = await site.staff()
    for i in range(3):
        await site.guest().post(f"Gold {i}", expect=202)
    found = await moderator.post(
        "/api/v1/moderation/bulk/preview", json={"site": site.site.name, "filter": {"word": "gold"}}
    )
    job = await moderator.post("/api/v1/moderation/bulk", json={"token": found.json()["token"], "action": "reject"})
    await bulk_work.work(site.parts.db, site.parts.queue, only=int(job.json()["id"]))

    told = await figures(moderator, site)

    assert (told["queues"][0]["decisions"], told["queues"][0]["median_seconds"]) == (3, None)
    assert told["moderators"][0]["decisions"] == 3


async def test_the_same_as_a_table_in_which_no_name_is_a_formula(world: World) -> None:
    site = await world.another({"screening": {"pre_moderate": True}})
    email = f"evil@{site.site.name}.test"
    moderator = await site.staff("moderator", email)
    await site.parts.db.transact(_rename, email)
    comment = (await site.guest().post(expect=202))["comment"]["id"]
    await decided(site, moderator, comment, "approve")

    answer = await moderator.get("/api/v1/moderation/stats.csv", params={"site": site.site.name})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="moderation-')
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["about", "key", "name", "figure", "value"]
    names = {row[2] for row in rows if row[0] == "moderator"}
    assert names == {"'=HYPERLINK(1)"}
    assert any(row[:1] == ["day"] and row[3:] == ["cases held", "1"] for row in rows)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


async def _rename(tx: WriteTx, email: str) -> None:
    connection = await tx.connection()
    await connection.execute(text("UPDATE account SET name = '=HYPERLINK(1)' WHERE email = :email"), {"email": email})


async def test_a_period_has_bounds(world: World) -> None:
    moderator = await world.staff()
    for params in ({"from": "2026-01-01", "to": "2026-06-01"}, {"from": "2026-02-01", "to": "2026-01-01"}):
        answer = await moderator.get("/api/v1/moderation/stats", params={"site": world.site.name, **params})
        assert (answer.status_code, answer.json()["type"]) == (422, "/errors#period-too-long")
    whole = await figures(moderator, world, **{"from": "2026-01-01", "to": "2026-04-02"})
    assert len(whole["days"]) == 92
    assert whole["agreement"] == {"key": "all", "name": "all", "looked_at": 0, "share": None, "kappa": None}


async def test_who_sees_a_section_sees_its_figures(world: World) -> None:
    site = await world.another({"screening": {"pre_moderate": True}})
    everything = await site.staff()
    here = await site.staff("moderator", sections=[site.site.name])
    elsewhere = await site.staff("moderator", sections=["sports"])
    comment = (await site.guest().post(expect=202))["comment"]["id"]
    await decided(site, everything, comment, "approve")

    for staff, count, comments in ((everything, 1, 1), (here, 1, None), (elsewhere, 0, None)):
        told = await figures(staff, site)
        assert told["days"][-1]["comments"] == comments
        assert told["days"][-1]["approvals"] == count
        assert sum(queue["decisions"] for queue in told["queues"]) == count
