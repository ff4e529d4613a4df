"""Staff sign in by a link, once."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy

from service import identity, sites
from service.kit import clock
from service.kit.db import WriteTx
from tests.world import World, some_address


async def _mailed_token(world: World, address: str) -> str | None:
    """The token in the newest mail to an address, as its reader would find it."""
    await world.settle()
    folder = world.parts.settings.data_dir / "mail"
    for path in sorted(folder.glob("*.eml"), reverse=True) if folder.exists() else []:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if message["To"] == address:
            found = re.search(r"/console/enter\?token=(\S+)", message.get_content())
            return found[1] if found else None
    return None


async def _moderator(world: World, name: str) -> str:
    address = f"{name}@{world.site.name}.test"

    async def grant(tx: WriteTx) -> None:
        await identity.grant(tx, address, name.title(), world.site.id, "moderator")

    await world.parts.db.transact(grant)
    return address


async def test_a_moderator_signs_in_by_mail(world: World) -> None:
    address = await _moderator(world, "mona")
    asked = await world.client.post("/api/v1/auth/link", json={"email": address.upper()})
    assert asked.status_code == 202
    token = await _mailed_token(world, address)
    assert token

    client = world.caller(some_address())
    client.headers["Origin"] = world.parts.settings.origin
    signed_in = await client.post("/api/v1/auth/session", json={"token": token})
    assert signed_in.status_code == 201
    cookie = signed_in.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    me = (await client.get("/api/v1/session")).json()
    assert me["email"] == address
    assert me["roles"] == {str(world.site.id): "moderator"}


async def test_a_link_works_once_and_not_for_long(world: World) -> None:
    address = await _moderator(world, "once")
    await world.client.post("/api/v1/auth/link", json={"email": address})
    token = await _mailed_token(world, address)
    client = world.caller(some_address())
    client.headers["Origin"] = world.parts.settings.origin

    assert (await client.post("/api/v1/auth/session", json={"token": token})).status_code == 201
    again = await client.post("/api/v1/auth/session", json={"token": token})
    assert again.json()["type"] == "/errors#link-used"

    await world.client.post("/api/v1/auth/link", json={"email": address})
    late = await _mailed_token(world, address)
    with clock.frozen() as hands:
        hands.advance(timedelta(minutes=16))
        assert (await client.post("/api/v1/auth/session", json={"token": late})).status_code == 403


async def test_an_unknown_address_gets_the_same_answer_and_no_mail(world: World) -> None:
    known = await _moderator(world, "known")
    answers = [
        await world.client.post("/api/v1/auth/link", json={"email": address})
        for address in (known, "stranger@nowhere.test")
    ]
    assert answers[0].content == answers[1].content
    assert answers[0].status_code == answers[1].status_code
    assert await _mailed_token(world, "stranger@nowhere.test") is None


async def test_asking_for_links_is_limited(world: World) -> None:
    caller = world.caller(some_address())
    statuses = [
        (await caller.post("/api/v1/auth/link", json={"email": f"x{n}@nowhere.test"})).status_code for n in range(7)
    ]
    assert statuses == [202] * 5 + [429] * 2


async def test_signing_out_ends_the_session_everywhere(world: World) -> None:
    staff = await world.staff()
    cookies = dict(staff.cookies)
    assert (await staff.delete("/api/v1/session")).status_code == 204
    stolen = world.caller(some_address())
    stolen.cookies.update(cookies)
    assert (await stolen.get("/api/v1/session")).json()["email"] is None


async def test_a_session_ends_by_itself(world: World) -> None:
    staff = await world.staff()
    with clock.frozen() as hands:
        hands.advance(timedelta(hours=13))
        assert (await staff.get("/api/v1/session")).json()["email"] is None


async def test_a_write_from_another_sites_page_is_refused(world: World) -> None:
    staff = await world.staff()
    for headers in (
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        response = await staff.delete("/api/v1/session", headers=headers)
        assert response.status_code == 403, headers
        assert response.json()["type"] == "/errors#cross-site"
    del staff.headers["Origin"]
    assert (await staff.delete("/api/v1/session")).status_code == 403


async def test_a_role_taken_away_is_gone_in_open_sessions(world: World) -> None:
    staff = await world.staff(email="former@example.test")

    async def revoke(tx: WriteTx) -> None:
        account = await identity.account_by_email(tx, "former@example.test")
        assert account
        await identity.revoke(tx, account.id, (await sites.by_id(tx, world.site.id)).id)

    await world.parts.db.transact(revoke)
    response = await staff.get("/api/v1/moderation/queue", params={"site": world.site.name})
    assert response.status_code == 403
