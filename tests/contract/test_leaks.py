"""What may not be read is in no answer: marked texts, looked for in every page for everybody they are not for.

Each text, name and address has a mark of its own. A route that is read with GET and is not looked at here fails.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from service import comments, identity
from service.demo.seed import ARTICLES
from service.disqus.known import READS
from service.disqus.widgets import WIDGETS
from service.kit import clock
from service.kit.db import ReadTx
from service.pages.views import SORTS
from service.pages.widgets import Kind
from service.web.parts import Parts
from service.web.who import console_cookie
from tests.contract.test_matrix import routes
from tests.servers.parley import free_port, parley
from tests.stories.disqus.applications import Application, key, token
from tests.world import Guest, World, some_address

# Much is asked, one thing after the other, while other tests take the processors.
pytestmark = pytest.mark.timeout(300)

POLICY = {
    "screening": {"suspect_words": ["pineapple*"]},
    "reading": {"top_authors": True},
    "mail": {"enabled": True},
}
CODINGS = ("identity", "br")
# Marks that not even a moderator finds: what is no more, and what was never taken on.
_NOWHERE = ("deleted", "former", "author", "receiver", "shadowname")


class Marks:
    """Words nobody else uses."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def new(self, what: str) -> str:
        """A mark that says what leaked."""
        mark = f"mark{what}{os.urandom(6).hex()}"
        self.all.append(mark)
        return mark

    def held(self, what: str) -> str:
        """A mark that is held by screening, and quoted by it."""
        mark = f"pineapple{what}{os.urandom(6).hex()}"
        self.all.append(mark)
        return mark

    def found_in(self, told: str) -> list[str]:
        """Those that stand in a text."""
        low = told.lower()
        return [mark for mark in self.all if mark in low]


