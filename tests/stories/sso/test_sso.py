"""A site signs its own readers in: silently, as who it says they are, and as nobody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx import AsyncClient, Response
from sqlalchemy import text

from service import sites
from service.kit import clock
from service.kit.db import WriteTx
from service.posting import PostingRules
from service.record import TERMINAL
from service.sso import KeySets, SSORules
from tests.servers.listener import Heard, answer, listener
from tests.stories.sso.signing import at, claims, disqus, signed
from tests.world import Guest, World, some_address


@dataclass
class Publisher:
    """An owner and the keys they made."""

    world: World
    owner: AsyncClient

    @classmethod
    async def of(cls, world: World) -> Publisher:
        return cls(world, await world.staff("owner"))

    async def key(self, algorithm: str = "HS256", **fields: Any) -> dict[str, Any]:
        body = {"name": "Site", "scopes": ["sso"], "algorithm": algorithm, **fields}
        made = await self.owner.post(f"/api/v1/sites/{self.world.site.name}/keys", json=body)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found

    async def ask(self, token: str, *, session: str | None = None, **fields: Any) -> Response:
        headers = {"Authorization": f"Bearer {session}"} if session else {}
        client = self.world.caller(some_address())
        path = f"/api/v1/sites/{self.world.site.name}/sso"
        return await client.post(path, json={"token": token, **fields}, headers=headers)

    async def enter(self, token: str, **fields: Any) -> dict[str, Any]:
        entered = await self.ask(token, **fields)
        assert entered.status_code == 200, entered.text
        found: dict[str, Any] = entered.json()
        return found

    async def reader(self, token: str) -> Guest:
        entered = await self.enter(token)
        reader = self.world.guest("A name they chose")
        reader.token = entered["session"]
        return reader

    async def setting(self, section: str, rules: PostingRules | SSORules) -> None:
        async def change(tx: WriteTx) -> sites.Site:
            return await sites.configure(tx, self.world.site.id, section=section, values=rules, by=TERMINAL)

        await self.world.parts.db.transact(change)
        self.world.parts.sites.forget([sites.tag(self.world.site.id)])


def refusal(response: Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].partition("#")[2]


REFUSED = (403, "sso-refused")
EXPIRED = (401, "sso-expired")


async def test_a_reader_of_the_site_takes_part_under_the_name_the_site_gives(world: World) -> None:
    publisher = await Publisher.of(world)
    secret = (await publisher.key())["secret"]
    site = world.site.name
    said = claims(site, picture="https://news.test/ada.png", url="https://news.test/ada", email="ada@news.test")
    entered = await publisher.enter(signed(secret, said))
    assert entered["status"] == "signed-in"
    assert entered["member"] == {
        "name": "Ada L.",
        "avatar": "https://news.test/ada.png",
        "url": "https://news.test/ada",
        "badge": None,
    }
    # Comments, votes and edits as that member; what the browser calls itself counts for nothing.
    ada = world.guest("Moderator")
    ada.token = entered["session"]
    mine = (await ada.post("From the site.", author={"name": "Editor in chief", "email": "x@nobody.test"}))["comment"]
    assert mine["author"]["name"] == "Ada L."
    theirs = (await world.guest("Bob").post("From a guest."))["comment"]
    assert (await ada.vote(theirs["id"], 1)).json()["up"] == 1
    assert (await ada.edit(mine["id"], "Edited.")).status_code == 200

    # Next page, next device, next name: the same member, and everything of theirs bears the new name.
    renamed = await publisher.enter(signed(secret, claims(site, name="Ada Lovelace", iat=at(-5))))
    phone = world.guest()
    phone.token = renamed["session"]
    assert (await phone.vote(theirs["id"], 1)).json()["up"] == 1
    assert (await phone.edit(mine["id"], "From the phone.")).status_code == 200
    await phone.post("Another.")
    names = {item["author"]["name"] for item in (await world.read())["items"]}
    assert names == {"Ada Lovelace", "Bob"}

    # A picture is shown from the site's own hosts, which the frame's policy names, and from nowhere else.
    asked = {"site": site, "url": world.page("article")}
    for picture, is_shown in (("https://news.test/ada.png", True), ("https://tracker.test/ada.png", False)):
        await publisher.enter(signed(secret, claims(site, name="Ada Lovelace", picture=picture)))
        await ada.post(f"With {picture}")
        drawn = await world.client.get("/embed", params=asked)
        assert (f'src="{picture}"' in drawn.text) == is_shown
        assert "img-src 'self' data: https://news.test;" in drawn.headers["content-security-policy"]

    # Nothing of it is kept in plain: no session, no address.
    async with world.parts.db.engine.connect() as connection:
        rows = str((await connection.execute(text("SELECT * FROM person"))).all())
    assert "ada@news.test" not in rows
    assert entered["session"].rsplit(".", 1)[1] not in rows

    # The id is who they are; an address they share with somebody is nothing.
    twin = await publisher.reader(signed(secret, claims(site, sub="4712", name="Ada L.", email="ada@news.test")))
    assert (await twin.edit(mine["id"], "Not mine.")).status_code == 403


async def test_a_session_ends_by_itself_and_by_signing_out(world: World) -> None:
    publisher = await Publisher.of(world)
    secret, site = (await publisher.key())["secret"], world.site.name
    token = signed(secret, claims(site))
    first, second = [await publisher.reader(token) for _ in range(2)]
    mine = (await first.post())["comment"]
    path = f"/api/v1/sites/{site}/sso"

    # Signing out ends all sessions of this member, and what was signed before opens none.
    with clock.frozen(clock.now() + timedelta(seconds=30)) as hands:
        assert (await first.client.delete(path, headers=first.headers)).status_code == 204
        assert (await second.edit(mine["id"], "Too late.")).status_code == 403
        assert refusal(await publisher.ask(token)) == EXPIRED
        hands.advance(timedelta(seconds=1))
        again = await publisher.reader(signed(secret, claims(site)))
        assert (await again.edit(mine["id"], "Signed in again.")).status_code == 200

        # So does the Disqus form of nobody, for whoever sends their session along; else it only says so.
        nobody = disqus("any", {}, 1_495_142_696)
        assert (await publisher.enter(nobody)) == {
            "status": "signed-out", "session": None, "ends_at": None, "member": None
        }  # fmt: skip
        assert (await again.edit(mine["id"], "Still there.")).status_code == 200
        hands.advance(timedelta(seconds=1))
        assert (await publisher.enter(disqus("any", []), session=again.token))["status"] == "signed-out"
        assert (await again.edit(mine["id"], "Gone.")).status_code == 403

    last = await publisher.reader(signed(secret, claims(site, sub="5")))
    # Another site's page signs nobody in or out, though it had a token or a session.
    for headers in ({"Origin": "https://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        body = {"token": signed(secret, claims(site))}
        asked = [
            await last.client.post(path, json=body, headers={**headers, **last.headers}),
            await last.client.delete(path, headers={**headers, **last.headers}),
        ]
        assert [refusal(each) for each in asked] == [(403, "cross-site")] * 2
    mine = (await last.post("Another."))["comment"]
    with clock.frozen(clock.now() + timedelta(minutes=59)):
        assert (await last.vote(mine["id"], 1)).json()["type"].endswith("own-comment")
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        # Over: a stranger's vote like any other's.
        assert (await last.vote(mine["id"], 1)).status_code == 200


async def test_a_key_that_leaked_is_revoked_with_the_sessions_it_gave(world: World) -> None:
    publisher, path = await Publisher.of(world), f"/api/v1/sites/{world.site.name}"
    leaked, other = await publisher.key(), await publisher.key()
    thief, reader = [
        await publisher.reader(signed(key["secret"], claims(world.site.name, sub=sub)))
        for key, sub in ((leaked, "4711"), (other, "5"))
    ]
    mine, theirs = (await thief.post())["comment"]["id"], (await reader.post())["comment"]["id"]
    owner, url = publisher.owner, f"{path}/keys/{leaked['key']['id']}"
    assert (await owner.delete(url)).status_code == 204
    # Ending a key alone ends nobody's session: it may be the old one of two.
    assert (await thief.edit(mine, "Still there.")).status_code == 200
    for _ in range(2):
        assert (await owner.delete(url, params={"end_sessions": "true"})).status_code == 204
    assert (await thief.edit(mine, "Gone.")).status_code == 403
    assert (await reader.edit(theirs, "Not the other key's.")).status_code == 200
    log = (await owner.get("/api/v1/moderation/log", params={"site": world.site.name})).json()["items"]
    assert "key-sessions-ended" in [entry["action"] for entry in log]


async def test_a_sanction_holds_in_every_session(world: World) -> None:
    publisher, moderator = await Publisher.of(world), await world.staff("moderator")
    secret, site = (await publisher.key())["secret"], world.site.name
    troll = await publisher.reader(signed(secret, claims(site)))
    comment = (await troll.post("Rude."))["comment"]["id"]
    body = {"kind": "ban", "target": {"type": "person", "comment": comment}}
    made = await moderator.post("/api/v1/moderation/sanctions", params={"site": site}, json=body)
    assert made.status_code == 201, made.text
    for name in ("Ada L.", "Quite another name"):
        again = await publisher.reader(signed(secret, claims(site, name=name, iat=at(-1))))
        assert refusal(await again.try_post("Again.")) == (403, "banned")


def _tampered(token: str, **changes: Any) -> str:
    head, body, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "==")) | changes
    return ".".join([head, base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("="), signature])


def _without_signature(said: dict[str, Any], algorithm: str) -> str:
    parts = [json.dumps({"alg": algorithm, "typ": "JWT"}), json.dumps(said)]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts) + "."


async def test_what_the_site_did_not_sign_for_this_is_refused(world: World) -> None:
    publisher, other = await Publisher.of(world), await Publisher.of(await world.another())
    key, site = await publisher.key(), world.site.name
    secret, foreign = key["secret"], (await other.key())["secret"]
    good = signed(secret, claims(site))
    assert (await publisher.ask(good)).status_code == 200
    wrong = {
        "of another site's key": signed(foreign, claims(site)),
        "for another site": signed(secret, claims(other.world.site.name)),
        "for nobody": signed(secret, claims(site, aud=None)),
        "for a list without it": signed(secret, claims(site, aud=["shop", "blog"])),
        "alg none": _without_signature(claims(site), "none"),
        "alg None": _without_signature(claims(site), "None"),
        "no signature": _without_signature(claims(site), "HS256"),
        "HS512": signed(secret, claims(site), "HS512"),
        "another sub": _tampered(good, sub="1"),
        "cut off": good[:-1],
        "without exp": signed(secret, claims(site, exp=None)),
        "without iat": signed(secret, claims(site, iat=None)),
        "exp a text": signed(secret, claims(site) | {"exp": "never"}),
        "exp without end": signed(secret, claims(site) | {"exp": float("inf")}),
        "of the future": signed(secret, claims(site, iat=at(3_600), exp=at(7_200))),
        "not yet": signed(secret, claims(site, nbf=at(3_600))),
        "without sub": signed(secret, claims(site, sub=None)),
        "an empty sub": signed(secret, claims(site, sub="")),
        "a padded sub": signed(secret, claims(site, sub=" 1")),
        "a long sub": signed(secret, claims(site, sub="1" * 151)),
        "a sub of no text": signed(secret, claims(site, sub="a\u0000b")),
        "a true sub": signed(secret, claims(site, sub=True)),
        "without a name": signed(secret, claims(site, name=None)),
        "a name of nothing": signed(secret, claims(site, name=" \u200b ")),
        "a critical extension": signed(secret, claims(site), crit=["exp2"], exp2=1),
        "another kid of ours": signed(secret, claims(site), kid="pk_" + "0" * 24),
        "the Disqus form with a key for JWT": disqus(secret, {"id": 1, "username": "A", "email": "a@b.test"}),
        "no token": "nonsense",
        "dots": "..",
        "a deep header": base64.urlsafe_b64encode(b"[" * 4_000).decode() + ".e30.x",
        "a deep message": base64.b64encode(b"[" * 4_000).decode() + " x 1",
    }
    answers = {what: refusal(await publisher.ask(token)) for what, token in wrong.items()}
    assert answers == dict.fromkeys(wrong, REFUSED)
    old = {
        "over": signed(secret, claims(site, iat=at(-700), exp=at(-100))),
        "signed long ago": signed(secret, claims(site, iat=at(-8_000), exp=at(9_000))),
    }
    assert {what: refusal(await publisher.ask(token)) for what, token in old.items()} == dict.fromkeys(old, EXPIRED)
    assert refusal(await publisher.ask("x" * 9_000)) == (422, "invalid")

    # The key's id in the header finds it; another's, or a key asked for by name that is not it, does not.
    named = signed(secret, claims(site), kid=key["key"]["public"])
    assert (await publisher.ask(named)).status_code == 200
    assert refusal(await publisher.ask(good, key="pk_other")) == REFUSED
    assert refusal(await other.ask(good)) == REFUSED

    # A session of one site is nobody at another, whose person ids it knows.
    session = (await publisher.enter(good))["session"]
    stranger = other.world.guest("Bob")
    stranger.token = session
    assert (await stranger.post())["comment"]["author"]["name"] == "Bob"
    number, rest = session.removeprefix("m.").split(".", 1)
    for forged in (f"m.{int(number) + 1}.{rest}", session[:-1], f"{number}.{rest}", "m.1.2.3", "m....."):
        stranger = world.guest("Eve")
        stranger.token = forged
        assert (await stranger.post())["comment"]["author"]["name"] == "Eve"

    # Revoked, the key opens nothing more.
    await publisher.owner.delete(f"/api/v1/sites/{site}/keys/{key['key']['id']}")
    assert refusal(await publisher.ask(good)) == REFUSED


async def test_the_disqus_form(world: World) -> None:
    publisher = await Publisher.of(world)
    key = await publisher.key("disqus")
    secret, public = key["secret"], key["key"]["public"]
    said = {"id": 42, "username": "Zoë 🚋", "email": "zoe@news.test", "avatar": "https://news.test/z.jpg", "url": None}
    entered = await publisher.enter(disqus(secret, said), key=public)
    assert entered["member"] == {"name": "Zoë 🚋", "avatar": "https://news.test/z.jpg", "url": None, "badge": None}
    zoe = world.guest()
    zoe.token = entered["session"]
    mine = (await zoe.post())["comment"]["id"]
    # As a text it is the same id, whichever language the site is written in.
    same = await publisher.reader(disqus(secret, {"id": "42", "username": "Zoë", "email": "z@news.test"}))
    assert (await same.edit(mine, "Mine too.")).status_code == 200

    good = disqus(secret, said)
    message, signature, when = good.split(" ")
    wrong = {
        "another's": disqus("sk_other", said),
        "later": f"{message} {signature} {int(when) + 1}",
        "twice the space": f"{message}  {signature} {when}",
        "shouted": f"{message} {signature.upper()} {when}",
        "no time": f"{message} {signature}",
        "a time that is none": f"{message} {signature} ²",
        "of the future": disqus(secret, said, at(3_600)),
        "no object": disqus(secret, "4711"),
        "no id": disqus(secret, {"username": "A", "email": "a@b.test"}),
        "a JWT with a key for Disqus": signed(secret, claims(world.site.name)),
        "of no letters": f"é {signature} {when}",
        "signed with no letters": f"{message} é{signature[1:]} {when}",
    }
    assert {what: refusal(await publisher.ask(token)) for what, token in wrong.items()} == dict.fromkeys(wrong, REFUSED)
    assert refusal(await publisher.ask(disqus(secret, said, at(-7_300)))) == EXPIRED
    assert refusal(await publisher.ask(good, key="pk_unknown")) == REFUSED


def _pem(key: Any) -> str:
    pem: bytes = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


_KINDS: dict[str, Any] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(65537, 2048),
}


@pytest.mark.parametrize("algorithm", _KINDS)
async def test_with_a_public_key_the_site_keeps_its_secret(world: World, algorithm: str) -> None:
    publisher, private = await Publisher.of(world), _KINDS[algorithm]
    pem = _pem(private.public_key())
    await publisher.key(algorithm, public_key=pem)
    assert (await publisher.ask(signed(private, claims(world.site.name), algorithm))).status_code == 200
    # A key everybody may know is no shared secret, whatever the token says.
    header = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()).decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps(claims(world.site.name)).encode()).decode().rstrip("=")
    for secret in (pem, pem.strip()):
        mac = hmac.new(secret.encode(), f"{header}.{body}".encode(), hashlib.sha256).digest()
        confused = f"{header}.{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        assert refusal(await publisher.ask(confused)) == REFUSED


async def test_keys_the_site_publishes_are_fetched_kept_and_found_again_when_they_change(world: World) -> None:
    publisher, site = await Publisher.of(world), world.site.name
    first, second = _KINDS["RS256"], _KINDS["ES256"]
    now = 1_000.0
    parts = world.parts
    parts.key_sets.__init__(parts.out, clock=lambda: now)  # type: ignore[misc]  # a clock that the test turns

    def published(**keys: Any) -> bytes:
        made = [
            jwt.get_algorithm_by_name(alg).to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig"}
            for kid, (alg, key) in keys.items()
        ]
        return json.dumps({"keys": [*made, "no key", {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}]}).encode()

    async with listener() as server:
        kept = {"body": published(one=("RS256", first))}

        async def reply(_: Heard) -> bytes:
            return answer(200, kept["body"])

        server.reply = reply
        for algorithm in ("RS256", "ES256"):
            await publisher.key(algorithm, jwks_url=f"{server.url}/jwks.json")
        good = signed(first, claims(site), "RS256", kid="one")
        for _ in range(3):
            assert (await publisher.ask(good)).status_code == 200
        assert len(server.heard) == 1

        # Unknown ids lead to one look in a minute, however many ask.
        unknown = signed(second, claims(site), "ES256", kid="two")
        for _ in range(3):
            assert refusal(await publisher.ask(unknown)) == REFUSED
        assert len(server.heard) == 1
        now += 61
        kept["body"] = published(one=("RS256", first), two=("ES256", second))
        for _ in range(3):
            assert (await publisher.ask(unknown)).status_code == 200
        assert len(server.heard) == 2
        assert (await publisher.ask(signed(second, claims(site), "ES256"))).status_code == 200
        assert refusal(await publisher.ask(signed("c2VjcmV0" * 5, claims(site), kid="shared"))) == REFUSED

        # Away for hours, the last known ones serve; away for more than a day, none.
        async def away(_: Heard) -> bytes:
            return answer(500)

        server.reply = away
        now += 40_000
        assert (await publisher.ask(good)).status_code == 200
        now += 50_000
        assert refusal(await publisher.ask(good)) == REFUSED
        asked = len(server.heard)
        for _ in range(5):
            await publisher.ask(good)
        assert len(server.heard) == asked
        # What is too large, or no set at all, is as good as away.
        for body in (b"[" * 60_000, b'{"keys": 1}', b"x" * 70_000):
            kept["body"] = body
            server.reply = reply
            now += 700
            assert refusal(await publisher.ask(good)) == REFUSED
    assert isinstance(parts.key_sets, KeySets)


async def test_roles_are_taken_over_as_far_as_the_site_lets_them(world: World) -> None:
    publisher, site = await Publisher.of(world), world.site.name
    secret = (await publisher.key())["secret"]

    def token(*roles: str) -> str:
        return signed(secret, claims(site, roles=list(roles), iat=at(-1)))

    assert (await publisher.enter(token("expert", "moderator")))["member"]["badge"] is None
    await publisher.setting("sso", SSORules(roles=("expert",)))
    assert (await publisher.enter(token("expert", "owner")))["member"]["badge"] == "expert"
    expert = await publisher.reader(token("expert"))
    assert (await expert.post("As one who knows."))["comment"]["author"]["badge"] == "expert"
    # A role in a token is a badge and no right; and it goes with the token that does not name it.
    queue = await expert.client.get("/api/v1/moderation/queue", params={"site": site}, headers=expert.headers)
    assert queue.status_code == 401
    assert (await publisher.enter(token("moderator")))["member"]["badge"] is None


async def test_who_may_take_part_holds_for_every_way_in(world: World) -> None:
    publisher, site = await Publisher.of(world), world.site.name
    secret = (await publisher.key())["secret"]
    guest, member = world.guest("Guest"), await publisher.reader(signed(secret, claims(site)))
    old = (await guest.post("From before."))["comment"]["id"]
    other = (await member.post("A member's."))["comment"]["id"]
    moderator = await world.staff("moderator")
    staff = Guest(world, moderator, "Mo")
    form = {"site": site, "url": world.page("article"), "name": "Bob", "body": "Plainly."}
    ours = {"Origin": world.parts.settings.origin}

    for who, refused in (("members", "guests-refused"), ("sso", "site-account-needed")):
        rules = PostingRules.model_validate({"who": who, "who_reports": who})
        await publisher.setting("posting", rules)
        answers = [
            await guest.try_post("Again."),
            await world.guest("New").try_post("First."),
            await guest.edit(old, "Edited."),
            await guest.vote(other, 1),
            await world.guest("New").vote(other, 1),
            await guest.report(other),
        ]
        assert [refusal(each) for each in answers] == [(403, refused)] * 6
        plain = [
            await guest.client.post("/embed/comments", data=form, headers=ours),
            await guest.client.post("/embed/reports", data={**form, "comment": other, "reason": "spam"}, headers=ours),
        ]
        assert [each.status_code for each in plain] == [403, 403]
        assert "Plainly." in plain[0].text  # the text is given back
        # Whoever wants their own words gone may have them gone.
        taken_back = (await member.post(f"Again, {who}."))["comment"]["id"]
        assert (await member.vote(old, 1)).status_code == 200
        assert (await member.report(old)).status_code == 202
        assert (await member.delete(taken_back)).status_code == 204
        assert (await staff.post(f"From the desk, {who}."))["status"] == "published"
    assert (await guest.delete(old)).status_code == 204

    # Reports may be open to all where writing is not; and settings from before there were members mean what they meant.
    await publisher.setting("posting", PostingRules.model_validate({"guests": False}))
    assert (await guest.report(other)).status_code == 202
    assert refusal(await guest.try_post("Again.")) == (403, "guests-refused")


async def test_the_sites_servers_ask_who_somebody_is_and_sign_them_out(world: World) -> None:
    publisher, site = await Publisher.of(world), world.site.name
    secret = (await publisher.key())["secret"]
    other = await Publisher.of(await world.another())
    reader = await publisher.reader(signed(secret, claims(site)))
    mine = (await reader.post())["comment"]["id"]
    server = world.caller(some_address())
    path = f"/api/v1/sites/{site}/members/4711"

    async def ask(method: str, below: str, secret: str) -> Response:
        return await server.request(method, f"{path}{below}", headers={"Authorization": f"Bearer {secret}"})

    read, manage = [(await publisher.key(scopes=[scope]))["secret"] for scope in ("read", "manage")]
    foreign = (await other.key(scopes=["read", "manage", "sso"]))["secret"]
    found = (await ask("GET", "", read)).json()
    assert (found["name"], found["remote_id"], found["published_count"]) == ("Ada L.", "4711", 1)
    for method, below, right in (("GET", "", read), ("POST", "/sign-out", manage)):
        wrong = {secret: 403, foreign: 404, "sk_forged": 401, reader.token or "": 401, right: 0}
        for key, status in wrong.items():
            if status:
                assert (await ask(method, below, key)).status_code == status
    assert (
        refusal(await server.get(f"/api/v1/sites/{site}/members/0815", headers={"Authorization": f"Bearer {read}"}))[0]
        == 404
    )
    with clock.frozen(clock.now() + timedelta(seconds=1)):
        assert (await ask("POST", "/sign-out", manage)).status_code == 204
        assert (await reader.edit(mine, "Too late.")).status_code == 403
    log = (await publisher.owner.get("/api/v1/moderation/log", params={"site": site})).json()["items"]
    assert log[0]["action"] == "member-signed-out"
    assert "4711" not in str(log[0])
    # A key is no way to a session of its own: what it is a secret of has to be signed.
    assert refusal(await publisher.ask(secret)) == REFUSED
