"""The process that sends is killed between commit and delivery, and in the middle of one: every event arrives."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections import Counter
from pathlib import Path

import httpx
import pytest

from service import sites
from service.delivery import webhooks
from service.kit import migrate
from service.kit.db import Database
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.record import TERMINAL
from tests.servers.listener import Heard, Listener, answer, listener
from tests.servers.parley import free_port, parley
from tests.servers.waiting import eventually

KILLS, BETWEEN = 4, 8
LIMITS = {"post": {"address": ["100000/s"], "author": ["100000/s"], "thread": ["100000/s"]}}


async def _prepare(folder: Path, url: str) -> Path:
    settings = Settings(data_dir=folder / "var")
    settings.data_dir.mkdir()
    db, keeper = Database(settings), Keeper.of(settings)
    await migrate.upgrade(db.engine)
    site = await db.transact(sites.create, "news", "News", ["https://news.test"], {"limits": LIMITS})
    await db.transact(webhooks.create, keeper, site.id, url, ["comment.posted"], by=TERMINAL)
    await db.close()
    return settings.data_dir / "parley.sqlite3"


def _a_minute_passes(database: Path) -> None:
    """What the dead process had claimed is due again; nobody has to sit and wait for that."""
    with sqlite3.connect(database, timeout=20) as opened:
        for table in ("webhook_delivery", "outbox"):
            opened.execute(f"UPDATE {table} SET due_at = '2026-01-01 00:00:00.000000' WHERE state = 'waiting'")  # noqa: S608


def _left(database: Path) -> int:
    with sqlite3.connect(database, timeout=20) as opened:
        waiting = [
            opened.execute(f"SELECT count(*) FROM {table} WHERE state != '{done}'").fetchone()[0]  # noqa: S608
            for table, done in (("webhook_delivery", "delivered"), ("outbox", ""))
        ]
    return sum(waiting)


def _arrived(receiver: Listener) -> Counter[str]:
    return Counter(json.loads(heard.body)["data"]["comment"]["body"] for heard in receiver.heard)


@pytest.mark.timeout(180)
async def test_a_killed_sender_loses_no_event(tmp_path: Path) -> None:
    async with listener() as receiver:

        async def slowly(_: Heard) -> bytes:
            await asyncio.sleep(0.05)  # so that a kill finds something on its way
            return answer(204)

        receiver.reply = slowly
        database = await _prepare(tmp_path, receiver.url)
        port, posted = free_port(), []
        for kill in range(KILLS + 1):
            with parley("serve", folder=tmp_path, port=port, env={"PARLEY_OUTBOUND_HOSTS": "127.0.0.1"}) as server:
                async with httpx.AsyncClient(base_url=server.url, timeout=10, trust_env=False) as client:
                    for number in range(BETWEEN):
                        new = {
                            "site": "news",
                            "url": "https://news.test/story",
                            "body": f"Comment {kill}-{number}",
                            "author": {"name": "Ada"},
                        }
                        assert (await client.post("/api/v1/comments", json=new)).status_code == 201
                        posted.append(new["body"])
                if kill < KILLS:
                    await asyncio.to_thread(server.stop, signal.SIGKILL)
                    _a_minute_passes(database)
                else:
                    await eventually(lambda: _left(database) == 0, "everything to be delivered", 60)
        arrived = _arrived(receiver)
        assert set(arrived) == set(posted)
        # At least once, and whoever looks at the id counts each event once.
        assert len({heard.headers["webhook-id"] for heard in receiver.heard}) == len(posted)