class Scene:
    """A discussion with something of everything in it, most of which is hidden."""

    def __init__(self, world: World, neighbour: World) -> None:
        self.world = world
        self.neighbour = neighbour
        self.marks = Marks()
        self.comments: list[str] = []
        self.thread = ""
        self.job = "1"
        self.cases = ["1"]
        self.people = ["1"]
        self.webhook = self.hook = self.run = self.thread_job = ""
        self.moderator: AsyncClient

    @classmethod
    async def new(cls, parts: Parts, app: FastAPI, client: AsyncClient) -> Scene:
        scene = cls(await World.new(parts, app, client, POLICY), await World.new(parts, app, client))
        scene.moderator = await scene.world.staff("moderator", f"{scene.marks.new('staff')}@news.test")
        await scene.set_up_outside()
        await scene.seen()
        return scene

    async def set_up_outside(self) -> None:
        """Marked addresses that things are sent to, though nobody is there."""
        owner = await self.world.staff("owner")
        path = f"/api/v1/sites/{self.world.site.name}"
        at = f"http://127.0.0.1:9/{self.marks.new('receiver')}"
        webhook = await owner.post(f"{path}/webhooks", json={"url": at, "events": ["case.opened", "comment.posted"]})
        self.webhook = webhook.json()["webhook"]["id"]
        wanted = {"name": "tone", "url": at, "timing": "wait", "timeout_ms": 50, "shadow": True}
        self.hook = (await owner.post(f"{path}/hooks", json=wanted)).json()["hook"]["id"]
        self.run = (await owner.post(f"{path}/imports", content=b"<disqus/>")).json()["id"]

    def guest(self, name: str = "Ada") -> Guest:
        return self.world.guest(name)

    async def seen(self) -> str:
        """A comment everybody reads."""
        author = {"name": "Ada", "email": self.email("author")}
        made = await self.guest().post("Everybody reads this.", author=author, mail_replies=True)
        self.thread = made["comment"]["thread"]
        return self.note(made)

    def email(self, what: str) -> str:
        return f"{self.marks.new(what)}@readers.test"

    def note(self, made: Mapping[str, Any]) -> str:
        comment: str = made["comment"]["id"]
        self.comments.append(comment)
        return comment

    async def post(self, what: str, *, replies: int, **fields: Any) -> tuple[Guest, str]:
        """A published comment with a marked text and a marked name, and replies that keep a tombstone in its place."""
        author = self.guest(self.marks.new(f"{what}name"))
        comment = self.note(await author.post(f"A text with {self.marks.new(what)} in it.", **fields))
        for _ in range(replies):
            self.note(await self.guest("Bob").post("An answer everybody reads.", parent=comment))
        return author, comment

    async def hold(self, what: str, **fields: Any) -> tuple[Guest, str]:
        """A held comment with a marked text and a marked name."""
        author = self.guest(self.marks.new(f"{what}name"))
        return author, self.note(await author.post(f"A {self.marks.held(what)}.", expect=202, **fields))

    async def decide(self, comment: str, action: str) -> None:
        found = (await self.moderator.get("/api/v1/moderation/queue", params={"site": self.world.site.name})).json()
        version = next((c["comment"]["version"] for c in found["items"] if c["comment"]["id"] == comment), 1)
        answer = await self.moderator.post(
            "/api/v1/moderation/decisions",
            json={
                "items": [{"comment": comment, "version": version}],
                "action": action,
                "note": f"Because of {self.marks.new(f'note{action}')}",
            },
        )
        assert answer.json()["items"][0]["decision"], answer.text

    async def begin_something(self) -> None:
        """What a team keeps to itself: a queue, a rule, a bulk job."""
        site = {"params": {"site": self.world.site.name}}
        owner = await self.world.staff("owner")
        await owner.post("/api/v1/moderation/queues", **site, json={"name": self.marks.new("queue")})
        rule = {"kind": "word", "pattern": self.marks.new("rule"), "note": self.marks.new("rulenote")}
        assert (await owner.post("/api/v1/moderation/rules", **site, json=rule)).status_code == 201
        asked = {"site": self.world.site.name, "filter": {"word": self.marks.new("bulkword")}}
        token = (await self.moderator.post("/api/v1/moderation/bulk/preview", json=asked)).json()["token"]
        job = {"token": token, "action": "spam", "note": self.marks.new("bulknote")}
        self.job = (await self.moderator.post("/api/v1/moderation/bulk", json=job)).json()["id"]
        path = f"/api/v1/sites/{self.world.site.name}/thread-jobs"
        wanted = {"rule": "prefix", "from": f"https://old.test/{self.marks.new('receiver')}", "to": "https://new.test/"}
        self.thread_job = (await owner.post(f"{path}/remap", json=wanted)).json()["id"]

    async def shadow(self) -> None:
        """Somebody who speaks to nobody: a comment, an answer, an edit, another name, all published to their author."""
        author = self.guest("Overlooked")
        own = self.note(await author.post("Said before."))
        wanted = {"kind": "shadow", "target": {"comment": own}, "until": (clock.now() + timedelta(hours=5)).isoformat()}
        site = {"site": self.world.site.name}
        answer = await self.moderator.post("/api/v1/moderation/sanctions", params=site, json=wanted)
        assert answer.status_code == 201, answer.text
        self.note(await author.post(f"A text with {self.marks.new('shadow')} in it."))
        self.note(await author.post(f"An answer: {self.marks.new('shadowreply')}.", parent=self.comments[0]))
        edited = self.note(await author.post("A slip.", parent=self.comments[0]))
        assert (await author.edit(edited, f"Now {self.marks.new('shadowedit')}.")).status_code == 200
        # A name is taken on when something is published under it.
        self.note(await author.post("By another name.", author={"name": self.marks.new("shadowname")}))

    async def hide_something_of_everything(self) -> None:
        """Every way a text is or was hidden, with and without replies below it."""
        top = self.comments[0]
        await self.hold("held")
        await self.hold("heldreply", parent=top)
        _, comment = await self.hold("rejected", parent=top)
        await self.decide(comment, "reject")
        for action in ("spam", "remove", "reject"):
            for replies in (0, 1):
                _, comment = await self.post(f"{action}{replies}", replies=replies, parent=top)
                await self.decide(comment, action)
        for replies in (0, 1):
            author, comment = await self.post(f"deleted{replies}", replies=replies)
            assert (await author.delete(comment)).status_code == 204
            # Replaced by what is held: neither the former text nor the new one is to be read, and no name.
            author, comment = await self.post(f"edited{replies}", replies=replies)
            assert (await author.edit(comment, f"Now {self.marks.held('edit')}.")).status_code == 202
        author, comment = await self.hold("helddeleted")
        assert (await author.delete(comment)).status_code == 204
        await self.guest().report(top, "abuse", f"Look at this: {self.marks.new('report')}")
        # What was corrected is not to be read either; the name of who did is.
        author = self.guest("Corrector")
        comment = self.note(await author.post(f"A slip: {self.marks.new('former')}."))
        assert (await author.edit(comment, "Corrected.")).status_code == 200
        await self.shadow()
        await self.world.settle()
        await self.begin_something()
        queue = await self.moderator.get("/api/v1/moderation/queue", params={"site": self.world.site.name})
        self.cases = [case["id"] for case in queue.json()["items"]]
        wrote = await self.world.parts.db.read(comments.get_many, [int(it) for it in self.comments], comments.STAFF)
        self.people = sorted({str(it.person_id) for it in wrote.values() if it.person_id is not None})


