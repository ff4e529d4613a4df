"""Figures for operators: true, bounded, and with nothing of anybody's in them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml  # type: ignore[import-untyped]
from prometheus_client.parser import text_string_to_metric_families as families

from service.kit import clock
from tests.world import World

TOKEN = {"Authorization": "Bearer only for who watches"}
OPERATING = Path(__file__).parents[3] / "docs" / "operating"
_NAME = re.compile(r"\b(?:parley|http|process)_[a-z_]+")
_MOST_SERIES = 1_000


async def scraped(world: World) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """What is told now, by name and labels."""
    with clock.frozen():
        answer = await world.client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(answer.text)
        for sample in family.samples
    }


def read(found: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


async def test_nobody_reads_them_without_the_token(world: World) -> None:
    staff = await world.staff("owner")
    for client, headers in (
        (world.client, {}),
        (staff, {}),
        (world.client, {"Authorization": "Bearer wrong"}),
        (world.client, {"Authorization": "Basic only for who watches"}),
    ):
        answer = await client.get("/metrics", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (404, "/errors#metrics-closed")


async def test_what_happens_is_counted(world: World) -> None:
    held = await world.another({"screening": {"pre_moderate": True}})
    before = await scraped(world)
    await world.guest("Ada").post("One", page="counted")
    await held.guest("Bob").post("Two", page="held", expect=202)
    await world.client.get("/api/v1/threads", params={"site": world.site.name, "url": world.page("counted")})
    after = await scraped(world)

    def grew(name: str, **labels: str) -> float:
        return read(after, name, **labels) - read(before, name, **labels)

    assert grew("parley_comments_posted_total", state="published") == 1
    assert grew("parley_comments_posted_total", state="held") == 1
    posts = {"method": "POST", "route": "/api/v1/comments"}
    assert grew("http_server_request_duration_seconds_count", **posts, status="2xx") == 2
    assert grew("parley_ready_pages_total", **{"from": "database"}) >= 1
    assert read(after, "parley_away", part="database") == 0
    assert read(after, "process_cpu_seconds_total") > 0


async def test_nothing_of_anybodys_is_in_them(world: World) -> None:
    guest = world.guest("Zebedee Quux")
    made = await guest.post("A pomegranate", page="whose-page")
    await world.client.get(f"/t/{made['comment']['thread']}", params={"after": "rhubarb"})
    await world.client.request("BREW", "/coffee/rhubarb")
    text = (await world.client.get("/metrics", headers=TOKEN)).text
    mine = (world.site.name, "Zebedee", "pomegranate", "whose-page", "rhubarb", "BREW", made["comment"]["id"])
    assert [each for each in mine if each in text] == []
    assert len(await scraped(world)) < _MOST_SERIES


async def test_each_request_has_an_id_of_its_own(world: World) -> None:
    page = {"site": world.site.name, "url": world.page("ids")}
    asked = [
        await world.client.get("/nowhere"),
        await world.client.get("/nowhere"),
        await world.guest("Ada").try_post("Hello", page="ids"),
    ]
    assert len({answer.headers["x-request-id"] for answer in asked}) == 3
    # A page is the same for everybody, whoever asked for it first.
    assert "x-request-id" not in (await world.client.get("/api/v1/threads", params=page)).headers


async def test_dashboard_and_alerts_ask_for_what_is_told(world: World) -> None:
    await world.guest().post()
    told = {name for name, _ in await scraped(world)}
    asked = [
        panel_target["expr"]
        for panel in json.loads((OPERATING / "dashboard.json").read_text())["panels"]
        for panel_target in panel.get("targets", ())
    ]
    rules = yaml.safe_load((OPERATING / "alerts.yaml").read_text())
    asked += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    # A counter with labels is told once something was counted.
    declared = told | {f"parley_{name}_total" for name in ("mail_sent", "webhook_attempts", "limits_reached")}
    declared |= {"parley_facts_handed_on_total"}
    assert {name for each in asked for name in _NAME.findall(each)} <= declared
    runbook = (OPERATING.parent / "operations.md").read_text()
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["runbook"] in runbook, rule["alert"]
