"""A disk that is really full, under the database and under a backup. `make chaos`, as root.

What a run of all tests looks at is tests/stories/operating/test_disk_full.py: the same answers, without a disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from service import sites
from service.kit import migrate
from service.kit.db import Database
from tests.conftest import settings_of
from tests.servers.home import home
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.postgres import DURABLE, _initdb, new_server
from tests.servers.redis import redis_server
from tests.servers.small_disk import SmallDisk, may_mount, small_disk
from tests.world import OPEN

PAGE = {"site": "courier", "url": "https://courier.example/full"}
IS_ASKED_FOR = "PARLEY_KILLS" in os.environ and may_mount()


@dataclass
class Stage:
    """A server whose database lies on a small disk."""

    server: Process
    client: httpx.AsyncClient
    disk: SmallDisk
    env: dict[str, str]
    taken: list[str] = field(default_factory=list)

    async def post(self, number: int) -> httpx.Response:
        new = {**PAGE, "body": f"Number {number} {'x' * 4_000}", "author": {"name": "Ada"}}
        answer = await self.client.post("/api/v1/comments", json=new, headers={"Idempotency-Key": f"number-{number}"})
        if answer.status_code == 201:
            self.taken.append(answer.json()["comment"]["id"])
        return answer

    async def refused(self) -> httpx.Response:
        """The first post that finds no room, each with a key of its own."""
        for number in range(100, 400):
            answer = await self.post(number)
            if answer.status_code != 201:
                return answer
        raise AssertionError("there was always room")


@pytest.fixture(params=["sqlite", "postgresql"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    with contextlib.ExitStack() as stack:
        folder = tmp_path / "var"
        folder.mkdir()
        env, url = {"PARLEY_SECRET_KEY": SECRET, "PARLEY_WORKER_IN_SERVER": "true"}, None
        if request.param == "sqlite":
            disk = stack.enter_context(small_disk(folder, 24))
        else:
            server = new_server(stack.enter_context(home("full")), "one", DURABLE)
            server.make_folders()
            owner = (server.as_user["user"], server.as_user["group"])
            disk = stack.enter_context(small_disk(server.data, 160, owner=owner))
            _initdb(server)
            stack.callback(server.stop)
            server.start()
            url = server.url
            redis = stack.enter_context(redis_server())
            env |= {"PARLEY_DATABASE_URL": url, "PARLEY_REDIS_URL": redis.url}
        db = Database(settings_of(folder, "redis://nowhere", url))
        await migrate.upgrade(db.engine)
        await db.transact(sites.create, "courier", "courier", ["https://courier.example"], dict(OPEN))
        await db.close()
        running = parley("serve", folder=tmp_path, port=free_port(), env=env)
        serving = await asyncio.to_thread(running.__enter__)
        async with httpx.AsyncClient(base_url=serving.url, timeout=20, trust_env=False) as client:
            yield Stage(serving, client, disk, env)
        await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.mark.timeout(240)
async def test_nothing_taken_is_lost_and_with_room_it_goes_on_without_a_restart(stage: Stage) -> None:
    for number in range(5):
        assert (await stage.post(number)).status_code == 201
    with stage.disk.full():
        refused = await stage.refused()
        assert refused.status_code == 503, refused.text
        assert refused.json()["type"] == "/errors#storage-full", refused.text
        assert (await _read(stage))["thread"]["comment_count"] == len(stage.taken)
        assert (await stage.client.get("/livez")).status_code == 200
        ready = await stage.client.get("/readyz")
        assert (ready.status_code, "storage" in ready.json()["degraded"]) == (200, True)

    async with asyncio.timeout(30):
        while (await stage.post(5)).status_code != 201:  # noqa: ASYNC110  # as a reader would
            await asyncio.sleep(0.2)
    assert (await _read(stage))["thread"]["comment_count"] == len(set(stage.taken))
    assert "Traceback" not in stage.server.output()


test_nothing_taken_is_lost_and_with_room_it_goes_on_without_a_restart.__test__ = IS_ASKED_FOR  # type: ignore[attr-defined]


async def _read(stage: Stage) -> dict[str, Any]:
    answer = await stage.client.get("/api/v1/threads", params={**PAGE, "limit": 100, "x": os.urandom(4).hex()})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_backup_that_finds_no_room_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    target = tmp_path / "safe"
    target.mkdir()
    env = {"PARLEY_SECRET_KEY": SECRET}
    with parley("migrate", folder=tmp_path, env=env) as made:
        assert made.popen.wait(60) == 0, made.output()
    with small_disk(target, 1) as disk, disk.full():
        with parley("backup", str(target / "b.jsonl.gz"), folder=tmp_path, env=env) as backup:
            assert backup.popen.wait(60) == 1, backup.output()
        assert "cannot be written: No space left on device" in backup.output()
        assert "Traceback" not in backup.output()
        assert [each.name for each in target.iterdir()] == ["filler"]


test_a_backup_that_finds_no_room_leaves_nothing_and_says_so.__test__ = IS_ASKED_FOR  # type: ignore[attr-defined]
