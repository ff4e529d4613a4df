"""Several ways into one account: passkeys, addresses, providers. Each is proven, changes are proven anew, and told."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asgi_lifespan import LifespanManager
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text

from service import publishing, readers, sites, worker
from service.app import create_app
from service.kit import clock
from service.privacy import exports, retention
from service.readers import windows
from service.record import TERMINAL
from service.web.parts import make_parts
from tests.conftest import Floor
from tests.servers.authenticator import PRESENT, Authenticator
from tests.stories.readers.test_codes import OPEN_TO_READERS, Reader, mails, refusal, some_email
from tests.world import Guest, World, some_address

ORIGIN, HOST = "https://parley.test", "parley.test"


@pytest.fixture(scope="session")
async def safe(floor: Floor) -> AsyncIterator[World]:
    """The same stores behind TLS: passkeys and `__Host-` cookies are there for nothing else."""
    settings = floor.settings.model_copy(update={"public_url": ORIGIN})
    parts = make_parts(settings, worker.reactions)
    app = create_app(settings, parts)
    transport = ASGITransport(app=app, client=(some_address(), 1), raise_app_exceptions=False)
    async with LifespanManager(app), AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield await World.new(parts, app, client)
    await parts.close()


@pytest.fixture
async def site(safe: World) -> World:
    """A site whose readers have accounts."""
    return await safe.another(OPEN_TO_READERS)


class Own:
    """A reader with their own page open, in one browser."""

    def __init__(self, guest: Guest, browser: AsyncClient) -> None:
        self.guest, self.browser = guest, browser

    @classmethod
    async def opened(cls, guest: Guest) -> Own:
        asked = {"site": guest.world.site.name}
        made = await guest.client.post("/api/v1/me/link", params=asked, headers=guest.headers)
        browser = guest.world.caller(some_address())
        browser.headers.update(
            {"Origin": ORIGIN, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
        )
        token = made.json()["url"].partition("token=")[2]
        assert (await browser.post("/me/enter", data={"token": token})).status_code == 303
        return cls(guest, browser)

    async def page(self) -> str:
        shown = await self.browser.get("/me/ways")
        assert shown.status_code == 200, shown.text
        return shown.text

    async def ways(self) -> dict[str, str]:
        """Numbers of the ways that can be taken away, by what they are called."""
        found = re.findall(r"<strong><bdi>([^<]*)</bdi>.*?(?=<li>|</ul>)", await self.page(), re.DOTALL)
        numbers = re.findall(
            r'action="/me/ways/remove"><input type="hidden" name="way" value="(\d+)"', await self.page()
        )
        return dict(zip(map(html.unescape, found), numbers, strict=False))

    async def send(self, path: str, **data: str) -> Response:
        return await self.browser.post(f"/me/ways{path}", data=data)

    async def code(self, purpose: str, to: str, **data: str) -> Response:
        """Ask for a code and type it in."""
        asked = await self.send("/code", purpose=purpose, **data)
        assert asked.status_code == 200, asked.text
        ask = re.search(r'name="ask" value="([^"]+)"', asked.text)
        assert ask is not None, asked.text
        code = await newest_code(self.guest.world, to)
        return await self.send("/code/enter", purpose=purpose, ask=ask[1], code=code)

    async def prove(self, email: str) -> None:
        number = re.search(
            r'name="purpose" value="prove"><input type="hidden" name="way" value="(\d+)"', await self.page()
        )
        assert number is not None
        done = await self.code("prove", email, way=number[1])
        assert (done.status_code, done.headers["location"]) == (303, "/me/ways?told=proven"), done.text
        cookie = done.headers["set-cookie"]
        assert all(part in cookie for part in ("__Host-parley-proof=", "HttpOnly", "SameSite=strict", "Secure"))

    async def ask(self, purpose: str) -> dict[str, Any]:
        """The question to a passkey."""
        asked = await self.browser.post("/me/ways/passkey/options", json={"purpose": purpose})
        assert asked.status_code == 200, asked.text
        found: dict[str, Any] = asked.json()
        return found

    async def answer(self, purpose: str, state: str, credential: dict[str, Any], name: str = "Phone") -> Response:
        body = {"purpose": purpose, "state": state, "name": name, "credential": credential}
        return await self.browser.post("/me/ways/passkey", json=body)

    async def add_passkey(self, **how: Any) -> Authenticator:
        key, asked = Authenticator(ORIGIN, HOST, **how), await self.ask("add")
        added = await self.answer("add", asked["state"], key.make(asked["options"]))
        assert (added.status_code, added.json()) == (200, {"status": "added"}), added.text
        return key


async def newest_code(world: World, to: str) -> str:
    """The code in the newest mail to an address that holds one."""
    found = [re.search(r"\d{4} \d{4}", mail["Subject"]) for mail in await mails(world, to)]
    codes = [code[0] for code in found if code is not None]
    async with world.parts.db.engine.connect() as connection:
        kept = (await connection.execute(text("SELECT sealed FROM reader_code"))).scalars().all()
    known = [json.loads(world.parts.keeper.unseal("reader-code", each) or "{}") for each in kept]
    mine = [each["code"] for each in known if each.get("email") == to]
    return next(code for code in codes if code.replace(" ", "") in mine)


async def again(world: World, email: str) -> Guest:
    """Sign in by an address once more, as who one is."""
    reader = Reader(world, email)
    ask = await reader.ask()
    entered = await reader.give(ask, await newest_code(world, email))
    assert entered.status_code == 201, entered.text
    guest = world.guest()
    guest.token = entered.json()["session"]
    return guest


class Frame:
    """A frame that signs in with a passkey, in a window of Parley's own."""

    def __init__(self, site: World) -> None:
        self.site, self.browser = site, site.caller(some_address())
        self.browser.headers["Origin"] = ORIGIN
        self.verifier = "v" * 43

    async def window(self) -> dict[str, Any]:
        """Open the window; what it asks a passkey."""
        challenge = windows.challenge_of(self.verifier)
        asked = {"site": self.site.site.name, "provider": "passkey", "challenge": challenge}
        opened = await self.browser.get("/sign-in/start", params=asked)
        assert opened.status_code == 200, opened.text
        found = re.search(r'data-options="([^"]+)"', opened.text)
        assert found is not None, opened.text
        options: dict[str, Any] = json.loads(html.unescape(found[1]))
        return options

    async def give(self, credential: dict[str, Any]) -> Response:
        return await self.browser.post("/sign-in/passkey", json={"credential": credential})

    async def take(self, code: str, **more: Any) -> Response:
        path = f"/api/v1/sites/{self.site.site.name}/sign-in/handovers"
        return await self.browser.post(path, json={"code": code, "verifier": self.verifier, **more})

    async def enter(self, key: Authenticator, **more: Any) -> Response:
        given = await self.give(key.sign(await self.window()))
        assert given.status_code == 200, given.text
        return await self.take(given.json()["code"], **more)


