"""WordPress keeps a copy of comments: its plugin asks to be told, and what it is told it takes as Disqus's.

The receiver here does what the plugin does: compares the signature, answers the challenge, finds the article by the
first word of the identifier and comments by the ids it was told, and fails where a parent is not known yet.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service import transfer
from service.kit import clock
from service.web.parts import Parts
from tests.servers.listener import Heard, Listener, answer, listener
from tests.stories.disqus.applications import Application, code, key, token
from tests.stories.transfer.exports import Export
from tests.world import World, some_address

SECRET = "chosen by the owner in WordPress's settings"


@dataclass
class WordPress:
    """The plugin's end: `disqus_sync_token`, the forum it was installed for, and its table of comments."""

    token: str
    forum: str
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    verbs: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def reply(self, heard: Heard) -> bytes:
        """What the plugin answers."""
        signature = hmac.new(self.token.encode(), heard.body, hashlib.sha512).hexdigest()
        if heard.headers.get("x-hub-signature") != f"sha512={signature}":
            return answer(401, b'{"code":401}')
        said = json.loads(heard.body)
        if said["verb"] == "verify":
            return answer(200, said["challenge"].encode(), Content_Type="text/plain; charset=UTF-8")
        if said["object_type"] != "post" or said["verb"] not in {"create", "update"}:
            return answer(204)
        if (fault := self._take(said["transformed_data"])) is not None:
            self.faults.append(fault)
            return answer(500, fault.encode())
        self.verbs.append(said["verb"])
        return answer(201 if said["verb"] == "create" else 200)

    def _take(self, post: dict[str, Any]) -> str | None:
        """Into the table, as `comment_data_from_post` has it; why not, where it raises."""
        article = next(iter(post["threadData"]["identifiers"]), "").partition(" ")[0]
        if post["forum"] != self.forum or not article.isdigit():
            return "no article here"
        if post["parent"] is not None and str(post["parent"]) not in self.comments:
            return "This comment's parent has not been synced yet."
        author = post["author"]
        mail = f"user-{author['id']}@disqus.com" if not author["isAnonymous"] else "anonymized@disqus.com"
        approved: int | str = 1 if post["isApproved"] and not post["isDeleted"] else 0
        if post["isSpam"] and not post["isApproved"] and not post["isDeleted"]:
            approved = "spam"
        self.comments[post["id"]] = {
            "post": int(article),
            "parent": post["parent"],
            "author": author["name"],
            "mail": mail,
            "address": post["ipAddress"],
            "content": post["raw_message"],
            "date": post["createdAt"],
            "approved": approved,
        }
        return None


@pytest.fixture
async def receiver() -> AsyncIterator[Listener]:
    """WordPress's server."""
    async with listener() as made:
        yield made


async def _all_sent(parts: Parts, world: World) -> None:
    await world.settle()
    await parts.posts.drain()


async def _application(world: World) -> Application:
    owner = await world.staff("owner")
    made = await key(world, owner)
    access = await token(world, owner, made, ["admin", "write", "read"])
    return Application(world.caller(some_address()), {"api_secret": made.secret, "access_token": access})


async def test_wordpress_asks_is_told_and_keeps_a_copy(world: World, parts: Parts, receiver: Listener) -> None:
    app = await _application(world)
    press = WordPress("not the secret yet, and long enough to be", world.site.name)
    receiver.reply = press.reply
    url = f"{receiver.url}/wp-json/disqus/v1/sync/webhook"
    wanted = {"url": url, "secret": SECRET, "enableSending": "1", "forum": world.site.name}
    # Nothing is sent to who does not answer the challenge, signed with what they share.
    assert code(await app.post("forums/webhooks/create", **wanted)) == (400, 2)
    assert code(await app.post("forums/webhooks/create", **{**wanted, "secret": "short"})) == (400, 2)
    assert await app.told("forums/webhooks/list", forum=world.site.name) == []
    press.token = SECRET
    subscribed = await app.did("forums/webhooks/create", **wanted)
    assert (subscribed["url"], subscribed["enableSending"], subscribed["secret"]) == (url, True, SECRET)
    assert await app.told("forums/webhooks/list", forum=world.site.name) == [subscribed]

    page: dict[str, Any] = {"url": world.page("tram"), "identifier": "12 https://news.test/?p=12"}
    ada = world.guest("Ada")
    root = (await ada.post("A *tram*.", **page))["comment"]
    reply = (await world.guest("Bob").post("A reply.", parent=root["id"], **page))["comment"]
    await world.guest("Eve").post("On a page WordPress did not make.", url=world.page("other"))
    await _all_sent(parts, world)
    kept = press.comments
    assert set(kept) == {root["id"], reply["id"]}
    assert (kept[root["id"]]["content"], kept[root["id"]]["approved"]) == ("<p>A <em>tram</em>.</p>", 1)
    assert (kept[reply["id"]]["parent"], kept[reply["id"]]["author"]) == (root["id"], "Bob")
    assert all(each["address"] == "" for each in kept.values())
    await ada.edit(root["id"], "A **ship**.")
    await app.did("posts/remove", post=reply["id"])
    await _all_sent(parts, world)
    assert kept[root["id"]]["content"] == "<p>A <strong>ship</strong>.</p>"
    # What was taken down is not to be read there either.
    assert (kept[reply["id"]]["approved"], kept[reply["id"]]["content"], kept[reply["id"]]["author"]) == (0, "", "")
    await app.did("posts/restore", post=reply["id"])
    await _all_sent(parts, world)
    assert (kept[reply["id"]]["approved"], kept[reply["id"]]["content"]) == (1, "<p>A reply.</p>")
    await _switched_off_and_on(app, world, parts, press, subscribed["id"])


