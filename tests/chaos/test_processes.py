"""Parley as it is run: processes on sockets, several at once, ended while they work."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sqlite3
from pathlib import Path

import httpx
import pytest

from tests.servers.parley import SECRET, free_port, parley
from tests.servers.postgres import PostgresCluster
from tests.servers.redis import RedisServer
from tests.servers.waiting import is_running, until


def _comment(number: int, site: str = "courier") -> dict[str, object]:
    return {
        "site": site,
        "url": "https://courier.example/story",
        "body": f"Comment {number}",
        "author": {"name": f"Reader {number}"},
    }


async def test_two_servers_on_one_postgresql(
    tmp_path: Path, postgres_of_run: PostgresCluster, redis_of_run: RedisServer
) -> None:
    env = {
        "PARLEY_DATABASE_URL": postgres_of_run.create_database(),
        "PARLEY_REDIS_URL": redis_of_run.url,
        "PARLEY_SECRET_KEY": SECRET,
    }
    folders = [tmp_path / name for name in ("one", "two", "tools")]
    for folder in folders:
        folder.mkdir()
    for command in (
        ["migrate"],
        ["site", "add", "courier", "https://courier.example"],
        ["site", "set", "courier", "screening.hold_first_comments", "false"],
        ["site", "set", "courier", "limits.post.address", '["100000/s"]'],
        ["site", "set", "courier", "limits.post.thread", '["100000/s"]'],
    ):
        with parley(*command, folder=folders[2], env=env) as done:
            assert done.popen.wait(60) == 0, done.output()

    with (
        parley("serve", folder=folders[0], port=free_port(), env=env) as one,
        parley("serve", folder=folders[1], port=free_port(), env=env) as two,
        parley("worker", folder=folders[2], env=env),
    ):
        async with httpx.AsyncClient(timeout=30) as client:

            async def post(number: int) -> list[httpx.Response]:
                # The same comment at both servers at the same instant, as an impatient proxy would send it.
                return await asyncio.gather(
                    *(
                        client.post(
                            f"{server.url}/api/v1/comments",
                            json=_comment(number),
                            headers={"Idempotency-Key": f"one-key-for-comment-{number}"},
                        )
                        for server in (one, two)
                    )
                )

            for start in range(0, 40, 8):
                for answers in await asyncio.gather(*(post(number) for number in range(start, start + 8))):
                    assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
                    assert len({answer.json()["comment"]["id"] for answer in answers}) == 1
            params = {"site": "courier", "url": "https://courier.example/story", "limit": 100}
            pages = [(await client.get(f"{server.url}/api/v1/threads", params=params)).json() for server in (one, two)]
        assert pages[0] == pages[1]
        assert pages[0]["thread"]["comment_count"] == 40
        assert len(pages[0]["items"]) == 40
        assert one.stop(signal.SIGTERM) == 0
        assert two.stop(signal.SIGINT) == 0


@pytest.mark.timeout(180)
async def test_the_demo_starts_keeps_its_data_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    with parley("demo", folder=tmp_path, port=port) as demo:
        text = demo.output()
        assert f"http://127.0.0.1:{port}/demo" in text
        assert f"http://127.0.0.1:{port}/console" in text
        assert f"http://127.0.0.1:{port}/docs" in text
        link = re.search(r"/console/enter\?token=\S+", text)
        assert link
        async with httpx.AsyncClient(base_url=demo.url, timeout=30) as client:
            for path in ("/demo", "/demo/article.css", "/console", "/docs", "/embed.js", "/count.js", link[0]):
                assert (await client.get(path, follow_redirects=True)).status_code == 200, path
            page = {"site": "demo", "url": "https://courier.example/2026/11/seafront-tram"}
            before = (await client.get("/api/v1/threads", params=page)).json()["thread"]["comment_count"]
            assert before > 200
            posted = await client.post(
                "/api/v1/comments", json={**page, "body": "Kept over the restart", "author": {"name": "Ada"}}
            )
            assert posted.status_code in {201, 202}
        children = _children(demo.popen.pid)
        assert children, "the embedded Redis is a child"
        assert demo.stop(signal.SIGINT) == 0, demo.output()
        assert "Traceback" not in demo.output()
        until(lambda: not any(map(is_running, children)), "the embedded Redis to end with its parent")

    with parley("demo", folder=tmp_path, port=port) as again:
        async with httpx.AsyncClient(base_url=again.url, timeout=30) as client:
            after = (await client.get("/api/v1/threads", params=page)).json()["thread"]["comment_count"]
            assert after == before + (posted.status_code == 201)
            children = _children(again.popen.pid)
            again.stop(signal.SIGKILL)
            until(lambda: not any(map(is_running, children)), "the embedded Redis to end with its killed parent")


async def test_what_is_in_flight_is_answered_at_the_end(tmp_path: Path) -> None:
    with parley("demo", folder=tmp_path, port=free_port()) as demo:
        statuses: list[int] = []
        started = asyncio.Event()

        async def post(client: httpx.AsyncClient, number: int) -> None:
            try:
                while True:
                    body = _comment(number, "demo")
                    statuses.append((await client.post("/api/v1/comments", json=body)).status_code)
                    started.set()
            except (httpx.ConnectError, httpx.ReadError):
                return  # the door is closed: refused, or cut off in the queue in front of it
            except httpx.RemoteProtocolError:
                statuses.append(-1)

        async with httpx.AsyncClient(
            base_url=demo.url, timeout=30, limits=httpx.Limits(max_keepalive_connections=0)
        ) as client:
            posts = [asyncio.create_task(post(client, number)) for number in range(8)]
            await started.wait()
            demo.popen.send_signal(signal.SIGTERM)
            await asyncio.gather(*posts)
        assert await asyncio.to_thread(demo.popen.wait, 20) == 0
        assert -1 not in statuses
        assert set(statuses) <= {201, 202, 429}
        # Nothing was let in and done that nobody was told of.
        with contextlib.closing(sqlite3.connect(tmp_path / "var" / "parley.sqlite3")) as stored:
            (done,) = stored.execute("SELECT count(*) FROM comment WHERE body LIKE 'Comment %'").fetchone()
        assert done == statuses.count(201) + statuses.count(202) > 0


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]
