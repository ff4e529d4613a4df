"""Applications of a site: who may what with which key, and moderation through the calls Disqus's clients make."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from httpx import AsyncClient

from service import identity, keys
from service.kit.db import WriteTx
from service.record import TERMINAL
from service.web.parts import Parts
from tests.stories.disqus.applications import Application, code, key, token
from tests.world import World, some_address

_HELD = {"screening": {"suspect_words": ["pineapple"], "hold_first_comments": False}}
_DECISIONS = {"approve", "remove", "restore", "feature", "unfeature", "spam"}
OK, BAD_KEY, SIGN_IN = (200, 0), (400, 5), (401, 4)


async def test_each_kind_of_key_at_each_kind_of_call(world: World, client: AsyncClient) -> None:
    """Rows are kinds of keys, columns: what everybody reads, what moderators read, a write of theirs, one of owners."""
    made = (await world.guest().post("Words."))["comment"]
    owner, other = await world.staff("owner"), await world.another()
    read, manage, sso = await key(world, owner, ["read"]), await key(world, owner), await key(world, owner, ["sso"])
    foreign_owner = await other.staff("owner")
    foreign = await key(other, foreign_owner)
    tokens = {scope: await token(world, owner, manage, [scope]) for scope in ("read", "write", "admin")}
    theirs = await token(other, foreign_owner, foreign, ["read", "write", "admin"])
    gone = await key(world, owner)
    dead = await token(world, owner, gone, ["read", "write", "admin"])
    await owner.delete(f"/api/v1/sites/{world.site.name}/keys/{gone.id}")

    denied, unfit, no_token = (403, 12), (403, 12), (401, 18)
    nobody = [OK, SIGN_IN, SIGN_IN, SIGN_IN]
    table: dict[str, tuple[dict[str, str], list[tuple[int, int]]]] = {
        "nothing": ({}, nobody),
        "one of Disqus's, left in a page": (
            {"api_key": "E8Uh5l5fHZ6gD8U3KycjAIAk46f68Zw7C6eW8WSjZvCLXebZ7p0r1yrYDrLilk2F"},
            nobody,
        ),
        "a public key": ({"api_key": manage.public}, nobody),
        "no such public key": ({"api_key": "pk_0123456789abcdef01234567"}, [BAD_KEY] * 4),
        "a secret for reading": ({"api_secret": read.secret}, nobody),
        "a secret for all": ({"api_secret": manage.secret}, nobody),
        "a secret for sign-in": ({"api_secret": sso.secret}, [unfit] * 4),
        "a mistyped secret": ({"api_secret": manage.secret[:-1]}, [BAD_KEY] * 4),
        "a revoked secret": ({"api_secret": gone.secret}, [BAD_KEY] * 4),
        "another site's secret": ({"api_secret": foreign.secret}, nobody),
        "a token alone": ({"access_token": tokens["write"]}, [BAD_KEY] * 4),
        "a token of a key that ended": ({"api_secret": manage.secret, "access_token": dead + "x"}, [no_token] * 4),
        "a token with a key not for it": ({"api_secret": read.secret, "access_token": tokens["read"]}, [no_token] * 4),
        "a token of another site's": ({"api_secret": manage.secret, "access_token": theirs}, [no_token] * 4),
        "a token with another's key": ({"api_secret": foreign.secret, "access_token": tokens["write"]}, [no_token] * 4),
        "another site's own": (
            {"api_secret": foreign.secret, "access_token": theirs},
            [OK, (403, 22), (404, 8), (403, 22)],
        ),
        "to read": ({"api_secret": manage.secret, "access_token": tokens["read"]}, [OK, OK, denied, denied]),
        "to write": ({"api_secret": manage.secret, "access_token": tokens["write"]}, [OK, denied, OK, denied]),
        "to own": ({"api_key": manage.public, "access_token": tokens["admin"]}, [OK, denied, denied, OK]),
    }
    seen: dict[str, list[tuple[int, int]]] = {}
    for name, (given, _) in table.items():
        app = Application(world.caller(some_address()), given)
        forum = {"forum": world.site.name}
        seen[name] = [
            code(await app.get("posts/list", **forum)),
            code(await app.get("forums/listModerators", **forum)),
            code(await app.post("posts/approve", post=made["id"])),
            code(await app.get("forums/webhooks/list", **forum)),
        ]
    assert seen == {name: expected for name, (_, expected) in table.items()}
    # A page would show its secret to every reader: it is refused there, and what was refused is in no cache.
    shown = await client.get(
        "/api/3.0/posts/list.json",
        params={"forum": world.site.name, "api_secret": manage.secret},
        headers={"Origin": world.site.origins[0]},
    )
    assert (code(shown), shown.headers["cache-control"]) == ((403, 11), "no-store")


async def test_a_moderator_decides_by_the_calls_of_disqus(parts: Parts, world: World) -> None:
    strict = await world.another(_HELD)
    owner = await strict.staff("owner")
    made = await key(strict, owner)
    app = Application(
        strict.caller(some_address()),
        {"api_secret": made.secret, "access_token": await token(strict, owner, made, ["read", "write"])},
    )
    fine = (await strict.guest("Ada").post("Fine."))["comment"]
    held = (await strict.guest("Eve").post("A pineapple.", expect=202))["comment"]
    public = Application(strict.caller(some_address()), {"api_key": made.public})

    def ids(posts: list[dict[str, Any]]) -> set[str]:
        return {post["id"] for post in posts}

    asked = {"forum": strict.site.name, "include": "unapproved"}
    assert ids(await public.told("posts/list", **asked)) == {fine["id"]}
    (waiting,) = await app.told("posts/list", **asked)
    assert (waiting["id"], waiting["isApproved"], waiting["raw_message"]) == (held["id"], False, "A pineapple.")
    assert (await app.told("posts/details", post=held["id"]))["isApproved"] is False
    # Without `include` a token changes nothing of a list: who forgets it publishes nothing by mistake.
    assert ids(await app.told("posts/list", forum=strict.site.name)) == {fine["id"]}
    # Who writes most is shown to readers only where the site wants that.
    assert await public.told("forums/listMostActiveUsers") == []
    assert [user["name"] for user in await app.told("forums/listMostActiveUsers")] == ["Ada"]
    shown = await strict.another({"reading": {"top_authors": True}})
    await shown.guest("Bob").post("Mine.")
    forum = {"forum": shown.site.name}
    told = Application(shown.caller(some_address()), {"api_key": (await key(shown, await shown.staff("owner"))).public})
    assert [user["name"] for user in await told.told("forums/listMostActiveUsers", **forum)] == ["Bob"]

    assert await app.did("posts/approve", post=held["id"]) == [{"id": held["id"]}]
    await strict.settle()
    assert ids(await public.told("posts/list", forum=strict.site.name)) == {fine["id"], held["id"]}
    assert await app.told("posts/list", **asked) == []

    await app.did("posts/remove", post=[fine["id"], held["id"]])
    await app.did("posts/remove", post=fine["id"])
    # Another question: an answer may be two seconds old.
    assert await public.told("posts/list", forum=strict.site.name, limit=7) == []
    (one, two) = await app.told("threads/listPosts", thread=fine["thread"], include=["deleted"])
    assert (one["isDeleted"], two["isDeleted"], one["isApproved"]) == (True, True, False)
    await app.did("posts/restore", post=fine["id"])
    await app.did("posts/highlight", post=fine["id"])
    assert (await public.told("posts/details", post=fine["id"]))["isHighlighted"] is True
    await app.did("posts/unhighlight", post=fine["id"])
    await app.did("posts/spam", post=fine["id"])
    (spam,) = await app.told("posts/list", forum=strict.site.name, include="spam")
    assert (spam["id"], spam["isSpam"]) == (fine["id"], True)
    # Each is a decision as the console makes them, on record in the name of the account, with reasons for authors.
    told = await owner.get("/api/v1/moderation/log", params={"site": strict.site.name, "limit": 100})
    acts = [each["action"] for each in told.json()["items"] if each["action"] in _DECISIONS]
    assert sorted(acts) == ["approve", "feature", "remove", "remove", "restore", "spam", "unfeature"]
    assert "pineapple" not in (await public.get("threads/listPosts", thread=fine["thread"])).text


async def test_somebody_of_the_team_takes_part(world: World) -> None:
    owner = await world.staff("owner")
    made = await key(world, owner)
    app = Application(
        world.caller(some_address()),
        {"api_secret": made.secret, "access_token": await token(world, owner, made, ["read", "write"])},
    )
    guest = (await world.guest("Ada").post("A tram.", identifier="12 x"))["comment"]
    assert code(await app.post("posts/vote", post=guest["id"], vote=1)) == (403, 22)
    own = await app.did("posts/create", **{"thread:ident": "12 x"}, message="From *us*.", author_name="Not me")
    assert own["author"]["name"] == "Owner"
    voted = await app.did("posts/vote", post=guest["id"], vote=1)
    assert (voted["vote"], voted["delta"], voted["likesDelta"], voted["post"]["likes"]) == (1, 1, 1, 1)
    back = await app.did("posts/vote", post=guest["id"], vote=0)
    assert (back["delta"], back["post"]["likes"]) == (-1, 0)
    assert (await app.did("posts/update", post=own["id"], message="Edited."))["raw_message"] == "Edited."
    assert code(await app.post("posts/update", post=guest["id"], message="Mine now.")) == (403, 22)
    assert code(await app.post("posts/vote", post=guest["id"], vote=2)) == (400, 2)
    me = await app.told("users/details")
    assert (me["name"], me["numPosts"], me["id"]) == ("Owner", 1, own["author"]["id"])
    assert [post["id"] for post in await app.told("users/listPosts", user=me["id"])] == [own["id"]]
    assert (await app.told("users/listActivity"))[0]["object"]["id"] == own["id"]
    assert [forum["id"] for forum in await app.told("users/listForums")] == [world.site.name]
    public = Application(world.caller(some_address()), {"api_key": made.public})
    assert (await public.told("users/details", user=me["id"]))["name"] == "Owner"
    # What somebody wrote all over a paper is no list for everybody, and a guest is nobody's user.
    assert code(await public.get("users/listPosts", user=me["id"])) == (401, 4)


async def test_discussions_and_lists(world: World) -> None:
    owner = await world.staff("owner")
    made = await key(world, owner)
    app = Application(
        world.caller(some_address()),
        {"api_secret": made.secret, "access_token": await token(world, owner, made, ["read", "write"])},
    )
    begun = await app.did("threads/create", title="A tram", url=world.page("tram"), identifier="story-1")
    assert (begun["title"], begun["identifiers"], begun["posts"]) == ("A tram", ["story-1"], 0)
    assert (await app.did("threads/create", title="Other", url=world.page("tram"), identifier="story-1")) == begun
    await app.did("threads/close", thread="ident:story-1")
    assert (await app.told("threads/details", thread="ident:story-1"))["isClosed"] is True
    assert (await world.guest().try_post("Late.", url=world.page("tram"), identifier="story-1")).status_code == 403
    await app.did("threads/open", thread=begun["id"])
    named = await app.did("threads/update", thread=begun["id"], title="A ship", url=world.page("ship"))
    assert (named["title"], named["link"]) == ("A ship", world.page("ship"))
    assert code(await app.post("threads/remove", thread=begun["id"])) == (400, 10)
    assert code(await app.post("threads/close", thread="ident:no")) == (404, 8)

    await app.did("blacklists/add", word="kumquat", domain="spam.test", notes="No")
    listed = await app.told("blacklists/list")
    assert {(each["type"], each["value"]) for each in listed} == {("word", "kumquat"), ("domain", "spam.test")}
    assert (await world.guest().post("A kumquat.", expect=202))["status"] == "held"
    await app.did("blacklists/remove", word="kumquat")
    assert [each["type"] for each in await app.told("blacklists/list")] == ["domain"]
    assert (await world.guest().post("A kumquat again."))["status"] == "published"
    assert code(await app.post("blacklists/add", ip="192.0.2.1")) == (400, 10)
    assert code(await app.post("blacklists/add")) == (400, 2)


async def test_an_application_has_so_many_calls_an_hour(world: World) -> None:
    few = await world.another({"disqus": {"calls_per_hour": 10}})
    made = await key(few, await few.staff("owner"), ["read"])
    app = Application(few.caller(some_address()), {"api_secret": made.secret})
    answers = [await app.get("forums/details") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert [answers[at].headers["x-ratelimit-remaining"] for at in (0, 9, 10)] == ["9", "0", "0"]
    assert answers[10].json()["code"] == 13
    assert int(answers[10].headers["x-ratelimit-reset"]) > 0
    assert answers[0].json()["response"]["id"] == few.site.name  # the forum of the key is meant
    # Readers of the site's pages are not counted with it.
    page = Application(few.caller(some_address()), {"api_key": made.public})
    assert code(await page.get("forums/details")) == (200, 0)


async def test_a_token_ends_with_what_it_hangs_on(parts: Parts, world: World) -> None:
    owner, second = await world.staff("owner"), await world.staff("owner")
    made = await key(world, owner)
    secret = await token(world, second, made, ["read"])
    listed = (await owner.get(f"/api/v1/sites/{world.site.name}/keys/{made.id}/tokens")).json()["items"]
    assert [each["scopes"] for each in listed] == [["read"]]
    assert secret not in json.dumps(listed)
    client = world.caller(some_address())

    async def works(app_secret: str) -> tuple[int, int]:
        app = Application(client, {"api_secret": app_secret, "access_token": secret})
        return code(await app.get("forums/listModerators"))

    assert await works(made.secret) == OK
    # Another secret for the same application: what was granted to it goes on.
    rotated = (
        await owner.post(f"/api/v1/sites/{world.site.name}/keys/{made.id}/rotate", json={"keep_hours": 1})
    ).json()
    assert await works(rotated["secret"]) == OK
    account = int(listed[0]["account"])

    async def leave(tx: WriteTx) -> None:
        await identity.revoke(tx, account, world.site.id)

    await parts.db.transact(leave)
    assert await works(rotated["secret"]) == (403, 22)
    path = f"/api/v1/sites/{world.site.name}/keys/{rotated['key']['id']}/tokens"
    assert (await owner.delete(f"{path}/{listed[0]['id']}")).status_code == 204
    assert (await owner.get(path)).json()["items"] == []
    assert await works(rotated["secret"]) == (401, 18)

    async def grant(tx: WriteTx) -> tuple[str, keys.Key]:
        of = await keys.get(tx, world.site.id, int(rotated["key"]["id"]))
        return await keys.grant(tx, of, account, ["read"], "https://app.test/back"), of

    traded, of = await parts.db.transact(grant)
    issued = await parts.db.transact(keys.exchange, of, traded, "https://app.test/back")
    assert issued.refresh is not None
    again = await parts.db.transact(keys.refresh, of, issued.refresh)
    assert await parts.db.read(keys.by_token, issued.secret) is None
    assert (await parts.db.read(keys.by_token, again.secret)) is not None
    await parts.db.transact(keys.revoke_token, world.site.id, of.id, again.token.id, by=TERMINAL)
    assert await parts.db.read(keys.by_token, again.secret) is None


async def test_somebody_lets_an_application_act_for_them(world: World) -> None:
    owner, moderator = await world.staff("owner"), await world.staff()
    made, back = await key(world, owner), world.page("back?from=here")
    asked = {"client_id": made.public, "redirect_uri": back, "scope": "read,write,email", "response_type": "code"}
    path, shop = "/api/oauth/2.0", world.caller(some_address())
    # Codes go to the site's own pages only, and whoever is nobody there is told to sign in.
    for wrong in ("https://evil.test/", "http://news.test/back", "javascript:alert(1)", ""):
        assert (await moderator.get(f"{path}/authorize/", params={**asked, "redirect_uri": wrong})).status_code == 400
    assert (await shop.get(f"{path}/authorize/", params=asked)).status_code == 401
    page = await moderator.get(f"{path}/authorize/", params={**asked, "state": '"><script>'})
    assert page.status_code == 200
    assert "An application" in page.text
    assert "<script" not in page.text.partition("</head>")[2]
    foreign = await moderator.post(f"{path}/authorize/", data=asked, headers={"Origin": "https://evil.test"})
    assert foreign.status_code == 403

    async def answer(said: str) -> dict[str, str]:
        led = await moderator.post(f"{path}/authorize/", data={**asked, "state": "s 1", "answer": said})
        url = urlsplit(led.headers["refresh"].partition("url=")[2])
        assert url._replace(query="").geturl() == back.partition("?")[0]
        return dict(parse_qsl(url.query))

    assert await answer("deny") == {"from": "here", "error": "access_denied", "state": "s 1"}
    code_ = (await answer("allow"))["code"]
    form = {
        "grant_type": "authorization_code",
        "client_id": made.public,
        "client_secret": made.secret,
        "redirect_uri": back,
        "code": code_,
    }

    async def trade(**more: str) -> Any:
        return (await shop.post(f"{path}/access_token/", data={**form, **more})).json()

    assert (await trade(client_secret="sk_1_2"))["error"] == "invalid_client"
    assert (await trade(redirect_uri=world.page("other")))["error"] == "invalid_grant"
    issued = await trade()
    assert (issued["username"], issued["token_type"], issued["scope"]) == ("Moderator", "Bearer", "read,write")
    assert 29 * 86_400 < issued["expires_in"] <= 30 * 86_400
    assert (await trade())["error"] == "invalid_grant"
    app = Application(shop, {"api_secret": made.secret, "access_token": issued["access_token"]})
    assert {each["name"] for each in await app.told("forums/listModerators")} == {"Moderator", "Owner"}
    assert code(await app.get("forums/webhooks/list")) == (403, 12)
    renewed = await trade(grant_type="refresh_token", refresh_token=issued["refresh_token"])
    assert code(await app.get("forums/listModerators")) == (401, 18)
    again = Application(shop, {"api_key": made.public, "access_token": renewed["access_token"]})
    assert code(await again.get("forums/listModerators")) == OK