async def _switched_off_and_on(app: Application, world: World, parts: Parts, press: WordPress, number: str) -> None:
    page: dict[str, Any] = {"url": world.page("tram"), "identifier": "12 https://news.test/?p=12"}
    off = await app.did("forums/webhooks/update", subscription=number, enableSending="0")
    assert (off["enableSending"], off["secret"]) == (False, SECRET)
    await world.guest().post("Not told.", **page)
    await _all_sent(parts, world)
    press.token = "another secret that the owner chose later"
    again = await app.did("forums/webhooks/update", subscription=number, enableSending="1", secret=press.token)
    assert (again["enableSending"], again["secret"]) == (True, press.token)
    told = (await world.guest().post("Told.", **page))["comment"]
    await _all_sent(parts, world)
    assert press.comments[told["id"]]["content"] == "<p>Told.</p>"
    assert "<p>Not told.</p>" not in {each["content"] for each in press.comments.values()}


async def test_what_came_from_disqus_is_not_told_twice(
    world: World, parts: Parts, receiver: Listener, tmp_path: Path
) -> None:
    app, press = await _application(world), WordPress(SECRET, world.site.name)
    receiver.reply, kept = press.reply, press.comments
    url = f"{receiver.url}/wp-json/disqus/v1/sync/webhook"
    await app.did("forums/webhooks/create", url=url, secret=SECRET, enableSending="1")
    # Old comments keep their ids, so that what WordPress has from Disqus is not there twice. A reply to one that it has
    # not is told again after that one.
    export = Export()
    export.thread("1", world.page("old"), identifier="7 https://news.test/?p=7")
    export.post("4611686018", "1", message="<p>Of 2019.</p>")
    (tmp_path / "old.xml").write_bytes(export.xml())
    await transfer.import_file(parts.db, world.site, tmp_path / "old.xml")
    (old,) = (await world.read("old"))["items"]
    late = (await world.guest("Kim").post("Late.", parent=old["id"], url=world.page("old")))["comment"]
    with clock.frozen() as hands:
        for _ in range(4):
            await _all_sent(parts, world)
            hands.advance(timedelta(minutes=5))
    assert press.faults == ["This comment's parent has not been synced yet."]
    assert (kept["4611686018"]["post"], kept[late["id"]]["parent"]) == (7, "4611686018")


async def test_an_owner_sets_it_up_in_the_console(world: World, parts: Parts, receiver: Listener) -> None:
    owner = await world.staff("owner")
    path = f"/api/v1/sites/{world.site.name}/webhooks"
    body = {"url": f"{receiver.url}/wp-json/disqus/v1/sync/webhook", "events": ["comment.posted"], "form": "disqus"}
    made = (await owner.post(path, json=body)).json()
    assert (made["webhook"]["form"], len(made["secret"]) >= 32) == ("disqus", True)
    press = WordPress(made["secret"], world.site.name)
    receiver.reply = press.reply
    tested = (await owner.post(f"{path}/{made['webhook']['id']}/test")).json()
    assert (tested["state"], tested["tries"][0]["status"]) == ("delivered", 200)
    posted = (await world.guest().post("Words.", url=world.page("a"), identifier="3 x"))["comment"]
    await _all_sent(parts, world)
    assert set(press.comments) == {posted["id"]}