async def test_a_passkey_is_added_and_signs_in_wherever_its_reader_is_known(site: World) -> None:
    email = some_email()
    ada = await Reader(site, email).enter("Ada")
    own = await Own.opened(ada)
    # A session alone changes nothing.
    refused = await own.browser.post("/me/ways/passkey/options", json={"purpose": "add"})
    assert refusal(refused) == (401, "proof-needed")
    await own.prove(email)
    key = await own.add_passkey(counter=5)
    assert any("a passkey" in mail.get_content() for mail in await mails(site, email))
    # The same question is answered once, and the same passkey is not asked for twice.
    asked = await own.ask("add")
    assert [each["id"] for each in asked["options"]["excludeCredentials"]]
    assert refusal(await own.answer("add", "x" * 43, key.make(asked["options"]))) == (403, "passkey-refused")

    entered = await Frame(site).enter(key)
    assert (entered.status_code, entered.json()["name"]) == (201, "Ada"), entered.text
    phone = site.guest("Mallory")
    phone.token = entered.json()["session"]
    assert (await phone.post("From the phone."))["comment"]["author"]["name"] == "Ada"
    path = f"/api/v1/sites/{site.site.name}/sign-in/sessions"
    listed = (await phone.client.get(path, headers=phone.headers)).json()["items"]
    assert [each["way"] for each in listed] == ["passkey", "email"]
    assert listed[0]["network"].startswith("10.")
    # At another site of this Parley they are asked what they are called there.
    other = await site.another(OPEN_TO_READERS)
    frame = Frame(other)
    given = await frame.give(key.sign(await frame.window()))
    assert refusal(await frame.take(given.json()["code"])) == (422, "reader-name-needed")
    assert (await frame.take(given.json()["code"], name="A.")).json()["name"] == "A."

    # Its name is its reader's to say; taken away, it opens nothing, and where it had signed in, that is over.
    number = (await own.ways())["Phone"]
    assert (await own.send("/rename", way=number, name="Old phone")).status_code == 303
    assert "Old phone" in await own.page()
    assert (await own.send("/remove", way=number)).status_code == 303
    frame = Frame(site)
    assert refusal(await frame.give(key.sign(await frame.window()))) == (403, "passkey-refused")
    assert refusal(await phone.try_post()) == (403, "guests-refused")
    assert (await ada.try_post("Still here.")).status_code == 201
    # The only way left stays.
    last = await own.ways()
    assert not last, "one way is not offered to be taken away"
    async with site.parts.db.engine.connect() as connection:
        subject = site.parts.keeper.pseudonym("reader-email", email)
        only = (await connection.execute(text("SELECT id FROM reader_way WHERE subject = :s"), {"s": subject})).scalar()
    kept = await own.send("/remove", way=str(only))
    assert (kept.status_code, "only way into your account" in kept.text) == (409, True)


