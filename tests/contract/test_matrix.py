"""Who may do what: every route × every caller × one's own, a hidden, a foreign and an absent thing.

The table below is the promise; a route that is not in it fails. A verdict is read as `401 moderator,owner=200`: the
status for everybody, then who differs. `changed_by` says by whom the comment in question changed; nobody else's
request may have left a trace in it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from fastapi import APIRouter, FastAPI
from httpx import AsyncClient, Response
from starlette.routing import Route

from service import comments, identity
from service.demo.seed import ARTICLES
from service.web.parts import Parts
from service.web.who import console_cookie
from tests.world import World, some_address

Subject = Literal["own", "held", "foreign", "absent"]
CALLERS = ("nobody", "author", "guest", "moderator", "owner", "neighbour", "former", "forged")
ABSENT = "999999999999999999"
HELD_WORD = "pineapple"
_READERS = "nobody,author,guest,forged"


@dataclass(frozen=True)
class Thing:
    """What a request is about."""

    site: str
    url: str
    thread: str
    comment: str
    version: int
    claim: str


@dataclass(frozen=True)
class Row:
    """One route with what it is to be asked; `ask` gives the arguments of the request."""

    route: str
    ask: Callable[[Thing], dict[str, Any]]
    verdicts: Mapping[Subject, str]
    changed_by: Mapping[Subject, str] = field(default_factory=dict)
    is_fresh: bool = False  # every request gets a comment of its own
    ends_sessions: bool = False


def _plain(_: Thing) -> dict[str, Any]:
    return {}


def _for_all(verdict: str) -> Mapping[Subject, str]:
    return {"own": verdict}


def _by_site(thing: Thing) -> dict[str, Any]:
    return {"params": {"site": thing.site}}


def _by_page(thing: Thing) -> dict[str, Any]:
    return {"params": {"site": thing.site, "url": thing.url}}


def _decision(thing: Thing) -> dict[str, Any]:
    return {"json": {"items": [{"comment": thing.comment, "version": thing.version}], "action": "spam"}}


def _decision_form(thing: Thing) -> dict[str, Any]:
    return {"data": {"comment": thing.comment, "version": str(thing.version), "action": "spam"}}


def _reply(thing: Thing) -> dict[str, Any]:
    said = {"body": "New.", "author": {"name": "Bob"}}
    return {"json": {"site": thing.site, "url": thing.url, "parent": thing.comment, **said}}


_PUBLIC: Mapping[Subject, str] = {"own": "200", "foreign": "200", "absent": "404"}
_AUTHORS_ONLY: Mapping[Subject, str] = {
    "own": "403 author=200",
    "held": "404 author=202",
    "foreign": "403",
    "absent": "404",
}
_OF_THE_TEAM: Mapping[Subject, str] = {
    "own": f"404 moderator,owner=200 former=403 {_READERS}=401",
    "foreign": f"404 neighbour=200 former=403 {_READERS}=401",
    "absent": f"404 former=403 {_READERS}=401",
}
_DECIDED: Mapping[Subject, str] = {
    "own": "moderator,owner",
    "held": "moderator,owner",
    "foreign": "neighbour",
}
_EVERYBODY = ",".join(CALLERS)
# Who is not signed in is sent to where one can; of what is not theirs staff learn nothing.
_FORMS_OF_THE_TEAM: Mapping[Subject, str] = {
    "own": "303 neighbour,former=404",
    "foreign": "303 moderator,owner,former=404",
    "absent": f"404 {_READERS}=303",
}


def _swapped(verdicts: Mapping[Subject, str], old: str, new: str) -> Mapping[Subject, str]:
    return {subject: verdict.replace(f"={old}", f"={new}") for subject, verdict in verdicts.items()}


TABLE = (
    Row(
        "POST /api/v1/comments",
        lambda t: {"json": {"site": t.site, "thread": t.thread, "body": "New.", "author": {"name": "Bob"}}},
        {"own": "201", "foreign": "201", "absent": "404"},
    ),
    Row(
        "POST /api/v1/comments",
        _reply,
        {"own": "201", "held": "422", "foreign": "201", "absent": "404"},
        is_fresh=True,
    ),
    Row(
        "PATCH /api/v1/comments/{comment}",
        lambda _: {"json": {"body": "Rewritten."}},
        _AUTHORS_ONLY,
        changed_by={"own": "author", "held": "author"},
        is_fresh=True,
    ),
    Row(
        "DELETE /api/v1/comments/{comment}",
        _plain,
        {**_AUTHORS_ONLY, "own": "403 author=204", "held": "404 author=204"},
        changed_by={"own": "author", "held": "author"},
        is_fresh=True,
    ),
    Row(
        "PUT /api/v1/comments/{comment}/vote",
        lambda _: {"json": {"value": 1}},
        {"own": "200 author=403", "held": "404", "foreign": "200", "absent": "404"},
        changed_by={"own": _EVERYBODY.replace("author,", ""), "foreign": _EVERYBODY},
        is_fresh=True,
    ),
    Row(
        "POST /api/v1/comments/{comment}/reports",
        lambda _: {"json": {"reason": "spam"}},
        {"own": "202", "held": "404", "foreign": "202", "absent": "404"},
        is_fresh=True,
    ),
    Row("GET /api/v1/threads", _by_page, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/comments", _plain, _PUBLIC),
    Row(
        "GET /api/v1/threads/{thread}/comments",
        lambda t: {"params": {"parent": t.comment}},
        {"own": "200", "held": "404", "foreign": "200", "absent": "404"},
    ),
    Row("GET /api/v1/threads/{thread}/viewer", _plain, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/events", _plain, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/changes", lambda _: {"params": {"version": 0}}, _PUBLIC),
    Row("GET /api/v1/comments/{comment}", _plain, {**_PUBLIC, "held": "404"}),
    Row("GET /api/v1/counts", _by_page, _PUBLIC),
    Row("GET /api/v1/session", _plain, _for_all("200")),
    Row("POST /api/v1/auth/link", lambda _: {"json": {"email": f"{some_address()}@nobody.test"}}, _for_all("202")),
    Row("POST /api/v1/auth/session", lambda _: {"json": {"token": "not a token"}}, _for_all("403")),
    Row("DELETE /api/v1/session", _plain, _for_all("204"), ends_sessions=True),
    Row("GET /api/v1/moderation/queue", _by_site, _OF_THE_TEAM),
    Row("GET /api/v1/moderation/log", _by_site, _OF_THE_TEAM),
    Row("GET /api/v1/moderation/counts", _plain, _for_all(f"200 former=403 {_READERS}=401")),
    Row(
        "POST /api/v1/moderation/claims",
        lambda t: {"json": {"site": t.site, "limit": 1}},
        _swapped(_OF_THE_TEAM, "200", "201"),
    ),
    Row(
        "PUT /api/v1/moderation/claims/{claim}",
        _plain,
        {subject: verdict.replace("404 ", "422 ") for subject, verdict in _OF_THE_TEAM.items()},
    ),
    Row(
        "DELETE /api/v1/moderation/claims/{claim}",
        _plain,
        {subject: verdict.replace("404 ", "422 ") for subject, verdict in _swapped(_OF_THE_TEAM, "200", "204").items()},
    ),
    Row(
        "POST /api/v1/moderation/decisions",
        _decision,
        {**_OF_THE_TEAM, "held": _OF_THE_TEAM["own"]},
        changed_by=_DECIDED,
        is_fresh=True,
    ),
    Row("GET /embed", _by_page, _PUBLIC),
    Row("GET /embed", lambda t: {"params": {"site": t.site, "url": t.url, "comment": t.comment}}, {"held": "200"}),
    Row("GET /api/v1/threads/{thread}/search", lambda _: {"params": {"q": "comment"}}, _PUBLIC),
    Row("GET /embed/search", lambda t: {"params": {"thread": t.thread, "q": "comment"}}, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/feed.atom", _plain, _PUBLIC),
    Row("GET /api/v1/sites/{site}/feed.atom", _plain, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/jsonld", _plain, _PUBLIC),
    Row("GET /api/v1/jsonld", _by_page, _PUBLIC),
    Row("GET /t/{thread}", _plain, _PUBLIC),
    Row("GET /t/{thread}", lambda t: {"params": {"comment": t.comment}}, {"held": "200"}),
    # A form that is not on a page of ours; with Origin, as staff's clients here send it, it is one.
    Row(
        "POST /embed/comments",
        lambda t: {"data": {"site": t.site, "thread": t.thread, "name": "Bob", "body": f"Plain {some_address()}."}},
        {
            "own": "403 moderator,owner,neighbour,former=201",
            "foreign": "403 moderator,owner,neighbour,former=201",
            "absent": "404",
        },
    ),
    Row(
        "POST /embed/reports",
        lambda t: {"data": {"site": t.site, "thread": t.thread, "comment": t.comment, "reason": "spam"}},
        {
            "own": "403 moderator,owner,neighbour,former=202",
            "held": "403 moderator,owner,neighbour,former=404",
            "foreign": "403 moderator,owner,neighbour,former=202",
            "absent": "404",
        },
        is_fresh=True,
    ),
    Row("GET /embed/pieces", lambda t: {"params": {"thread": t.thread, "comment": t.comment}}, _PUBLIC),
    Row("GET /embed/comments", lambda t: {"params": {"thread": t.thread}}, _PUBLIC),
    # Readers see where to sign in; who lost the role is told so.
    Row("GET /console", _plain, _for_all("200 former=403")),
    Row(
        "GET /console",
        _by_site,
        {
            "own": "200 neighbour=404 former=403",
            "foreign": "200 moderator,owner=404 former=403",
            "absent": f"404 {_READERS}=200 former=403",
        },
    ),
    Row(
        "GET /console/log",
        _by_site,
        {
            "own": "303 moderator,owner=200 neighbour=404",
            "foreign": "303 moderator,owner=404 neighbour=200",
            "absent": "303 moderator,owner,neighbour=404",
        },
    ),
    Row(
        "POST /console/claim",
        lambda t: {"data": {"site": t.site}},
        {
            "own": "303 neighbour,former=404",
            "foreign": "303 moderator,owner,former=404",
            "absent": f"404 {_READERS}=303",
        },
    ),
    Row(
        "POST /console/release",
        lambda t: {"data": {"claim": t.claim}},
        {
            "own": "303 neighbour,former=404",
            "foreign": "303 moderator,owner,former=404",
            "absent": f"404 {_READERS}=303",
        },
    ),
    Row(
        "POST /console/decide",
        _decision_form,
        {**_FORMS_OF_THE_TEAM, "held": _FORMS_OF_THE_TEAM["own"]},
        changed_by=_DECIDED,
        is_fresh=True,
    ),
    Row("GET /console/enter", lambda _: {"params": {"token": "not a token"}}, _for_all("200")),
    Row("POST /console/enter", lambda _: {"data": {"token": "not a token"}}, _for_all("403")),
    # A form that is not one of ours names no Origin of ours.
    Row(
        "POST /console/sign-in",
        lambda _: {"data": {"email": f"{some_address()}@nobody.test"}},
        _for_all("403 moderator,owner,neighbour,former=200"),
    ),
    Row("POST /console/sign-out", _plain, _for_all("303"), ends_sessions=True),
    Row("GET /demo", _plain, _for_all("200")),
    Row("GET /demo/article.css", _plain, _for_all("200")),
    Row("GET /demo/{slug}", _plain, {"own": "200", "absent": "404"}),
    Row("GET /livez", _plain, _for_all("200")),
    Row("GET /readyz", _plain, _for_all("200")),
    Row("GET /openapi.json", _plain, _for_all("200")),
    Row("GET /docs", _plain, _for_all("200")),
)


def routes(app: FastAPI) -> set[str]:
    """`METHOD /path` of everything the app answers."""
    return {
        f"{method} {route.path}"
        for route in _walk(app.routes)
        for method in route.methods or ()
        if method not in {"HEAD", "OPTIONS"}
    }


def _walk(found: Iterable[Any]) -> Iterator[Route]:
    for route in found:
        if isinstance(route, Route):
            yield route
        elif isinstance(included := getattr(route, "original_router", None), APIRouter):
            yield from _walk(included.routes)


def expected(verdict: str, caller: str) -> int:
    """The status a verdict names for a caller."""
    status, *exceptions = verdict.split()
    for exception in exceptions:
        callers, _, other = exception.partition("=")
        if caller in callers.split(","):
            status = other
    return int(status)


class Scene:
    """Two sites with their people."""

    def __init__(self, parts: Parts, app: FastAPI, home: World, next_door: World) -> None:
        self.parts = parts
        self.app = app
        self.home = home
        self.next_door = next_door
        self.author = home.guest("Author")
        self.guest = home.guest("Guest")
        self.elsewhere = next_door.guest("Somebody")
        self.staff: dict[str, AsyncClient] = {}
        self.claims: dict[str, str] = {}

    @classmethod
    async def new(cls, parts: Parts, app: FastAPI, client: AsyncClient) -> Scene:
        policy = {"screening": {"suspect_words": [HELD_WORD]}, "moderation": {"claim_cap": 200}}
        home, next_door = [await World.new(parts, app, client, policy) for _ in range(2)]
        scene = cls(parts, app, home, next_door)
        await scene.guest.post("Somebody else's.")
        await scene.sign_in()
        for name, guest, staff in (
            (home.site.name, scene.author, "moderator"),
            (next_door.site.name, scene.elsewhere, "neighbour"),
        ):
            await guest.post(f"{HELD_WORD} to be claimed", expect=202)
            await parts.relay.drain()
            taken = await scene.staff[staff].post("/api/v1/moderation/claims", json={"site": name, "limit": 1})
            scene.claims[name] = taken.json()["items"][0]["claim"]
        return scene

    async def sign_in(self) -> None:
        """Everybody of the staff, in a browser of their own; one of them has lost the role since."""
        self.staff = {
            "moderator": await self.home.staff("moderator", f"moderator@{self.home.site.name}.test"),
            "owner": await self.home.staff("owner", f"owner@{self.home.site.name}.test"),
            "neighbour": await self.next_door.staff("owner", f"owner@{self.next_door.site.name}.test"),
            "former": await self.home.staff("moderator", f"former@{self.home.site.name}.test"),
        }
        former = await self.parts.db.read(identity.account_by_email, f"former@{self.home.site.name}.test")
        assert former is not None
        await self.parts.db.transact(identity.revoke, former.id, self.home.site.id)

    def caller(self, name: str) -> AsyncClient:
        """A client that sends what this caller would."""
        if name in self.staff:
            return self.staff[name]
        client = self.home.caller(some_address())
        if name == "forged":
            client.cookies.set(console_cookie(self.parts), "forged" * 8)
        elif name != "nobody":
            client.headers.update({"author": self.author, "guest": self.guest}[name].headers)
        return client

    async def thing(self, subject: Subject) -> Thing:
        """Something new that is the author's, hidden, of the other site, or not there."""
        if subject == "absent":
            return Thing("no-such-site", "https://news.test/nothing", ABSENT, ABSENT, 1, "9.9.9.9.9")
        world, guest = (self.next_door, self.elsewhere) if subject == "foreign" else (self.home, self.author)
        text, status = (f"{HELD_WORD}!", 202) if subject == "held" else ("A comment.", 201)
        made = (await guest.post(text, expect=status))["comment"]
        return Thing(
            world.site.name,
            world.page("article"),
            made["thread"],
            made["id"],
            made["version"],
            self.claims[world.site.name],
        )


