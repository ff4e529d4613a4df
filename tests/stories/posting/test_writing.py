"""What helps while one writes: the text as it will look, and the names of those who take part."""

from __future__ import annotations

import pytest

from service.posting import naming
from tests.world import World


@pytest.mark.parametrize(
    "source",
    ["I *like* [trams](https://trams.test/a).\n\n> quoted\n\n||the end||", "<script>alert(1)</script>", "a\nb"],
)
async def test_a_preview_is_what_posting_makes_of_it(world: World, source: str) -> None:
    guest = world.guest()
    seen = await guest.client.post("/api/v1/preview", json={"site": world.site.name, "body": source})
    assert seen.status_code == 200, seen.text
    assert seen.headers["cache-control"] == "no-store"
    assert (await world.read())["thread"]["id"] is None, "nothing is stored"
    posted = await guest.post(source)
    assert seen.json() == {"html": posted["comment"]["html"]}


async def test_a_preview_is_refused_as_posting_would_and_has_a_limit(world: World) -> None:
    strict = await world.another({"posting": {"max_length": 9_000}, "limits": {"preview": {"address": ["5/h"]}}})
    client = strict.guest().client
    refusals = {
        "x" * 9_001: "body-too-long",
        " \n": "body-empty",
        "> " * 40 + "deep": "body-too-deep",
        "||a||" * 1_800: "too-many-marks",
    }
    for body, fault in refusals.items():
        refused = await client.post("/api/v1/preview", json={"site": strict.site.name, "body": body})
        assert (refused.status_code, refused.json()["field"]) == (422, "body")
        assert refused.json()["type"].endswith(fault), refused.json()
    # Refused ones cost too: what is counted is our work.
    await client.post("/api/v1/preview", json={"site": strict.site.name, "body": "Fine."})
    limited = await client.post("/api/v1/preview", json={"site": strict.site.name, "body": "Fine."})
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) > 0


async def test_names_of_those_who_take_part(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await world.another({"screening": {"hold_first_comments": False, "suspect_words": ["pineapple"]}})

    async def names(q: str) -> list[str]:
        answer = await world.guest().client.get(f"/api/v1/threads/{thread}/participants", params={"q": q})
        assert answer.status_code == 200, answer.text
        found: list[str] = answer.json()["names"]
        return found

    thread = (await world.guest("Zoë Adair").post("First."))["comment"]["thread"]
    await world.guest("Ada Fallowdene").post("Second.")
    await world.guest("Ada Fallowdene").post("Third, of another one of that name.")
    await world.guest("Adam Held").post("A pineapple.", expect=202)
    await world.guest("Adele Elsewhere").post("On another page.", page="another")
    gone = world.guest("Adina Gone")
    await gone.delete((await gone.post("Soon deleted."))["comment"]["id"])
    assert await names("ad") == ["Ada Fallowdene", "Zoë Adair"]
    assert await names("ZOE") == ["Zoë Adair"]
    assert await names("dair") == [], "within a word it is no beginning"
    assert await names("ada fal") == ["Ada Fallowdene"]
    monkeypatch.setattr(naming, "LOOKED_AT", 2)
    assert await names("zoe") == [], "a request looks at so many comments, however long the thread"