async def test_a_passkey_is_taken_from_our_own_page_for_one_question_and_from_who_holds_it(site: World) -> None:
    email = some_email()
    own = await Own.opened(await Reader(site, email).enter("Ada"))
    await own.prove(email)
    key = await own.add_passkey(counter=5)
    wrong = (403, "passkey-refused")

    async def tried(made: Authenticator, **said: Any) -> Response:
        frame = Frame(site)
        return await frame.give(made.sign(await frame.window(), **said))

    stranger = Authenticator(ORIGIN, HOST, user=key.user)
    answers = [
        await tried(key, origin="https://evil.test"),
        await tried(key, challenge="x" * 43),
        await tried(key, type="webauthn.create"),
        await tried(key, crossOrigin=True),
        await tried(replace(key, host="evil.test")),
        # Nobody has looked at who holds it.
        await tried(replace(key, flags=PRESENT)),
        # Another's key under its number, a copy that counts again, another's account.
        await tried(replace(key, key=stranger.key)),
        await tried(replace(key, counter=2)),
        await tried(replace(key, user="c29tZWJvZHk")),
        # And one that nobody knows: told in the same words.
        await tried(stranger),
        await Frame(site).give({}),
    ]
    assert [refusal(each) for each in answers] == [wrong] * len(answers)
    assert len({each.json()["detail"] for each in answers}) == 1
    # A window asks once, in its own browser, for ten minutes, and from our own page.
    frame, other = Frame(site), Frame(site)
    options = await frame.window()
    assert refusal(await other.give(key.sign(options))) == wrong
    late = await frame.window()
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert refusal(await frame.give(key.sign(late))) == wrong
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        frame = Frame(site)
        given = {"credential": key.sign(await frame.window())}
        assert refusal(await frame.browser.post("/sign-in/passkey", json=given, headers=headers)) == (403, "cross-site")
    good = key.sign(await frame.window())
    assert (await frame.give(good)).status_code == 200
    assert refusal(await frame.give(good)) == wrong
    # A passkey proves who one is on one's own page, for its own account alone.
    eve = await Own.opened(await Reader(site, some_email()).enter("Eve"))
    asked = await eve.ask("prove")
    assert refusal(await eve.answer("prove", asked["state"], key.sign(asked["options"]))) == wrong
    asked = await eve.ask("prove")
    assert refusal(await own.answer("prove", asked["state"], key.sign(asked["options"]))) == wrong
    asked = await own.ask("prove")
    assert (await own.answer("prove", asked["state"], key.sign(asked["options"]))).json() == {"status": "proven"}