@pytest.fixture
async def scene(parts: Parts, app: FastAPI, client: AsyncClient) -> Scene:
    return await Scene.new(parts, app, client)


def _asked(scene: Scene) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Route, path and parameters of everything that can be read about the discussion."""
    site, url, thread = scene.world.site.name, scene.world.page("article"), scene.thread
    page: dict[str, Any] = {"site": site, "url": url}
    yield from _asked_by_crawlers(scene)
    for sort in SORTS:
        yield "/t/{thread}", f"/t/{thread}", {"sort": sort}
        yield "/api/v1/threads", "", {**page, "sort": sort, "limit": 100}
        yield "/api/v1/threads/{thread}/comments", f"/api/v1/threads/{thread}/comments", {"sort": sort, "limit": 100}
        yield "/embed", "", {**page, "sort": sort}
        yield "/embed/comments", "", {"thread": thread, "sort": sort}
    for comment in scene.comments:
        yield "/api/v1/comments/{comment}", f"/api/v1/comments/{comment}", {"context": 50}
        yield "/api/v1/threads/{thread}/comments", f"/api/v1/threads/{thread}/comments", {"parent": comment}
        yield "/embed/comments", "", {"thread": thread, "parent": comment}
        yield "/embed", "", {**page, "comment": comment}
        yield "/embed/pieces", "", {"thread": thread, "comment": comment}
        yield "/t/{thread}", f"/t/{thread}", {"comment": comment}
        yield "/embed", "", {**page, "parent": comment}
        yield "/api/v1/comments/{comment}/statement", f"/api/v1/comments/{comment}/statement", {}
    for version in (None, 0):
        for route in ("/api/v1/threads/{thread}/events", "/api/v1/threads/{thread}/changes"):
            yield route, route.format(thread=thread), {} if version is None else {"version": version}
    yield "/api/v1/threads/{thread}/viewer", f"/api/v1/threads/{thread}/viewer", {"fragment": "true"}
    yield "/api/v1/counts", "", page
    for case in scene.cases:
        yield "/api/v1/moderation/cases/{case}", f"/api/v1/moderation/cases/{case}", {}
    for person in scene.people:
        yield "/api/v1/moderation/authors/{person}", f"/api/v1/moderation/authors/{person}", {"site": site}
    yield "/api/v1/moderation/bulk/{job}", f"/api/v1/moderation/bulk/{scene.job}", {}
    yield "/api/v1/moderation/live", "", {"site": site, "seconds": 0}
    yield "/api/v1/sites/{site}/team", f"/api/v1/sites/{site}/team", {}
    for path in (
        "/api/v1/moderation/queue",
        "/api/v1/moderation/log",
        "/api/v1/moderation/log.jsonl",
        "/api/v1/moderation/reasons",
        "/api/v1/moderation/queues",
        "/api/v1/moderation/rules",
        "/api/v1/moderation/bulk",
        "/api/v1/moderation/stats",
        "/api/v1/moderation/stats.csv",
        "/api/v1/moderation/sanctions",
        "/api/v1/moderation/statements",
        "/api/v1/moderation/statements.jsonl",
        "/console/plain",
        "/console/plain/log",
    ):
        yield path, "", {"site": site}
        yield path, "", {"site": scene.neighbour.site.name}
    yield from _asked_outside(scene)
    for path in (
        "/console",
        "/console/plain",
        "/console/plain/log",
        "/console/enter",
        "/api/v1/moderation/counts",
        "/api/v1/session",
        "/api/v1/sites",
    ):
        yield path, "", {}
    yield "/console/{view}", "/console/log", {}
    yield "/console/{view}/{name}", "/console/authors/1", {}
    yield "/api/v1/sites/{site}", f"/api/v1/sites/{site}", {}
    for path in ("/openapi.json", "/docs", "/demo", "/demo/article.css", "/livez", "/readyz", "/metrics"):
        yield path, "", {}
    yield "/demo/{slug}", f"/demo/{ARTICLES[0].slug}", {}


def _asked_by_crawlers(scene: Scene) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The same for what is read outside the frame: search, feeds, structured data, the page of its own."""
    site, thread = scene.world.site.name, scene.thread
    page: dict[str, Any] = {"site": site, "url": scene.world.page("article")}
    for words in ("mark", "pineapple", "everybody"):
        yield "/api/v1/threads/{thread}/search", f"/api/v1/threads/{thread}/search", {"q": words}
        yield "/embed/search", "", {"thread": thread, "q": words}
        yield "/t/{thread}", f"/t/{thread}", {"q": words}
        yield "/api/v1/threads/{thread}/participants", f"/api/v1/threads/{thread}/participants", {"q": words}
    yield "/api/v1/threads/{thread}/jsonld", f"/api/v1/threads/{thread}/jsonld", {}
    for form in ("atom", "json"):
        yield f"/api/v1/threads/{{thread}}/feed.{form}", f"/api/v1/threads/{thread}/feed.{form}", {}
        for params in ({}, {"section": site}):
            yield f"/api/v1/sites/{{site}}/feed.{form}", f"/api/v1/sites/{site}/feed.{form}", params
        # Whoever has such an address reads no more than everybody may.
        for person in scene.people[:2]:
            signature = scene.world.parts.keeper.sign("replies-feed", f"{scene.world.site.id}.{person}")
            path = f"/api/v1/sites/{site}/replies/{person}.{signature}/feed.{form}"
            yield f"/api/v1/sites/{{site}}/replies/{{token}}/feed.{form}", path, {}
    yield "/api/v1/sites/{site}/replies-feed", f"/api/v1/sites/{site}/replies-feed", {}
    yield "/api/v1/jsonld", "", page
    yield from _asked_beside(site)
    for form in ("atom", "json"):
        yield f"/api/v1/feed.{form}", f"/api/v1/feed.{form}", page
    yield from _asked_as_disqus(scene)
    yield "/t/{thread}", f"/t/{thread}", {}


