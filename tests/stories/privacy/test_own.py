"""A person's own page: what they wrote and what became of it, all of it to take along, and a way to be forgotten."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from httpx import AsyncClient

from service import privacy
from service.kit import clock
from service.privacy import exports
from service.web.me import own_cookie
from tests.stories.privacy.test_erasing import Life
from tests.world import Guest, World


async def get(guest: Guest, path: str, *, expect: int = 200, **params: Any) -> Any:
    """Ask about oneself over the API."""
    params = {"site": guest.world.site.name, **params}
    response = await guest.client.get(f"/api/v1/me{path}", params=params, headers=guest.headers)
    assert response.status_code == expect, response.text
    return response.json()


async def entered(guest: Guest) -> AsyncClient:
    """A browser with the page open, as a reader without scripts would get there."""
    asked = {"site": guest.world.site.name}
    made = await guest.client.post("/api/v1/me/link", params=asked, headers=guest.headers)
    assert made.status_code == 201, made.text
    browser = guest.world.caller("10.9.8.7")
    browser.headers["Origin"] = guest.world.parts.settings.origin
    url = made.json()["url"]
    asks = await browser.get(url)
    assert asks.status_code == 200
    # Looking at the link uses nothing up.
    assert own_cookie(guest.world.parts) not in browser.cookies
    token = re.search(r'name="token" value="([^"]+)"', asks.text)
    assert token is not None
    opened = await browser.post("/me/enter", data={"token": token[1]})
    assert (opened.status_code, opened.headers["location"]) == (303, "/me"), opened.text
    cookie = opened.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/", "max-age=3600")), cookie
    # It works once.
    again = await browser.post("/me/enter", data={"token": token[1]})
    assert (again.status_code, "too old" in again.text) == (403, True)
    return browser


async def test_lists_go_on_with_cursors(world: World) -> None:
    ada, bob = world.guest("Ada"), world.guest("Bob")
    made = [(await ada.post(f"Number {n}.", page="tram"))["comment"]["id"] for n in range(5)]
    answers = [(await bob.post(f"Answer {n}.", page="tram", parent=made[n]))["comment"]["id"] for n in range(3)]
    for answer in answers:
        await ada.vote(answer, 1)
    for path, ids, key in (("/comments", made, "id"), ("/replies", answers, "id"), ("/votes", answers, "comment")):
        seen, cursor = [], ""
        while True:
            page = await get(ada, path, limit=2, **({"cursor": cursor} if cursor else {}))
            seen += [item[key] for item in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert seen == ids[::-1], path
    assert [item["author"] for item in (await get(ada, "/replies"))["items"]] == ["Bob"] * 3
    # Bob's own are others.
    assert [item["id"] for item in (await get(bob, "/comments"))["items"]] == answers[::-1]
    assert (await get(bob, "/votes"))["items"] == []
    # At another site she is a stranger, and without a capability nobody.
    there = await world.another()
    response = await ada.client.get("/api/v1/me", params={"site": there.site.name}, headers=ada.headers)
    assert response.status_code == 401
    assert (await ada.client.get("/api/v1/me", params={"site": world.site.name})).status_code == 401


async def test_everything_held_and_nothing_of_others(world: World) -> None:
    policy = {"hold_first_comments": False, "suspect_words": ["pineapple"]}
    strict = await world.another({"screening": policy, "mail": {"enabled": True}})
    life = await Life(strict).lived()
    she, parts = life.she, strict.parts
    await she.client.post("/api/v1/me/export", params={"site": strict.site.name}, headers=she.headers)
    await exports.work(parts.db, parts.keeper)
    asked = await get(she, "/export")
    assert asked["state"] == "ready"
    # The address needs no session, and is nobody else's to make.
    caller = strict.caller("10.9.8.6")
    told = await caller.get(asked["url"])
    assert told.status_code == 200
    assert told.headers["content-disposition"].startswith("attachment")
    plain = await caller.get(asked["url"], headers={"Accept-Encoding": "identity"})
    document = told.json()
    assert json.loads(plain.content) == document
    for forged in (asked["url"][:-1], asked["url"].replace("signature=", "signature=x"), asked["url"].split("?")[0]):
        assert (await caller.get(forged)).status_code == 403
    text = told.text
    missing = {name for name, word in life.marks.items() if word not in text}
    # What moderators note among themselves, and what Bob wrote about her, is theirs to hand out.
    assert missing == {"said", "quoted"}
    assert "Bob" not in text
    assert "An answer that stays" not in text
    assert document["form"] == "parley-person/1"
    assert document["person"]["email"] == life.email
    states = [each["state"] for each in document["comments"]]
    assert states == ["published", "removed", "held", "published"]
    told = document["mail"]
    assert (told["address"]["email"], told["address"]["state"]) == (life.email, "confirmed")
    assert [each["kind"] for each in told["subscriptions"]] == ["replies"]
    assert {(each["why"], each["sent_at"]) for each in told["notices"]} == {("replies", None)}
    assert [each["earlier"][0]["body"] for each in document["comments"] if each["earlier"]] == [
        f"{life.words['first']} said first"
    ]
    assert [each["value"] for each in document["votes"]] == [1]
    assert [each["reason"] for each in document["reports"]] == ["abuse"]
    assert [each["kind"] for each in document["sanctions"]] == ["premoderate"]
    assert len(document["appeals"]) == 1
    # After a day it is gone, and asking again makes another.
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert (await caller.get(asked["url"])).status_code == 403
        await parts.db.transact(privacy.forget_exports)
        assert await get(she, "/export") is None


async def test_the_page_without_scripts(world: World) -> None:
    strict = await world.another({"screening": {"hold_first_comments": False, "suspect_words": ["pineapple"]}})
    life = await Life(strict).lived()
    parts, browser = strict.parts, await entered(life.she)
    page = await browser.get("/me")
    assert page.status_code == 200, page.text
    assert "no-store" in page.headers["cache-control"]
    for word in ("edited", "held", "removed", "note"):
        assert life.words[word] in page.text, word
    assert "script" not in page.headers["content-security-policy"]
    assert "An answer that stays." in (await browser.get("/me/replies")).text
    assert "Vote for me." in (await browser.get("/me/votes")).text
    assert (await browser.get("/me/nothing")).status_code == 404
    german = await browser.get("/me", headers={"Accept-Language": "de-AT, en;q=0.5"})
    assert "Ihre Kommentare" in german.text
    assert '<html lang="de"' in german.text
    # Everything to take along.
    assert (await browser.post("/me/export")).headers["location"] == "/me/data"
    assert "is being made" in (await browser.get("/me/data")).text
    await exports.work(parts.db, parts.keeper)
    link = re.search(r'href="([^"]+/exports/[^"]+)" download', (await browser.get("/me/data")).text)
    assert link is not None
    assert (await browser.get(link[1].replace("&amp;", "&"))).status_code == 200
    # Another page of the web can do nothing here, whatever the browser would send.
    for action in ("export", "erase", "keep", "leave"):
        foreign = await browser.post(f"/me/{action}", headers={"Origin": "https://evil.test"})
        assert foreign.status_code == 403, action
    assert (await browser.post("/me/erase")).status_code == 422
    assert (await browser.post("/me/erase", data={"sure": "yes"})).status_code == 303
    assert "You asked to be forgotten" in (await browser.get("/me")).text
    assert (await browser.post("/me/keep")).status_code == 303
    assert "You asked to be forgotten" not in (await browser.get("/me")).text
    # A second browser, closed from the first; nobody closes another's.
    second = await entered(life.she)
    shown = await browser.get("/me/data")
    other = re.search(r'name="session" value="(\d+)"', shown.text)
    assert other is not None
    bobs = await entered(life.bob)
    assert (await bobs.post("/me/sessions", data={"session": other[1]})).status_code == 404
    assert (await second.get("/me")).status_code == 200
    assert (await browser.post("/me/sessions", data={"session": other[1]})).status_code == 303
    assert (await second.get("/me")).status_code == 401
    assert (await browser.post("/me/leave")).status_code == 200
    assert (await browser.get("/me")).status_code == 401
    # And the hour is over for whoever left it open.
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        assert (await bobs.get("/me")).status_code == 401


async def test_an_owner_has_somebody_forgotten(world: World) -> None:
    ada, owner = world.guest("Ada"), await world.staff("owner")
    person = (await ada.post("Something.", page="tram"))["comment"]["id"] and str(ada.token).split(".")[0]
    path, at = f"/api/v1/moderation/authors/{person}/erasure", {"site": world.site.name}
    asked = await owner.post(path, params=at, json={"reason": "asked", "note": "By letter."})
    assert asked.status_code == 202, asked.text
    assert (await get(ada, ""))["erasure"]["state"] == "waiting"
    assert (await owner.delete(path, params=at)).json()["state"] == "called-off"
    await owner.post(path, params=at, json={"reason": "law", "at_once": True})
    parts = world.parts
    await privacy.Eraser(parts.db, parts.keeper, parts.settings.erased_file).work()
    found = (await owner.get(f"/api/v1/sites/{world.site.name}/erasures")).json()["items"]
    assert [(each["state"], each["reason"], each["asked_by"]) for each in found] == [
        ("done", "law", "account"),
        ("called-off", "asked", "account"),
    ]
    await get(ada, "", expect=401)
    assert (await owner.post(path, params=at, json={"reason": "asked"})).status_code == 409
    # The desk shows a nobody, and goes on working.
    record = await owner.get(f"/api/v1/moderation/authors/{person}", params=at)
    assert (record.status_code, record.json()["name"]) == (200, ""), record.text