async def test_a_second_address_is_added_by_its_own_proof_and_two_accounts_by_both(site: World) -> None:
    one, two, three = some_email(), some_email(), some_email()
    other = await site.another(OPEN_TO_READERS)
    ada = await Reader(site, one).enter("Ada")
    own = await Own.opened(ada)
    assert (await own.send("/code", purpose="add", email=two)).status_code == 401
    await own.prove(one)
    # A code to sign in with is none to add with, and the other way round.
    elsewhere = Reader(other, two)
    ask = await elsewhere.ask()
    code = await newest_code(site, two)
    assert (await own.send("/code/enter", purpose="add", ask=ask, code=code)).status_code == 403
    entered = await elsewhere.give(ask, code, "A. L.")
    there = other.guest()
    there.token = entered.json()["session"]
    mine = (await there.post("Under my other address."))["comment"]["id"]

    # An address nobody has is added; everybody who was or is a way in is told.
    assert (await own.code("add", three, email=three)).headers["location"] == "/me/ways?told=added"
    for told in (one, three):
        assert any(
            "was added" in mail.get_content() and three in mail.get_content() for mail in await mails(site, told)
        )
    assert (await own.code("add", three.upper(), email=three.upper())).headers["location"] == "/me/ways?told=yours"

    # One that leads into another account joins nothing by itself.
    assert (await own.code("add", two, email=two)).headers["location"] == "/me/ways?told=other"
    assert "Make them one account" in await own.page()
    assert two not in re.sub(r"<input[^>]*>", "", await own.page())
    fresh = await Own.opened(ada)
    assert (await fresh.send("/join")).status_code == 401, "the proof is of another browser"
    assert (await own.send("/join")).headers["location"] == "/me/ways?told=joined"
    assert {one, two, three} <= (await own.ways()).keys()
    assert (await there.edit(mine, "Still mine.")).status_code == 200
    listed = await ada.client.get(f"/api/v1/sites/{site.site.name}/sign-in/sessions", headers=ada.headers)
    assert {each["site"] for each in listed.json()["items"]} == {site.site.title, other.site.title}
    # By either address one is who one was, at each site.
    assert (await again(site, two)).token
    for told in (one, two, three):
        assert any("have become one" in mail.get_content() for mail in await mails(site, told))

    # Where both are somebody at one site, they stay two, and it is said.
    four = some_email()
    await Reader(site, four).enter("Adele")
    assert (await own.code("add", four, email=four)).headers["location"] == "/me/ways?told=other"
    shown = await own.page()
    assert "cannot become one" in shown
    assert "Make them one account" not in shown
    kept = await own.send("/join")
    assert (kept.status_code, "They cannot become one" in kept.text) == (409, True)

    # The proof is over after ten minutes.
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert (await own.send("/remove", way=(await ada_ways(own)))).status_code == 401
        await site.parts.db.transact(readers.forget_proofs)


async def ada_ways(own: Own) -> str:
    number = re.search(r'name="way" value="(\d+)"', await own.page())
    assert number is not None
    return number[1]