def _asked_beside(site: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The same for what stands beside articles."""
    long = {"count": 20, "excerpt": 500}
    for kind in get_args(Kind):
        yield "/api/v1/sites/{site}/widgets/{kind}", f"/api/v1/sites/{site}/widgets/{kind}", long
    yield "/widgets/{kind}", "/widgets/latest", {"site": site, **long}
    yield "/widgets/{kind}/piece", "/widgets/latest/piece", {"site": site, **long}


def _asked_as_disqus(scene: Scene) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The same in Disqus's dialect: its scripts, its widgets, its API."""
    site, thread = scene.world.site.name, scene.thread
    for script in ("embed.js", "count.js", "count-data.js"):
        yield f"/forums/{{forum}}/{script}", f"/forums/{site}/{script}", {"2": scene.world.page("article")}
        if script != "count-data.js":
            yield f"/forums/{script}", f"/forums/{script}", {}
    for widget in WIDGETS:
        yield "/forums/{forum}/{widget}.js", f"/forums/{site}/{widget}.js", {"num_items": 25, "excerpt_length": 500}
    of_all = {"forum": site, "thread": thread, "limit": 100, "related": "thread"}
    route = "/api/3.0/{resource}/{method}"
    for call in READS:
        deeper = "/{deeper}" if call.count("/") > 1 else ""
        about = {"post": scene.comments[-1], "user": scene.people[0], "include": "unapproved"}
        yield route + deeper, f"/api/3.0/{call}.json", {**of_all, **about}
    yield route, "/api/3.0/posts/list.json", {"forum": site, "limit": 100}
    yield "/api/oauth/2.0/authorize/", "/api/oauth/2.0/authorize/", {"client_id": "pk_nothing", "response_type": "code"}
    for comment in scene.comments:
        yield route, "/api/3.0/posts/details.json", {"post": comment}


def _asked_outside(scene: Scene) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The same for what goes out and comes in: webhooks, screening hooks, imports, mail."""
    site = scene.world.site.name
    for comment in scene.comments:
        yield "/api/v1/moderation/comments/{comment}/opinions", f"/api/v1/moderation/comments/{comment}/opinions", {}
    for part, own in (("webhooks", scene.webhook), ("hooks", scene.hook), ("imports", scene.run)):
        below = {
            "webhooks": "webhooks/{webhook}/deliveries",
            "hooks": "hooks/{hook}/results",
            "imports": "imports/{run}",
        }[part]
        for name in (site, scene.neighbour.site.name):
            yield f"/api/v1/sites/{{site}}/{part}", f"/api/v1/sites/{name}/{part}", {}
            path = f"/api/v1/sites/{name}/{below.format(webhook=own, hook=own, run=own)}"
            yield f"/api/v1/sites/{{site}}/{below}", path, {}
    for name in (site, scene.neighbour.site.name):
        for below, path in (
            ("keys", "keys"),
            ("keys/{key}/tokens", "keys/1/tokens"),
            ("export.jsonl", "export.jsonl"),
            ("members/{remote}", "members/4711"),
            ("changes", "changes"),
            ("erasure", "erasure"),
            ("threads", "threads"),
            ("threads/{thread}", f"threads/{scene.thread}"),
            ("thread-jobs", "thread-jobs"),
            ("thread-jobs/{thread_job}", f"thread-jobs/{scene.thread_job or 1}"),
        ):
            yield f"/api/v1/sites/{{site}}/{below}", f"/api/v1/sites/{name}/{path}", {}
    yield "/api/v1/outbox", "", {}
    yield "/api/v1/sites/{site}/sign-in/sessions", f"/api/v1/sites/{site}/sign-in/sessions", {}
    yield "/sign-in/start", "", {"site": site, "provider": "google", "challenge": "c" * 43}
    yield "/sign-in/back", "", {"state": "nothing", "code": "nothing"}
    yield "/api/v1/moderation/alerts", "", {"site": site}
    for path in ("", "/comments", "/replies", "/votes", "/sessions", "/export", "/mail"):
        yield f"/api/v1/me{path}", "", {"site": site}
    yield "/api/v1/me/exports/{export}", "/api/v1/me/exports/1", {"signature": "forged"}
    yield "/api/v1/sites/{site}/erasures", f"/api/v1/sites/{site}/erasures", {}
    yield "/privacy/{site}", f"/privacy/{site}", {}
    yield "/me", "", {}
    yield "/me/{part}", "/me/data", {}
    yield "/me/ways", "", {}
    yield "/me/ways/provider", "", {"provider": "google"}
    yield "/me/enter", "", {"token": "forged"}
    for page in ("confirm", "stop"):
        yield f"/mail/{page}", "", {"token": "1.0.forged"}
    for path in ("/console/mail", "/console/mail/stop"):
        yield path, "", {"token": "1.approve.forged"}


async def _strangers(scene: Scene) -> dict[str, AsyncClient]:
    """Everybody whom the hidden things are not for."""
    guest = scene.guest("Somebody else")
    await guest.post("Another comment everybody reads.")
    with_capability = scene.world.caller(some_address())
    with_capability.headers.update(guest.headers)
    await scene.world.staff("owner")  # the last owner could not become a former one
    former = await scene.world.staff("owner", f"former@{scene.world.site.name}.test")
    account = await scene.world.parts.db.read(identity.account_by_email, f"former@{scene.world.site.name}.test")
    assert account is not None
    await scene.world.parts.db.transact(identity.revoke, account.id, scene.world.site.id)
    forged = scene.world.caller(some_address())
    forged.cookies.set(console_cookie(scene.world.parts), "forged" * 8)
    return {
        "nobody": scene.world.caller(some_address()),
        "another guest": with_capability,
        "a moderator of another site": await scene.neighbour.staff("owner"),
        "a former owner": former,
        "a forged cookie": forged,
    }


async def _read_all(scene: Scene, client: AsyncClient) -> dict[str, tuple[int, str]]:
    """Everything this client can read: what was asked, to the status and the whole answer."""
    found = {}
    for route, path, params in _asked(scene):
        for coding in CODINGS:
            response = await client.get(path or route, params=params, headers={"Accept-Encoding": coding})
            told = f"{response.headers}\n{response.text}"
            found[f"{path or route} {params} {coding}"] = (response.status_code, told)
    return found


async def test_every_page_is_looked_at(scene: Scene, app: FastAPI) -> None:
    assert {f"GET {route}" for route, _, _ in _asked(scene)} == {
        name for name in routes(app) if name.startswith("GET ")
    }


async def test_hidden_texts_are_in_no_answer_for_strangers(scene: Scene) -> None:
    nobody = scene.world.caller(some_address())
    await _read_all(scene, nobody)  # so that what is kept ready has to be forgotten
    await scene.hide_something_of_everything()
    leaks = []
    statuses: set[int] = set()
    for name, client in (await _strangers(scene)).items():
        for asked, (status, told) in (await _read_all(scene, client)).items():
            statuses.add(status)
            leaks += [f"{mark} for {name} in {asked}" for mark in scene.marks.found_in(told)]
            assert status < 500, (asked, told)
    assert not leaks, "\n".join(leaks)
    assert {200, 404} <= statuses


async def _as_applications(scene: Scene) -> dict[str, Application]:
    """Who calls Disqus's API with keys: any page, the site's server, another site's owner, a token to write."""
    neighbour, owner = scene.neighbour, await scene.world.staff("owner")
    own, stranger = await key(scene.world, owner), await neighbour.staff("owner")
    foreign = await key(neighbour, stranger)
    theirs = await token(neighbour, stranger, foreign, ["read", "write", "admin"])
    to_write = await token(scene.world, owner, own, ["write"])
    given = {
        "a page with the public key": {"api_key": own.public},
        "the site's server": {"api_secret": own.secret},
        "another site's owner": {"api_secret": foreign.secret, "access_token": theirs},
        "another site's token": {"api_secret": own.secret, "access_token": theirs},
        "an owner's token to write alone": {"api_secret": own.secret, "access_token": to_write},
    }
    return {name: Application(scene.world.caller(some_address()), keys) for name, keys in given.items()}


async def _told_as_disqus(scene: Scene, app: Application) -> dict[str, str]:
    """Every call that reads, asked for all there is, and each comment by itself."""
    page = {"forum": scene.world.site.name, "thread": scene.thread, "limit": 100, "related": "thread"}
    told = {}
    hidden = ["unapproved", "deleted", "spam"]
    for call in READS:
        about = {"post": scene.comments[-1], "user": scene.people[0], "include": hidden, "query": "mark"}
        told[call] = (await app.get(call, **page, **about)).text
    for comment in scene.comments:
        told[comment] = (await app.get("posts/details", post=comment)).text
    return told


async def test_no_key_of_disqus_opens_what_is_hidden(scene: Scene) -> None:
    """Nor any token, but one that somebody has granted for reading who moderates here: to that one it is shown."""
    await scene.hide_something_of_everything()
    leaks = [
        f"{mark} for {name} in {asked}"
        for name, app in (await _as_applications(scene)).items()
        for asked, told in (await _told_as_disqus(scene, app)).items()
        for mark in scene.marks.found_in(told)
    ]
    assert not leaks, "\n".join(leaks)
    owner = await scene.world.staff("owner")
    made = await key(scene.world, owner)
    keys = {"api_secret": made.secret, "access_token": await token(scene.world, owner, made, ["read"])}
    told = str(await _told_as_disqus(scene, Application(scene.world.caller(some_address()), keys)))
    assert len(scene.marks.found_in(told)) >= 5, scene.marks.found_in(told)


async def test_the_moderator_finds_the_marks(scene: Scene) -> None:
    """Or the marks would not be where they are looked for."""
    await scene.hide_something_of_everything()
    told = str(await _read_all(scene, scene.moderator))
    missing = [mark for mark in scene.marks.all if mark not in told]
    gone = [mark for mark in missing if not any(word in mark for word in _NOWHERE)]
    # Where a site sends what is its owners' affair.
    # Names and texts of what was decided about stand in the log; a reader's e-mail address stands nowhere.
    assert gone == [mark for mark in gone if mark.startswith(("markedited", "markdecided"))]


async def test_an_author_sees_what_is_held_and_nobody_elses(scene: Scene) -> None:
    await scene.hide_something_of_everything()
    author, _ = await scene.hold("own")
    own = scene.marks.all[-2:]
    client = scene.world.caller(some_address())
    client.headers.update(author.headers)
    leaks, seen = [], False
    for asked, (_, told) in (await _read_all(scene, client)).items():
        found = scene.marks.found_in(told)
        seen = seen or own[1] in found
        leaks += [f"{mark} in {asked}" for mark in found if mark not in own or not _is_ones_own(asked)]
    assert not leaks, "\n".join(leaks)
    assert seen


def _is_ones_own(asked: str) -> bool:
    return "/viewer" in asked or asked.startswith("/api/v1/me")


async def test_a_held_comment_does_not_rename_its_authors_others(scene: Scene) -> None:
    """A name is words as well: one that is held must not show on what was published before."""
    author = scene.guest("Ada")
    published = scene.note(await author.post("Fine."))
    name = scene.marks.held("name")
    held = await author.post("Fine as well.", expect=202, author={"name": name})
    assert held["status"] == "held"
    found = await scene.world.client.get(f"/api/v1/comments/{published}")
    assert found.json()["comment"]["author"]["name"] == "Ada"


async def test_a_held_first_comment_gives_its_page_no_title(scene: Scene) -> None:
    """The title comes with the first post, from whoever wrote it: held words are not to be read there either."""
    page = {"site": scene.world.site.name, "url": scene.world.page("unopened")}
    title = scene.marks.held("title")
    await scene.guest().post(f"A {scene.marks.held('body')}", expect=202, page="unopened", title=title)
    for path in ("/api/v1/threads", "/embed"):
        response = await scene.world.client.get(path, params=page)
        assert title not in response.text, path


async def _everything_stored(parts: Parts) -> str:
    """All rows of all tables, as text."""

    async def dump(tx: ReadTx) -> str:
        connection = await tx.connection()
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
        if not parts.db.is_sqlite:
            names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        told = []
        for (name,) in (await connection.execute(text(names))).all():
            told += [f"{name} {tuple(row)}" for row in await connection.execute(text(f'SELECT * FROM "{name}"'))]  # noqa: S608  # names of our own tables
        return "\n".join(told)

    return await parts.db.read(dump)


def test_logs_name_nobody(tmp_path: Path) -> None:
    """A server that logs all it can, through posts, votes, reports, sign-ins, refusals and an error of its own."""
    marks, port, database = Marks(), free_port(), tmp_path / "var" / "parley.sqlite3"
    env = {"PARLEY_LOG_LEVEL": "DEBUG", "PARLEY_LOG_FORMAT": "json", "PARLEY_TRUSTED_PROXIES": "127.0.0.0/8"}
    staff = f"{marks.new('staff')}@news.test"
    for command in (
        ["migrate"],
        ["site", "add", "news", "https://news.test"],
        ["site", "set", "news", "screening.suspect_words", '["pineapple*"]'],
        ["user", "add", staff, "--site", "news"],
    ):
        with parley(*command, folder=tmp_path, env=env) as done:
            assert done.popen.wait(60) == 0, done.output()
    with parley("serve", folder=tmp_path, port=port, env=env) as server:
        page = f"https://news.test/{marks.new('page')}"
        headers = {
            "X-Forwarded-For": "203.0.113.77",
            "User-Agent": marks.new("agent"),
            "Referer": page,
            "Idempotency-Key": marks.new("key"),
            "Cookie": f"parley-staff={marks.new('cookie')}",
        }
        with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=20) as client:
            new = {
                "site": "news",
                "url": page,
                "body": f"Hello {marks.new('body')}",
                "author": {"name": marks.new("name"), "email": f"{marks.new('email')}@readers.test"},
            }
            made = client.post("/api/v1/comments", json=new)
            assert made.status_code == 201, made.text
            marks.all.append(made.json()["guest"].lower())
            comment, bearer = made.json()["comment"]["id"], {"Authorization": f"Bearer {made.json()['guest']}"}
            held = {**new, "body": f"A {marks.held('held')}."}
            assert (
                client.post("/api/v1/comments", json=held, headers={"Idempotency-Key": "another-one"}).status_code
                == 202
            )
            client.patch(f"/api/v1/comments/{comment}", json={"body": marks.new("edit")}, headers=bearer)
            client.post(f"/api/v1/comments/{comment}/reports", json={"reason": "spam", "detail": marks.new("detail")})
            client.get("/api/v1/threads", params={"site": "news", "url": page, "cursor": marks.new("cursor")})
            client.get(f"/{marks.new('path')}", params={"q": marks.new("query")})
            client.post("/api/v1/comments", content=f'{{"body": "{marks.new("broken")}'.encode())
            client.post("/api/v1/auth/link", json={"email": staff})
            token = marks.new("token")
            client.post("/api/v1/auth/session", json={"token": token}, headers={"Origin": server.url})
            client.get("/console/enter", params={"token": token})
            client.post("/console/enter", data={"token": token}, headers={"Origin": server.url})
            with sqlite3.connect(database) as broken:
                broken.execute("DROP TABLE vote")
            failed = client.put(f"/api/v1/comments/{comment}/vote", json={"value": 1})
            assert failed.status_code == 500
            assert not marks.found_in(failed.text)
            with sqlite3.connect(database) as broken:
                broken.execute("ALTER TABLE comment RENAME COLUMN hot TO cold")
            failed = client.post("/api/v1/comments", json={**new, "body": marks.new("lost")}, headers=bearer)
            assert failed.status_code in {422, 500}
            failed = client.post(
                "/api/v1/comments",
                json={**new, "body": marks.new("lost")},
                headers={**bearer, "Idempotency-Key": "a-third-one"},
            )
            assert failed.status_code == 500
        server.stop()
        logged = server.output().lower()
    assert "request.failed" in logged, "nothing was logged at all"
    assert marks.found_in(logged) == []
    assert "203.0.113.77" not in logged
    assert "127.0.0.1:" not in logged.replace(server.url, "")
