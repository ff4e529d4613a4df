"""Traces: what a request waited for and what followed from it, for who asks for them, and of nobody anything."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service import sites
from service.delivery import webhooks
from service.kit import migrate, traces
from service.kit.db import Database
from service.kit.seal import Keeper
from service.record import TERMINAL
from tests.conftest import Floor, settings_of
from tests.servers.listener import Listener, listener
from tests.servers.otlp import Collector, collector
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.waiting import eventually
from tests.world import OPEN, World

PAGE = "https://courier.example/xqmarkpage"
SERVER, CLIENT, CONSUMER = 2, 3, 5
POST, FACT = "POST /api/v1/comments", "CommentPosted"


@pytest.fixture
async def heard() -> AsyncIterator[Listener]:
    async with listener() as made:
        yield made


@pytest.fixture
async def env(request: pytest.FixtureRequest, floor: Floor, tmp_path: Path, heard: Listener) -> dict[str, str]:
    """The environment of a server on this floor, with a site that tells a webhook and a database of its own."""
    redis = floor.settings.redis_url or ""
    url = None if floor.settings.is_sqlite else request.getfixturevalue("postgres_of_run").create_database()
    (tmp_path / "var").mkdir()
    settings = settings_of(tmp_path / "var", redis, url)
    db = Database(settings)
    await migrate.upgrade(db.engine)
    site = await db.transact(sites.create, "courier", "courier", ["https://courier.example"], dict(OPEN))
    asked = f"{heard.url}/xqmarkreceiver", ["comment.posted"], ""
    await db.transact(webhooks.create, Keeper.of(settings), site.id, *asked, by=TERMINAL)
    await db.close()
    return {
        "PARLEY_SECRET_KEY": SECRET,
        "PARLEY_REDIS_URL": redis,
        "PARLEY_WORKER_IN_SERVER": "true",
        "PARLEY_TRUSTED_PROXIES": "127.0.0.0/8",
        "PARLEY_OUTBOUND_HOSTS": "127.0.0.1",
        **({"PARLEY_DATABASE_URL": url} if url else {}),
    }


async def _everything(server: Process) -> None:
    """What readers do, marked wherever they can put something in."""
    headers = {
        "X-Forwarded-For": "203.0.113.77",
        "User-Agent": "xqmarkagent",
        "Referer": "https://courier.example/xqmarkreferrer",
        "Cookie": "parley-staff=xqmarkcookie",
        "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01",
        "tracestate": "xqmark=xqmarkstate",
        "baggage": "reader=xqmarkbaggage",
    }
    new = {
        "site": "courier",
        "url": PAGE,
        "body": "A text with xqmarkbody in it",
        "author": {"name": "xqmarkname", "email": "xqmarkmail@readers.example"},
    }
    async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False, timeout=20) as client:
        posted = await client.post("/api/v1/comments", json=new, headers={"Idempotency-Key": "xqmarkkey-0001"})
        assert posted.status_code == 201, posted.text
        thread, guest = posted.json()["comment"]["thread"], posted.json()["guest"]
        bearer = {"Authorization": f"Bearer {guest}"}
        await client.get("/api/v1/threads", params={"site": "courier", "url": PAGE, "cursor": "xqmarkcursor"})
        await client.get(f"/api/v1/threads/{thread}/search", params={"q": "xqmarksearch"})
        await client.get("/xqmarkpath", params={"q": "xqmarkquery"})
        await client.post("/api/v1/comments", content=b'{"body": "xqmarkbroken')
        await client.post("/api/v1/auth/link", json={"email": "xqmarkstaff@news.example"})
        await client.put(f"/api/v1/comments/{posted.json()['comment']['id']}/vote", json={"value": 1}, headers=bearer)
        await client.post(
            f"/api/v1/comments/{posted.json()['comment']['id']}/reports",
            json={"reason": "spam", "detail": "xqmarkdetail"},
            headers=bearer,
        )


async def test_one_trace_from_a_post_to_what_follows_and_nobody_in_it(
    tmp_path: Path, env: dict[str, str], heard: Listener
) -> None:
    with collector() as told:
        env |= {"OTEL_EXPORTER_OTLP_ENDPOINT": told.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        serving = parley("serve", folder=tmp_path, port=free_port(), env=env)
        server = await asyncio.to_thread(serving.__enter__)
        try:
            await _everything(server)
            await eventually(lambda: heard.heard, "the webhook to be told", seconds=20)
            await eventually(lambda: told.named(FACT), "what followed to be told", seconds=20)
        finally:
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(serving.__exit__, None, None, None)
        assert "Traceback" not in server.output()
    assert "traceparent" not in heard.heard[0].headers  # whoever is told need not know
    _one_trace(told)
    _nobody(told)


def _one_trace(told: Collector) -> None:
    post = next(span for span in told.named(POST) if span.attributes["http.response.status_code"] == 201)
    assert (post.kind, post.parent) == (SERVER, "")
    assert post.trace != "ab" * 16  # what a client says of itself is not taken
    assert post.attributes["http.route"] == "/api/v1/comments"
    assert len(str(post.attributes["parley.request"])) == 16
    below = told.below(post)
    assert {"redis"} < {span.attributes.get("db.system.name") for span in below}
    written = [span for span in below if "INSERT" in str(span.attributes.get("db.query.text", ""))]
    assert written
    fact = next(span for span in below if span.name == FACT)
    assert (fact.kind, fact.attributes["parley.attempt"]) == (CONSUMER, 1)
    assert [span for span in told.below(fact) if span.attributes.get("db.system.name") in {"sqlite", "postgresql"}]
    assert [span for span in told.named("POST") if span.kind == CLIENT and span.attributes.get("http.request.method")]
    nowhere = [span for span in told.spans if span.attributes.get("http.response.status_code") == 404]
    assert "GET none" in {span.name for span in nowhere}


def _nobody(told: Collector) -> None:
    everything = b"\n".join(told.received).lower()
    assert b"insert into comment" in everything
    for word in (b"xqmark", b"203.0.113.77", b"127.0.0.1", b"courier", b"bearer", b"readers.example", b"ab" * 8):
        assert everything.count(word) == 0, word
    assert [span for span in told.spans if {"url.path", "url.query", "client.address"} & set(span.attributes)] == []


def test_statements_are_told_without_what_was_written_into_them() -> None:
    told = traces.without_values("SELECT a1, 'it''s me', 4711, $2 FROM t2 WHERE x = 'Ada' AND y > 0.5 LIMIT 10")
    assert told == "SELECT a1, ?, ?, $2 FROM t2 WHERE x = ? AND y > ? LIMIT ?"
    assert traces.summary('INSERT INTO "comment" (id) SELECT id FROM thread') == "INSERT comment thread"


async def test_who_does_not_ask_pays_nothing(world: World) -> None:
    """Neither does what makes and sends spans come in, nor does a fact take anything along."""
    await world.guest().post()
    assert not traces.on
    assert not {name for name in sys.modules if name.startswith(("opentelemetry.exporter", "opentelemetry.sdk.trace"))}


@pytest.mark.parametrize(
    ("variables", "is_asked"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "TRUE"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_the_standards_variables_are_heeded(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variables: dict[str, Any],
    is_asked: bool,  # noqa: FBT001  # of the table above
) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert traces.is_asked_for(settings_of(tmp_path, "redis://localhost", None)) is is_asked