async def _request(client: AsyncClient, row: Row, thing: Thing) -> Response:
    method, path = row.route.split()
    slug = "nothing" if thing.comment == ABSENT else ARTICLES[0].slug
    path = path.format(comment=thing.comment, thread=thing.thread, claim=thing.claim, slug=slug, site=thing.site)
    return await client.request(method, path, **row.ask(thing))


def _status(response: Response) -> int:
    """Of a decision the status of its one item: the answer as a whole is 200 whatever became of it."""
    if response.status_code == 200 and response.request.url.path.endswith("/decisions"):
        problem = response.json()["items"][0]["problem"]
        return int(problem["status"]) if problem else 200
    return response.status_code


@pytest.fixture
async def scene(parts: Parts, app: FastAPI, client: AsyncClient) -> Scene:
    return await Scene.new(parts, app, client)


async def test_every_route_is_in_the_table(app: FastAPI) -> None:
    assert routes(app) == {row.route for row in TABLE}


async def test_everybody_may_what_the_table_says_and_no_more(scene: Scene) -> None:
    wrong: list[str] = []
    shared: dict[Subject, Thing] = {}
    for row in TABLE:
        for subject, verdict in row.verdicts.items():
            for caller in CALLERS:
                if row.is_fresh:
                    thing = await scene.thing(subject)
                elif (known := shared.get(subject)) is not None:
                    thing = known
                else:
                    thing = shared[subject] = await scene.thing(subject)
                told = f"{row.route} [{subject}] by {caller}"
                before = await _snapshot(scene, thing)
                response = await _request(scene.caller(caller), row, thing)
                if (status := _status(response)) != (wanted := expected(verdict, caller)):
                    wrong.append(f"{told}: {status}, not {wanted}: {response.text[:200]}")
                may_change = caller in row.changed_by.get(subject, "").split(",")
                if (await _snapshot(scene, thing) != before) != may_change:
                    wrong.append(f"{told}: the comment {'did not change' if may_change else 'changed'}")
                if row.ends_sessions and caller in scene.staff:
                    await scene.sign_in()
    assert not wrong, "\n".join(wrong)


