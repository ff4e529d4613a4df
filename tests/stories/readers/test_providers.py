"""Readers sign in at an OpenID provider, a real one in its own process, in a window that hands over to the frame."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from httpx import AsyncClient, Response

from service import readers
from service.kit import clock
from service.readers import Providers
from service.web.parts import Parts
from tests.servers.provider import CLIENT, provider
from tests.world import World, some_address

ADA = {"sub": "ada-4711", "name": "Ada L.", "email": "ada@provider.test", "email_verified": True}
NAMELESS = {"sub": "nobody"}
WRONG = (403, "code-wrong")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider of these stories."""
    with provider(ADA, NAMELESS) as made:
        yield made


@pytest.fixture
async def site(world: World, issuer: str) -> World:
    """A site whose readers may sign in there."""
    written = json.dumps([{"id": "mock", "name": "Mock", "issuer": issuer, **CLIENT}])
    _provide(world.parts, written)
    return await world.another({"readers": {"providers": ["mock"]}, "posting": {"who": "members"}})


def _provide(parts: Parts, written: str) -> None:
    known = readers.read_providers(written)
    Providers.__init__(parts.providers, known, parts.out, parts.key_sets)


def refusal(response: Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].partition("#")[2]


class Frame:
    """A frame and the window it opens, in one browser."""

    def __init__(self, site: World) -> None:
        self.site = site
        self.browser: AsyncClient = site.caller(some_address())
        self.verifier = secrets.token_urlsafe(32)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")

    async def start(self, **other: str) -> Response:
        asked = {"site": self.site.site.name, "provider": "mock", "challenge": self.challenge, **other}
        return await self.browser.get("/sign-in/start", params=asked)

    async def sign_in(self, sub: str = "ada-4711") -> dict[str, str]:
        """Sign in at the provider; what it sends the browser back with."""
        started = await self.start()
        assert started.status_code == 303, started.text
        async with httpx.AsyncClient(trust_env=False) as outside:
            there = await outside.post(started.headers["location"], data={"sub": sub})
        back = urlsplit(there.headers["location"])
        return {name: values[0] for name, values in parse_qs(back.query).items()}

    async def come_back(self, said: dict[str, str]) -> Response:
        return await self.browser.get("/sign-in/back", params=said)

    async def code(self, sub: str = "ada-4711") -> str:
        """The code the window hands over."""
        back = await self.come_back(await self.sign_in(sub))
        found = re.search(r'data-code="([^"]+)"', back.text)
        assert found is not None, back.text
        return found[1]

    async def take(self, code: str, **other: Any) -> Response:
        path = f"/api/v1/sites/{self.site.site.name}/sign-in/handovers"
        return await self.browser.post(path, json={"code": code, "verifier": self.verifier, **other})


async def test_a_reader_of_a_provider_is_known_again_by_that_and_by_nothing_else(site: World) -> None:
    frame = Frame(site)
    started = await frame.start()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(started.headers["location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    back = await frame.come_back(await frame.sign_in())
    assert back.headers["cross-origin-opener-policy"] == "unsafe-none"
    assert back.headers["referrer-policy"] == "no-referrer"
    assert "script-src 'self'" in back.headers["content-security-policy"]
    entered = await frame.take(await Frame.code(frame))
    assert (entered.status_code, entered.json()["name"]) == (201, "Ada L.")
    ada = site.guest("Mallory")
    ada.token = entered.json()["session"]
    mine = (await ada.post("By way of a provider."))["comment"]
    assert mine["author"]["name"] == "Ada L."

    # From another browser it is the same account.
    other = Frame(site)
    again = site.guest()
    again.token = (await other.take(await other.code(), name="Ada Lovelace")).json()["session"]
    assert (await again.edit(mine["id"], "From the other browser.")).status_code == 200

    # Who has no name there says one.
    nameless = Frame(site)
    code = await nameless.code("nobody")
    assert refusal(await nameless.take(code)) == (422, "reader-name-needed")
    assert (await nameless.take(code, name="Nemo")).json()["name"] == "Nemo"


async def test_a_code_is_for_the_frame_that_opened_the_window(site: World) -> None:
    frame, thief = Frame(site), Frame(site)
    code = await frame.code()
    assert refusal(await thief.take(code)) == WRONG
    assert refusal(await frame.take(code)) == WRONG, "a wrong verifier ends it"
    code = await frame.code()
    elsewhere = Frame(await site.another({"readers": {"providers": ["mock"]}}))
    elsewhere.verifier = frame.verifier
    assert refusal(await elsewhere.take(code)) == WRONG
    assert (await frame.take(code)).status_code == 201
    assert refusal(await frame.take(code)) == WRONG, "it works once"
    code = await frame.code()
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert refusal(await frame.take(code)) == WRONG
        await site.parts.db.transact(readers.forget_windows)
    assert refusal(await frame.take(code)) == WRONG
    path = f"/api/v1/sites/{site.site.name}/sign-in/handovers"
    body = {"code": await frame.code(), "verifier": frame.verifier}
    foreign = await frame.browser.post(path, json=body, headers={"Origin": "https://evil.test"})
    assert refusal(foreign) == (403, "cross-site")


async def test_a_window_comes_back_once_in_the_browser_it_was_opened_in(site: World) -> None:
    frame, other = Frame(site), Frame(site)
    said = await frame.sign_in()
    # What somebody signed in as themselves is not handed to another browser's frame.
    await other.start()
    assert "data-code" not in (await other.come_back(said)).text
    assert "data-code" not in (await other.browser.get("/sign-in/back")).text
    said = await frame.sign_in()
    wrong = {**said, "code": "another code"}
    refused = await frame.come_back(wrong)
    assert (refused.status_code, "data-code" in refused.text) == (403, False)
    assert "data-code" not in (await frame.come_back(said)).text, "its state is used up"
    denied = await frame.come_back({"state": (await frame.sign_in())["state"], "error": "access_denied"})
    assert denied.status_code == 403
    for asked, status in (
        ({"provider": "other"}, 404),
        ({"site": "nowhere"}, 404),
        ({"challenge": "short"}, 422),
    ):
        assert (await frame.start(**asked)).status_code == status
    closed = Frame(await site.another())
    assert (await closed.start()).status_code == 404


async def test_a_provider_that_is_not_what_it_says_is_refused(site: World, issuer: str) -> None:
    """Another issuer than the one it was asked as, another client, one inside the network, one that is away."""
    lying = json.dumps([{"id": "mock", "issuer": issuer.replace("127.0.0.1", "localhost"), **CLIENT}])
    inside = json.dumps([{"id": "mock", "issuer": "https://10.0.0.1", **CLIENT}])
    away = json.dumps([{"id": "mock", "issuer": "http://127.0.0.1:9", **CLIENT}])
    for written in (lying, inside, away):
        _provide(site.parts, written)
        assert (await Frame(site).start()).status_code == 503
    # Whose token is for another client of the same provider.
    _provide(site.parts, json.dumps([{"id": "mock", "issuer": issuer, **CLIENT}]))
    frame = Frame(site)
    said = await frame.sign_in()
    _provide(site.parts, json.dumps([{"id": "mock", "issuer": issuer, **CLIENT, "client_id": "another"}]))
    assert (await frame.come_back(said)).status_code == 403
    with pytest.raises(ValueError, match="needs an issuer"):
        readers.read_providers(json.dumps([{"id": "unheard-of", **CLIENT}]))
