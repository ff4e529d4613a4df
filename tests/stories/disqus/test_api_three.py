"""Disqus's API 3.0 as its clients ask it: envelope, shapes, cursors, errors; and nothing that is not everybody's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from httpx import AsyncClient, Response

from service import transfer
from service.web.parts import Parts
from tests.stories.transfer.exports import Export
from tests.world import World, some_address

BASE = "/api/3.0"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


async def _ask(client: AsyncClient, call: str, **params: Any) -> Any:
    answer = await client.get(f"{BASE}/{call}.json", params=params)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["code"] == 0
    return told


def _fault(answer: Response) -> tuple[int, int]:
    told = answer.json()
    assert isinstance(told["response"], str)
    return answer.status_code, told["code"]


async def test_a_thread_by_id_identifier_and_address(world: World, client: AsyncClient) -> None:
    made = await world.guest().post(url=world.page("a"), identifier="12 x?p=12", title="A tram")
    name, number = world.site.name, made["comment"]["thread"]
    by_id = (await _ask(client, "threads/details", thread=number))["response"]
    assert (by_id["id"], by_id["title"], by_id["posts"], by_id["isClosed"]) == (number, "A tram", 1, False)
    assert by_id["identifiers"] == ["12 x?p=12"]
    assert _TIME.fullmatch(by_id["createdAt"])
    assert (await _ask(client, "threads/details", forum=name, **{"thread:ident": "12 x?p=12"}))["response"] == by_id
    listed = await _ask(client, "threads/list", forum=name, thread="ident:12 x?p=12")
    assert listed["response"] == [by_id]
    assert listed["cursor"]["more"] is False
    link = f"link:{world.page('a')}/?utm_source=x"
    told = await client.get(f"{BASE}/threads/set", params=[("forum", name), ("thread[]", link), ("thread", "ident:no")])
    assert told.json()["response"] == [by_id]
    forum = (await _ask(client, "forums/details", forum=name))["response"]
    assert (forum["id"], forum["settings"]["allowAnonPost"]) == (name, True)


async def test_lists_go_on_by_their_cursor(world: World, client: AsyncClient) -> None:
    guest = world.guest("Ada")
    made = [(await guest.post(f"Words {n}."))["comment"] for n in range(5)]
    asked = {"forum": world.site.name, "limit": 2, "order": "asc"}
    for call, more in (("forums/listPosts", {}), ("threads/listPosts", {"thread": made[0]["thread"]})):
        seen: list[str] = []
        cursor: dict[str, Any] = {"more": True, "id": ""}
        while cursor["more"]:
            told = await _ask(client, call, **asked, **more, **({"cursor": cursor["id"]} if cursor["id"] else {}))
            cursor = told["cursor"]
            assert cursor["hasNext"] == cursor["more"]
            assert re.fullmatch(r"(\d+:0:0)?", cursor["id"])
            seen += [post["id"] for post in told["response"]]
        assert seen == [each["id"] for each in made]
    newest = (await _ask(client, "posts/list", forum=world.site.name, limit=1, related="thread"))["response"]
    assert newest[0]["id"] == made[-1]["id"]
    assert newest[0]["thread"]["id"] == made[0]["thread"]
    assert (await _ask(client, "posts/list", forum=world.site.name, since="2099-01-01T00:00:00"))["response"] == []
    assert len((await _ask(client, "posts/list", forum=world.site.name, since="1500000000"))["response"]) == 5


async def test_a_thread_as_it_is_shown(world: World, client: AsyncClient) -> None:
    guest = world.guest("Ada")
    root = (await guest.post("A *root*."))["comment"]
    reply = (await world.guest("Bob").post("A reply.", parent=root["id"]))["comment"]
    other = (await guest.post("Another."))["comment"]
    await guest.delete(root["id"])
    told = await _ask(client, "threads/listPostsThreaded", thread=root["thread"], order="asc")
    shown = {post["id"]: post for post in told["response"]}
    assert [(post["id"], post["depth"]) for post in told["response"]] == [
        (root["id"], 0),
        (reply["id"], 1),
        (other["id"], 0),
    ]
    assert shown[reply["id"]]["parent"] == int(root["id"])
    assert shown[reply["id"]]["author"]["name"] == "Bob"
    assert "username" not in shown[reply["id"]]["author"]
    gone = shown[root["id"]]
    assert (gone["isDeleted"], gone["message"], gone["raw_message"], gone["likes"]) == (True, "", "", 0)
    assert gone["author"]["name"] == "Guest"
    assert shown[other["id"]]["message"] == "<p>Another.</p>"
    assert not any("http" in post["author"]["avatar"]["cache"].partition("xmlns")[0] for post in told["response"])
    context = (await _ask(client, "posts/getContext", post=reply["id"]))["response"]
    assert [post["depth"] for post in context] == [0, 1]


async def test_a_post_by_the_id_it_had_at_disqus(
    world: World, parts: Parts, client: AsyncClient, tmp_path: Path
) -> None:
    export = Export()
    export.thread("1", world.page("old"))
    export.post("4611686018", "1", message="<p>Of 2019.</p>")
    (tmp_path / "old.xml").write_bytes(export.xml())
    await transfer.import_file(parts.db, world.site, tmp_path / "old.xml")
    told = await _ask(client, "posts/details", post="4611686018", forum=world.site.name)
    assert told["response"]["message"].startswith("<p>Of 2019.")
    assert _fault(await client.get(f"{BASE}/posts/details.json", params={"post": "4611686018"})) == (404, 8)


async def test_posting_goes_through_everybodys_door(world: World, client: AsyncClient) -> None:
    made = (await world.guest().post("First."))["comment"]
    reader = world.caller(some_address())
    form = {"thread": made["thread"], "message": "By *form*", "author_name": "Eve", "author_email": "e@nobody.test"}
    told = (await reader.post(f"{BASE}/posts/create.json", data=form)).json()
    assert told["code"] == 0
    assert (told["response"]["raw_message"], told["response"]["isApproved"]) == ("By *form*", True)
    below = {"parent": made["id"], "message": "Below", "author_name": "Eve"}
    assert (await reader.post(f"{BASE}/posts/create.json", data=below)).json()["response"]["parent"] == int(made["id"])
    assert _fault(await reader.post(f"{BASE}/posts/create.json", data={**form, "author_name": ""})) == (400, 2)
    # A page of somebody else must not make its readers post.
    foreign = await reader.post(f"{BASE}/posts/create.json", data=form, headers={"Origin": "https://evil.test"})
    assert _fault(foreign) == (403, 11)
    home = await reader.post(f"{BASE}/posts/create.json", data=below, headers={"Origin": world.site.origins[0]})
    assert home.status_code == 200
    assert (await reader.post(f"{BASE}/posts/report.json", data={"post": made["id"], "reason": "1"})).json()[
        "code"
    ] == 0


async def test_what_is_held_waits_and_is_in_no_list(world: World, client: AsyncClient) -> None:
    strict = await world.another({"screening": {"suspect_words": ["pineapple"]}})
    made = (await strict.guest().post("Fine."))["comment"]
    form = {"thread": made["thread"], "message": "A pineapple", "author_name": "Eve"}
    told = (await strict.caller(some_address()).post(f"{BASE}/posts/create.json", data=form)).json()["response"]
    assert (told["isApproved"], told["raw_message"]) == (False, "A pineapple")
    for call in ("posts/list", "threads/listPosts", "threads/listPostsThreaded"):
        shown = await _ask(client, call, forum=strict.site.name, thread=made["thread"])
        assert "pineapple" not in json.dumps(shown)
    assert _fault(await client.get(f"{BASE}/posts/details.json", params={"post": told["id"]})) == (404, 8)


async def test_errors_have_disqus_codes(world: World, client: AsyncClient) -> None:
    async def fault(path: str, **params: Any) -> tuple[int, int]:
        answer = await client.get(f"{BASE}/{path}", params=params)
        assert answer.headers["cache-control"] == "no-store"
        return _fault(answer)

    assert await fault("threads/nothing.json") == (404, 1)
    assert await fault("posts/create.json") == (405, 7)
    assert _fault(await client.post(f"{BASE}/posts/list.json")) == (405, 7)
    assert await fault("threads/list.json") == (400, 2)
    assert await fault("threads/details.json", thread="1") == (404, 8)
    assert await fault("threads/details.json", thread="ident:x") == (400, 2)
    assert await fault("threads/details.json", thread="ident:x", forum=world.site.name) == (404, 8)
    assert await fault("forums/details.json", forum="mistyped") == (404, 8)
    assert await fault("posts/list.json", forum=world.site.name, limit="101") == (400, 2)
    assert await fault("posts/list.json", forum=world.site.name, cursor="x") == (400, 2)
    assert await fault("posts/list.json", forum=world.site.name, since="then") == (400, 2)


async def test_jsonp(world: World, client: AsyncClient) -> None:
    params = {"forum": world.site.name, "callback": "jQuery1.cb"}
    told = (await client.get(f"{BASE}/forums/details.jsonp", params=params)).text
    assert told.startswith("/**/jQuery1.cb({")
    assert json.loads(told[len("/**/jQuery1.cb(") : -2])["response"]["id"] == world.site.name
    wrong = await client.get(f"{BASE}/forums/details.jsonp", params={"callback": "alert(1)//"})
    assert _fault(wrong) == (400, 2)