async def _snapshot(scene: Scene, thing: Thing) -> object:
    if thing.comment == ABSENT:
        return None
    found = await scene.parts.db.read(comments.get, int(thing.comment), comments.STAFF)
    return found.state, found.body, found.version, found.up, found.down, found.person_id


async def test_what_is_foreign_and_what_is_absent_are_told_in_the_same_words(scene: Scene) -> None:
    """To staff of another site, a hidden comment and one that does not exist are one and the same."""
    held, absent = await scene.thing("held"), await scene.thing("absent")
    for row in TABLE:
        if "held" not in row.verdicts or ("{comment}" not in row.route and "decide" not in row.route):
            continue
        answers = [await _request(scene.caller("neighbour"), row, thing) for thing in (held, absent)]
        texts = [answer.text.replace(held.comment, ABSENT) for answer in answers]
        assert _status(answers[0]) == _status(answers[1]) == 404, row.route
        assert texts[0] == texts[1], row.route


async def test_no_write_is_taken_with_a_cookie_and_a_foreign_origin(scene: Scene) -> None:
    """A form on another page is sent with the moderator's cookie, and is not carried out."""
    everything: list[Awaitable[Response]] = []
    thing = await scene.thing("held")
    before = await _snapshot(scene, thing)
    tempting: list[Mapping[str, str]] = [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": scene.parts.settings.origin},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ]
    for row in TABLE:
        method, path = row.route.split()
        if method == "GET" or not path.startswith(("/console", "/api/v1/moderation", "/api/v1/session")):
            continue
        for headers in tempting:
            client = scene.home.caller(some_address())
            client.cookies = scene.staff["moderator"].cookies
            client.headers.update(headers)
            everything.append(_request(client, row, thing))
    for answer in everything:
        response = await answer
        assert response.status_code == 403, (response.request.method, response.request.url, response.request.headers)
        assert "set-cookie" not in response.headers
    assert await _snapshot(scene, thing) == before
    assert (await scene.staff["moderator"].get("/api/v1/session")).json()["name"] == "Moderator"


async def test_many_capabilities_of_one_address_are_one_reader_who_reports(scene: Scene) -> None:
    """A capability is had for the asking: a number of them is no crowd, and takes no comment down."""
    address, target = some_address(), (await scene.author.post())["comment"]["id"]
    for number in range(6):
        sock = scene.home.guest(f"Sock {number}", address)
        await sock.post(f"To have a capability, {number}.")
        assert (await sock.report(target)).status_code in {202, 404}
    assert (await scene.home.client.get(f"/api/v1/comments/{target}")).status_code == 200


async def test_many_capabilities_of_one_address_have_no_more_votes_than_strangers(scene: Scene) -> None:
    """Strangers' votes are limited per address and comment; who first gets a capability elsewhere is no better."""
    quiet = {act: {"address": ["100000/s"], "author": ["100000/s"]} for act in ("post", "vote")}
    world = await scene.home.another({"limits": quiet})
    address, target = some_address(), (await world.guest().post())["comment"]["id"]
    for number in range(8):
        sock = world.guest(f"Sock {number}", address)
        await sock.post(f"To have a capability, {number}.")
        await sock.vote(target, 1)
    assert (await world.client.get(f"/api/v1/comments/{target}")).json()["comment"]["up"] <= 3


async def test_an_idempotency_key_gives_nobody_somebody_elses_capability(scene: Scene) -> None:
    """A careless client's key is easily met: whoever does so is told that it is used, or has a comment of their own."""
    first = await scene.author.post("First!", key="comment-1")
    stranger = scene.home.guest("Stranger")
    await stranger.post("Hello.")
    answer = await scene.home.guest(scene.author.name).client.post(
        "/api/v1/comments",
        json={
            "site": scene.home.site.name,
            "url": scene.home.page("article"),
            "body": "First!",
            "author": {"name": scene.author.name},
        },
        headers={"Idempotency-Key": "comment-1", **stranger.headers},
    )
    assert first["guest"]
    assert answer.json().get("guest") != first["guest"]
