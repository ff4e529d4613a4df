"""The machine's clock jumps a day ahead and back, under a real server and its worker: nothing waits until tomorrow.

Readers keep what they are known by. Staff's sessions live half a day, so whoever is asked tomorrow signs in again; with
the clock set right the session of before goes on, and so does the new one. What was acknowledged is there, what follows
from it follows, and no id is given twice. `make chaos` runs it: a worker takes up what it claimed tomorrow within a
minute, and that minute is waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.kit import ids
from tests.conftest import Floor
from tests.servers.parley import SECRET, free_port, parley
from tests.servers.shifted import WrongClock

IS_ASKED_FOR = "PARLEY_KILLS" in os.environ
SITE, HOST = "courier", "https://courier.example"
DAY = 86_400.0


@dataclass
class Life:
    """One server with a wrong clock, its people, and what they were told."""

    client: httpx.AsyncClient
    team: httpx.AsyncClient
    clock: WrongClock
    folder: Path
    env: dict[str, str]
    token: str = ""
    posted: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    async def post(self, body: str, expect: int = 201, address: str = "10.1.1.1", **more: Any) -> dict[str, Any]:
        new = {"site": SITE, "url": f"{HOST}/story", "body": body, "author": {"name": "Ada"}, **more}
        headers = {"X-Forwarded-For": address} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        made = await self.client.post("/api/v1/comments", json=new, headers=headers)
        assert made.status_code == expect, made.text
        found: dict[str, Any] = made.json()
        self.token = found.get("guest") or self.token
        self.posted.append(found["comment"]["id"])
        return found

    async def live(self, what: str) -> None:
        """What people do: post, answer, edit, vote; staff look and decide; nobody has to sign in again."""
        first = await self.post(f"{what}, said.")
        at, own = f"/api/v1/comments/{first['comment']['id']}", {"Authorization": f"Bearer {self.token}"}
        await self.post(f"{what}, answered.", parent=first["comment"]["id"])
        edited = await self.client.patch(at, json={"body": f"{what}, edited."}, headers=own)
        assert edited.status_code == 200, edited.text
        voted = await self.client.put(f"{at}/vote", json={"value": 1}, headers={"X-Forwarded-For": "10.2.2.2"})
        assert voted.status_code == 200, voted.text
        assert (await self.team.get("/api/v1/session")).json()["name"] == "Mona"
        self.held.append((await self.post(f"A pineapple, {what}.", expect=202))["comment"]["id"])
        page = await self.client.get("/api/v1/threads", params={"site": SITE, "url": f"{HOST}/story", "limit": 100})
        assert f"{what}, edited." in page.text

    async def sign_in(self) -> dict[str, str]:
        """Mona signs in, by a link; the cookies of before."""
        before = dict(self.team.cookies)
        told = await _command(self.folder, self.env, "user", "link", "mona@courier.example")
        (token,) = set(re.findall(r"token=([\w-]+)", told))
        signed_in = await self.team.post("/api/v1/auth/session", json={"token": token})
        assert signed_in.status_code == 201, signed_in.text
        return before

    async def is_known_by(self, cookies: dict[str, str]) -> bool:
        """Whether a session still is one."""
        kept = "; ".join(f"{name}={value}" for name, value in cookies.items())
        found = await self.client.get("/api/v1/session", headers={"Cookie": kept})
        return bool(found.json()["name"] == "Mona")

    async def queued(self, seconds: float = 30) -> None:
        """Until everything that was held is before moderators: it came there through the outbox and the worker."""
        async with asyncio.timeout(seconds):
            while True:
                asked = await self.team.get("/api/v1/moderation/queue", params={"site": SITE, "limit": 100})
                assert asked.status_code == 200, asked.text
                if set(self.held) <= {case["comment"]["id"] for case in asked.json()["items"]}:
                    return
                await asyncio.sleep(0.1)

    async def decide(self, comment: str) -> None:
        """Somebody of the team lets it pass."""
        item = {"comment": comment, "version": 1}
        said = {"items": [item], "action": "approve"}
        answer = await self.team.post("/api/v1/moderation/decisions", json=said)
        assert answer.json()["items"][0]["decision"], answer.text
        self.held.remove(comment)


async def _command(folder: Path, env: dict[str, str], *words: str) -> str:
    with parley(*words, folder=folder, env=env) as done:
        assert await asyncio.to_thread(done.popen.wait, 90) == 0, done.output()
        return done.output()


@pytest.fixture
async def life(request: pytest.FixtureRequest, floor: Floor, tmp_path: Path) -> AsyncIterator[Life]:
    """A server and a worker, on one machine with one clock."""
    clock, own = WrongClock.of(tmp_path), tmp_path / "run"
    own.mkdir()
    env = {"PARLEY_SECRET_KEY": SECRET, "PARLEY_REDIS_URL": floor.settings.redis_url or ""}
    env |= {"PARLEY_TRUSTED_PROXIES": "127.0.0.0/8", **clock.env}
    if not floor.settings.is_sqlite:
        env["PARLEY_DATABASE_URL"] = request.getfixturevalue("postgres_of_run").create_database()
    await _command(own, env, "migrate")
    await _command(own, env, "site", "add", SITE, HOST)
    for name, value in (
        ("screening.suspect_words", '["pineapple*"]'),
        ("screening.hold_first_comments", "false"),
        ("limits.post.address", '["30/60s"]'),
        ("limits.post.author", '["100000/s"]'),
    ):
        await _command(own, env, "site", "set", SITE, name, value)
    await _command(own, env, "user", "add", "mona@courier.example", "--site", SITE, "--name", "Mona")
    port = free_port()
    in_server = "true" if floor.settings.is_sqlite else "false"
    with contextlib.ExitStack() as stack:
        serving = parley("serve", folder=own, port=port, env={**env, "PARLEY_WORKER_IN_SERVER": in_server})
        server = await asyncio.to_thread(stack.enter_context, serving)
        if not floor.settings.is_sqlite:
            stack.enter_context(parley("worker", folder=own, env=env))
        asking: dict[str, Any] = {"base_url": server.url, "timeout": 30, "trust_env": False}
        own_page = {"Origin": server.url}
        async with httpx.AsyncClient(**asking) as client, httpx.AsyncClient(**asking, headers=own_page) as team:
            made = Life(client, team, clock, own, env)
            await made.sign_in()
            yield made
        assert "Traceback" not in server.output()


@pytest.mark.timeout(300)
async def test_a_day_ahead_and_back_costs_nobody_anything(life: Life) -> None:
    await life.live("Today")
    await life.queued()
    life.clock.set(DAY)
    today = await life.sign_in()
    assert not await life.is_known_by(today)
    await life.live("Tomorrow")
    await life.queued()
    # The processes do live tomorrow, or nothing here says anything.
    ahead = ids.created_at(int(life.posted[-1])) - datetime.now(UTC)
    assert timedelta(hours=23) < ahead < timedelta(hours=25)
    await life.decide(life.held[0])
    # An address that has had its fill tomorrow, and what is still under way when the clock is set right.
    for number in range(30):
        await life.post(f"Number {number}.", address="10.3.3.3")
    for number in range(5):
        life.held.append((await life.post(f"Late pineapple {number}.", expect=202))["comment"]["id"])
    life.clock.set(0)
    assert await life.is_known_by(today)
    await life.live("Today again")
    # What was claimed tomorrow is taken up within a minute.
    await life.queued(seconds=100)
    await life.decide(life.held[-1])
    await _let_in_again(life, "10.3.3.3")
    life.clock.set(-DAY)
    await life.live("Yesterday")
    await life.queued(seconds=100)
    life.clock.set(0)
    await life.live("And today")
    await life.queued(seconds=100)
    assert len(life.posted) == len(set(life.posted))
    page = await life.client.get("/api/v1/threads", params={"site": SITE, "url": f"{HOST}/story", "limit": 100})
    for what in ("Today", "Tomorrow", "Today again", "Yesterday", "And today"):
        assert f"{what}, edited." in page.text, what
        assert f"{what}, answered." in page.text, what
    ready = await life.client.get("/readyz")
    assert ready.json() == {"status": "ready", "degraded": []}


async def _let_in_again(life: Life, address: str) -> None:
    """Who had their fill writes again after the minute that the limit is for, and not after a day."""
    async with asyncio.timeout(90):
        while True:
            new = {"site": SITE, "url": f"{HOST}/other", "body": f"At {datetime.now(UTC)}.", "author": {"name": "Bob"}}
            made = await life.client.post("/api/v1/comments", json=new, headers={"X-Forwarded-For": address})
            if made.status_code == 201:
                return
            await asyncio.sleep(1)


test_a_day_ahead_and_back_costs_nobody_anything.__test__ = IS_ASKED_FOR  # type: ignore[attr-defined]