async def test_a_cookie_of_the_frame_opens_one_door_from_our_own_pages_alone(site: World) -> None:
    reader = Reader(site, some_email())
    reader.client.headers["Origin"] = ORIGIN
    ask = await reader.ask()
    path = f"{reader.path}/sessions"
    body = {"ask": ask, "code": await newest_code(site, reader.email), "name": "Ada", "remember": True}
    entered = await reader.client.post(path, json=body)
    token, name = entered.json()["session"], site.site.name
    cookies = entered.headers.get_list("set-cookie")
    assert [each.partition("=")[0] for each in cookies] == [f"__Host-parley-reader-{name}", f"__Host-parley-in-{name}"]
    for cookie in cookies:
        assert {"Path=/", "Secure", "SameSite=None", "Partitioned"} <= set(cookie.split("; ")), cookie
        assert "Domain" not in cookie
    assert ["HttpOnly" in each for each in cookies] == [True, False]
    assert token not in cookies[1]

    door = f"{reader.path}/resume"
    browser = site.caller(some_address())
    browser.cookies.set(f"__Host-parley-reader-{name}", token)
    for headers in (
        {},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert refusal(await browser.post(door, headers=headers)) == (403, "cross-site")
    resumed = await browser.post(door, headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"})
    assert (resumed.status_code, resumed.json()["session"]) == (200, token)
    # Nothing else looks at it: not even with the right headers is it anybody.
    browser.headers["Origin"] = ORIGIN
    posted = {"site": name, "url": site.page("a"), "body": "By cookie", "author": {"name": "Ada"}}
    assert refusal(await browser.post("/api/v1/comments", json=posted)) == (403, "guests-refused")
    assert (await browser.get(f"{reader.path}/sessions")).status_code == 401
    # Nor does it open another site, and it is over when its reader says so.
    other = await site.another(OPEN_TO_READERS)
    browser.cookies.set(f"__Host-parley-reader-{other.site.name}", token)
    assert refusal(await browser.post(f"/api/v1/sites/{other.site.name}/sign-in/resume"))[0] == 401
    out = await reader.client.delete(f"{reader.path}/session", headers={"Authorization": f"Bearer {token}"})
    assert all("Max-Age=0" in each and "Partitioned" in each for each in out.headers.get_list("set-cookie"))
    assert refusal(await browser.post(door))[0] == 401


async def test_a_reader_sees_and_ends_their_sessions_and_takes_everything_along(site: World) -> None:
    email = some_email()
    first = await Reader(site, email).enter("Ada")
    second = await again(site, email)
    own = await Own.opened(first)
    shown = await own.page()
    assert shown.count("Sign out there</button>") == 2
    assert "10." in shown
    path = f"/api/v1/sites/{site.site.name}/sign-in/sessions"
    assert (await first.client.delete(path, params={"others": "true"}, headers=first.headers)).status_code == 204
    assert refusal(await second.try_post()) == (403, "guests-refused")
    assert (await first.try_post()).status_code == 201
    # Another's session is not theirs to end.
    eve = await Reader(site, some_email()).enter("Eve")
    mine = (await eve.client.get(path, headers=eve.headers)).json()["items"][0]["id"]
    await own.send("/sessions", session=mine)
    assert (await eve.try_post()).status_code == 201

    await own.prove(email)
    key = await own.add_passkey()
    asked = await first.client.post("/api/v1/me/export", params={"site": site.site.name}, headers=first.headers)
    assert asked.status_code == 202
    await exports.work(site.parts.db, site.parts.keeper)
    told = await first.client.get("/api/v1/me/export", params={"site": site.site.name}, headers=first.headers)
    document = (await first.client.get(told.json()["url"])).json()
    assert [each["kind"] for each in document["account"]["ways"]] == ["email", "passkey"]
    assert [each["called"] for each in document["account"]["ways"]] == [email, "Phone"]
    assert [each["way"] for each in document["account"]["sessions"]] == ["email"]
    for secret in (first.token or "", key.id.hex(), key.user):
        assert secret not in json.dumps(document)
    assert (await own.send("/sessions", session="all")).status_code == 303
    assert refusal(await first.try_post()) == (403, "guests-refused")
    # A guest has no account, and is told so.
    guest = (await site.another()).guest("Gus")
    await guest.post()
    assert "You have no account" in await (await Own.opened(guest)).page()
    assert retention.table(site.site)[-1].life == timedelta(days=30)


async def test_an_erased_site_leaves_no_account_without_anybody(site: World, monkeypatch: pytest.MonkeyPatch) -> None:
    other = await site.another(OPEN_TO_READERS)
    here, both = some_email(), some_email()
    await Reader(site, here).enter("Ada")
    await Reader(site, both).enter("Bob")
    there = Reader(other, both)
    ask = await there.ask()
    await there.give(ask, await newest_code(site, both), "B.")

    async def known(email: str) -> bool:
        async with site.parts.db.engine.connect() as connection:
            subject = {"s": site.parts.keeper.pseudonym("reader-email", email)}
            found = await connection.execute(text("SELECT reader_id FROM reader_way WHERE subject = :s"), subject)
            return found.first() is not None

    await site.parts.db.transact(sites.ask_erasure, site.site, site.site.name, by=TERMINAL, cooling=timedelta(0))
    assert await publishing.erase_due(site.parts.db, site.parts.redis) == 1
    assert (await known(here), await known(both)) == (False, True)
