"""Looking for words in one discussion."""

from __future__ import annotations

from typing import Any

import pytest

from service.comments import published
from service.reading import searching
from tests.world import World, some_address


async def _found(world: World, thread: str, q: str, **params: str) -> dict[str, Any]:
    answer = await world.client.get(f"/api/v1/threads/{thread}/search", params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def _ids(page: dict[str, Any]) -> list[str]:
    return [item["id"] for item in page["items"]]


async def test_words_are_found_wherever_they_stand(world: World) -> None:
    guest = world.guest()
    root = (await guest.post("In **Zürich** the tram runs."))["comment"]
    reply = (await guest.post("The Tram in Zurich is late.", parent=root["id"]))["comment"]
    await guest.post("No word about it.")
    await guest.post("A tram in Zurich, elsewhere.", page="another")
    page = await _found(world, root["thread"], "zurich TRAM")
    assert _ids(page) == [reply["id"], root["id"]]
    assert page["items"][0]["parent"] == root["id"]
    assert page["next_cursor"] is None
    assert _ids(await _found(world, root["thread"], "strong")) == [], "markup is not text"
    fragment = await world.client.get("/embed/search", params={"thread": root["thread"], "q": "zurich"})
    assert [f"comment-{number}" in fragment.text for number in (root["id"], reply["id"])] == [True, True]


async def test_only_what_can_be_read_is_found(world: World) -> None:
    world = await world.another({"screening": {"hold_first_comments": False, "suspect_words": ["pineapple"]}})
    author = world.guest()
    shown = (await author.post("A banana."))["comment"]
    await author.post("A banana and a pineapple.", expect=202)
    deleted = (await author.post("Another banana."))["comment"]
    await world.guest().post("An answer that keeps a tombstone.", parent=deleted["id"])
    edited = (await author.post("A third banana."))["comment"]
    assert _ids(await _found(world, shown["thread"], "banana")) == [edited["id"], deleted["id"], shown["id"]]
    await author.delete(deleted["id"])
    await author.edit(edited["id"], "A pear.")
    assert _ids(await _found(world, shown["thread"], "banana")) == [shown["id"]]


async def test_one_request_looks_at_so_many_and_the_next_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "LOOKED_AT", 4)
    monkeypatch.setattr(published, "_STEP", 2)
    monkeypatch.setattr(searching, "FOUND", 2)
    guest = world.guest()
    made = [
        (await guest.post(f"{'needle' if number in {0, 1, 2, 9} else 'hay'} {number}"))["comment"]
        for number in range(10)
    ]
    found, pages, cursor = [], 0, {}
    while True:
        page = await _found(world, made[0]["thread"], "needle", **cursor)
        found += _ids(page)
        pages += 1
        assert len(page["items"]) <= 2
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == [made[number]["id"] for number in (9, 2, 1, 0)]
    assert pages >= 3


@pytest.mark.parametrize("q", [" ", "", "\u0301", "x" * 101])
async def test_a_query_without_words_is_refused(world: World, q: str) -> None:
    thread = (await world.guest().post())["comment"]["thread"]
    answer = await world.client.get(f"/api/v1/threads/{thread}/search", params={"q": q})
    assert (answer.status_code, answer.json()["field"]) == (422, "q")


async def test_searching_is_limited(world: World) -> None:
    world = await world.another({"limits": {"search": {"address": ["2/m"]}}})
    thread = (await world.guest().post())["comment"]["thread"]
    caller = world.caller(some_address())
    paths = (f"/api/v1/threads/{thread}/search", "/embed/search", f"/t/{thread}")
    statuses = [(await caller.get(path, params={"thread": thread, "q": "a"})).status_code for path in paths]
    assert statuses == [200, 200, 429]
    assert (await caller.get(f"/t/{thread}")).status_code == 200
