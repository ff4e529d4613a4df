"""Readers sign in with a code by mail: nobody learns who has an account, and nobody gets in without the mail."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

from httpx import Response
from sqlalchemy import text

from service import comments, identity, readers
from service.kit import clock
from service.kit.db import WriteTx
from tests.world import Guest, World, some_address

OPEN_TO_READERS = {"readers": {"email": True}, "posting": {"who": "members"}}
_addresses = iter(range(1, 10_000))


def some_email() -> str:
    return f"reader{next(_addresses)}.{some_address()}@nobody.test"


async def mails(world: World, to: str) -> list[Any]:
    """The mails to an address, the oldest first."""
    await world.settle()
    folder = world.parts.settings.data_dir / "mail"
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
    return [message for message in found if message["To"] == to]


async def code_for(world: World, to: str) -> str:
    (message,) = await mails(world, to)
    found = re.search(r"\d{4} \d{4}", message.get_content())
    assert found is not None
    return found[0]


class Reader:
    """Somebody in a browser of their own."""

    def __init__(self, world: World, email: str) -> None:
        self.world, self.email = world, email
        self.client = world.caller(some_address())
        self.path = f"/api/v1/sites/{world.site.name}/sign-in"

    async def ask(self, **headers: str) -> str:
        asked = await self.client.post(f"{self.path}/codes", json={"email": self.email}, headers=headers)
        assert asked.status_code == 202, asked.text
        return str(asked.json()["ask"])

    async def give(self, ask: str, code: str, name: str | None = None) -> Response:
        return await self.client.post(f"{self.path}/sessions", json={"ask": ask, "code": code, "name": name})

    async def enter(self, name: str | None = None) -> Guest:
        ask = await self.ask()
        entered = await self.give(ask, await code_for(self.world, self.email), name)
        assert entered.status_code == 201, entered.text
        guest = self.world.guest("Somebody")
        guest.token = entered.json()["session"]
        return guest


def refusal(response: Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].partition("#")[2]


async def test_a_reader_signs_in_writes_and_ends_their_sessions(world: World) -> None:
    world = await world.another(OPEN_TO_READERS)
    reader = Reader(world, some_email())
    ask = await reader.ask()
    code = await code_for(world, reader.email)
    # Told what is missing, and the code is still good.
    assert refusal(await reader.give(ask, code)) == (422, "reader-name-needed")
    entered = await reader.give(ask, code, "Ada")
    assert entered.json()["name"] == "Ada"
    assert refusal(await reader.give(ask, code, "Ada")) == (403, "code-wrong")
    ada = world.guest("Mallory")
    ada.token = entered.json()["session"]
    mine = (await ada.post("As a member."))["comment"]
    assert mine["author"]["name"] == "Ada"
    assert refusal(await world.guest("Mallory").try_post()) == (403, "guests-refused")

    # At another site they are somebody else, whose session here is worth nothing there; the account is one.
    other = await world.another(OPEN_TO_READERS)
    elsewhere = other.guest("Mallory")
    elsewhere.token = ada.token
    assert refusal(await elsewhere.try_post()) == (403, "guests-refused")
    second = Reader(other, reader.email)
    asked = await second.ask()
    sent = [message for message in await mails(world, reader.email) if other.site.title in message["Subject"]]
    found = re.search(r"\d{4} \d{4}", sent[0].get_content())
    assert found is not None
    session = (await second.give(asked, found[0], "A. L.")).json()["session"]

    listed = (await reader.client.get(f"{reader.path}/sessions", headers=ada.headers)).json()["items"]
    assert [(each["site"], each["is_this"]) for each in listed] == [(other.site.title, False), (world.site.title, True)]
    stranger = await Reader(world, some_email()).enter("Eve")
    gone = await stranger.client.delete(f"{reader.path}/sessions/{listed[0]['id']}", headers=stranger.headers)
    assert refusal(gone) == (404, "session-unknown")
    ended = await reader.client.delete(f"{reader.path}/sessions/{listed[0]['id']}", headers=ada.headers)
    assert ended.status_code == 204
    elsewhere.token = session
    assert refusal(await elsewhere.try_post()) == (403, "guests-refused")
    assert (await ada.edit(mine["id"], "Still here.")).status_code == 200
    assert (await ada.client.delete(f"{reader.path}/sessions", headers=ada.headers)).status_code == 204
    assert (await ada.edit(mine["id"], "Gone.")).status_code == 403
    assert (await ada.client.get(f"{reader.path}/sessions", headers=ada.headers)).status_code == 401

    # Nothing of it lies in plain, and what is over is forgotten.
    async with world.parts.db.engine.connect() as connection:
        kept = [
            str((await connection.execute(text(f"SELECT * FROM {table}"))).all())  # noqa: S608  # our own names
            for table in ("reader", "reader_way", "reader_code", "reader_session", "person")
        ]
    for secret in (reader.email, ada.token or "", code, code.replace(" ", "")):
        assert secret not in str(kept)


async def test_who_is_forgotten_has_no_account_left(world: World) -> None:
    world = await world.another(OPEN_TO_READERS)
    other = await world.another(OPEN_TO_READERS)
    email = some_email()
    here = await Reader(world, email).enter("Ada")
    asked = Reader(other, email)
    ask = await asked.ask()
    (sent,) = [mail for mail in await mails(world, email) if other.site.title in mail["Subject"]]
    found = re.search(r"\d{4} \d{4}", sent.get_content())
    assert found is not None
    session = (await asked.give(ask, found[0], "A.")).json()["session"]
    there = other.guest()
    there.token = session
    people = []
    for reader, at in ((here, world), (there, other)):
        mine = (await reader.post("Before."))["comment"]["id"]
        found_there = await world.parts.db.read(comments.get, int(mine), comments.STAFF)
        people.append((found_there.person_id or 0, reader, at))

    async def forget(tx: WriteTx, person: int) -> None:
        await readers.forget_person(tx, person)
        await identity.blank(tx, person)

    async def ways() -> int:
        async with world.parts.db.engine.connect() as connection:
            subject = world.parts.keeper.pseudonym("reader-email", email)
            kept = await connection.execute(text("SELECT 1 FROM reader_way WHERE subject = :s"), {"s": subject})
            return len(kept.all())

    await world.parts.db.transact(forget, people[0][0])
    assert refusal(await here.try_post()) == (403, "guests-refused")
    assert (await there.try_post("Still known here.")).status_code == 201
    assert await ways() == 1
    await world.parts.db.transact(forget, people[1][0])
    assert refusal(await there.try_post()) == (403, "guests-refused")
    assert await ways() == 0


async def test_everybody_is_answered_alike(world: World) -> None:
    world = await world.another(OPEN_TO_READERS)
    known = Reader(world, some_email())
    await known.enter("Ada")
    answers = []
    for email in (known.email, some_email()):
        reader = Reader(world, email)
        asked = await reader.client.post(f"{reader.path}/codes", json={"email": email})
        wrong = await reader.give(asked.json()["ask"], "0000 000x", "Ada")
        answers.append((asked.status_code, sorted(asked.json()), refusal(wrong), wrong.json()["detail"]))
        assert len(await mails(world, email)) == (2 if email == known.email else 1)
    assert answers[0] == answers[1]


async def test_a_code_is_good_once_where_it_was_asked_for_and_not_for_long(world: World) -> None:
    world = await world.another(OPEN_TO_READERS)
    reader, thief = Reader(world, some_email()), Reader(world, some_email())
    ask, theirs = await reader.ask(), await thief.ask()
    code = await code_for(world, reader.email)
    wrong = (403, "code-wrong")
    assert refusal(await thief.give(theirs, code, "Eve")) == wrong
    assert refusal(await thief.give("", code, "Eve"))[0] == 422
    other = Reader(await world.another(OPEN_TO_READERS), reader.email)
    assert refusal(await other.give(ask, code, "Ada")) == wrong
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert refusal(await reader.give(ask, code, "Ada")) == wrong
        await world.parts.db.transact(readers.forget_codes)
    assert refusal(await reader.give(ask, code, "Ada")) == wrong

    # Five wrong ones end it.
    guessed = Reader(world, some_email())
    ask = await guessed.ask()
    right = await code_for(world, guessed.email)
    for number in range(5):
        assert refusal(await guessed.give(ask, f"{number}".rjust(8, "x"), "Ada")) == wrong
    assert refusal(await guessed.give(ask, right, "Ada")) == wrong


async def test_asking_is_bounded_by_address_and_from_pages_of_ours(world: World) -> None:
    closed, world = world, await world.another(OPEN_TO_READERS)
    reader = Reader(world, some_email())
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        asked = await reader.client.post(f"{reader.path}/codes", json={"email": reader.email}, headers=headers)
        assert refusal(asked) == (403, "cross-site")
    refused = await Reader(closed, reader.email).client.post(
        f"/api/v1/sites/{closed.site.name}/sign-in/codes", json={"email": reader.email}
    )
    assert refusal(refused) == (403, "readers-refused")
    assert refusal(await reader.client.post(f"{reader.path}/codes", json={"email": "no address"})) == (422, "invalid")
    # Whoever fills somebody's mailbox is stopped, from however many places.
    statuses = []
    for _ in range(5):
        again = Reader(world, reader.email.upper())
        statuses.append((await again.client.post(f"{again.path}/codes", json={"email": again.email})).status_code)
    assert statuses == [202, 202, 202, 429, 429]


async def test_the_mail_speaks_the_readers_language(world: World) -> None:
    world = await world.another(OPEN_TO_READERS)
    reader = Reader(world, some_email())
    await reader.ask(**{"Accept-Language": "de-AT,de"})
    (message,) = await mails(world, reader.email)
    assert "Ihr Code" in message.get_content()
    assert world.site.title in message["Subject"]
