"""Logs of a server and its worker that say all they can, through thousands of requests: nobody is in them.

Every route is asked with marked values wherever a client can put one, while tables are missing as well. `make chaos`
asks 10,000 times (`PARLEY_REQUESTS`); in a run of all tests it is `test_logs_name_nobody` that looks.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.app import create_app
from tests.conftest import settings_of
from tests.contract.test_matrix import routes
from tests.servers.parley import free_port, parley

REQUESTS = int(os.environ.get("PARLEY_REQUESTS", "0"))
MARK = "xqmark"
# What a client can write: each holds the mark, or is an address that no log may have.
NETWORK, V6 = "203.0.113.", "2001:db8:77:"
_PARAMETER = re.compile(r"\{[^}]+\}")
_SAID = {
    "body": f"Words of {MARK}body", "url": f"https://news.test/{MARK}page", "site": "news",
    "author": {"name": f"{MARK}name", "email": f"{MARK}mail@readers.test"}, "email": f"{MARK}mail@readers.test",
    "token": f"{MARK}token", "reason": "spam", "detail": f"{MARK}detail", "value": 1, "name": f"{MARK}name",
    "password": f"{MARK}password", "code": f"{MARK}code", "note": f"{MARK}note", "filter": {"word": f"{MARK}word"},
}  # fmt: skip


def asked(names: list[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Requests without an end: every route in turn, with an id, a name or a mark where it wants one."""
    chance = random.Random(20261126)
    for turn in itertools.count():
        for name in names:
            method, _, route = name.partition(" ")
            path = _PARAMETER.sub(lambda _: chance.choice(["1", "news", f"{MARK}path"]), route)
            query = {"site": "news", "url": f"https://news.test/{MARK}page", "q": f"{MARK}query", "cursor": f"{MARK}c"}
            more: dict[str, Any] = {"params": {**query, "token": f"{MARK}token", "seconds": "0"}}
            if method != "GET":
                broken = f'{{"body": "{MARK}broken'.encode()
                more |= {"content": broken} if turn % 3 == 2 else {"json": _SAID} if turn % 2 == 0 else {"data": _SAID}
            yield method, path, more


def _headers(number: int) -> dict[str, str]:
    return {
        "X-Forwarded-For": (f"{NETWORK}{number % 250}", f"{V6}{number}::77")[number % 2],
        "User-Agent": f"{MARK}agent",
        "Referer": f"https://news.test/{MARK}page",
        "Idempotency-Key": f"{MARK}key-{number}",
        "Cookie": f"parley-staff={MARK}cookie; parley-own={MARK}cookie",
        "Authorization": f"Bearer {MARK}bearer",
        "traceparent": f"{MARK}trace",
    }


@pytest.mark.timeout(3_600)
async def test_nobody_is_in_the_logs(tmp_path: Path) -> None:
    env = {"PARLEY_LOG_LEVEL": "DEBUG", "PARLEY_LOG_FORMAT": "json", "PARLEY_TRUSTED_PROXIES": "127.0.0.0/8"}
    for command in (["migrate"], ["site", "add", "news", "https://news.test"]):
        with parley(*command, folder=tmp_path, env=env) as done:
            assert await asyncio.to_thread(done.popen.wait, 90) == 0, done.output()
    names = sorted(routes(create_app(settings_of(tmp_path, "redis://nowhere", None))))
    count = max(REQUESTS, len(names))
    answers: Counter[int] = Counter()
    running = parley("serve", folder=tmp_path, port=free_port(), env=env)
    server = await asyncio.to_thread(running.__enter__)
    try:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as client:
            for number, (method, path, more) in enumerate(itertools.islice(asked(names), count)):
                if number == count // 2:
                    _break(tmp_path / "var" / "parley.sqlite3")
                if path.endswith(("/events", "/live")):
                    continue  # streams do not end
                answer = await client.request(method, path, headers=_headers(number), **more)
                answers[answer.status_code] += 1
                if number % 5 == 0:
                    answers[await _post(client, number)] += 1
        server.stop()
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)
    logged = server.output().lower()
    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    assert sum(line.get("event") == "request.failed" for line in lines) == answers[500] > 0, answers
    assert {200, 201, 401, 404, 422} <= set(answers), answers
    wrong = [line for line in logged.splitlines() if any(each in line for each in (MARK, NETWORK, V6))]
    assert wrong == [], wrong[:3]


async def _post(client: httpx.AsyncClient, number: int) -> int:
    """A post as readers make them."""
    new = {name: _SAID[name] for name in ("site", "url", "author")} | {"body": f"{MARK}body {number}"}
    headers = {**_headers(number), "Authorization": ""}
    return (await client.post("/api/v1/comments", json=new, headers=headers)).status_code


test_nobody_is_in_the_logs.__test__ = REQUESTS > 0  # type: ignore[attr-defined]


def _break(database: Path) -> None:
    """An error of ours in most of what is asked from here on."""
    with sqlite3.connect(database, timeout=20) as broken:
        broken.execute("ALTER TABLE comment RENAME COLUMN hot TO cold")
        broken.execute("ALTER TABLE person RENAME TO people")
