"""The code from before the newest migration goes on serving on the schema after it, while servers are upgraded.

It is taken out of the repository's history, so this is run by `make chaos` alone: a copy without history has no such
code. Where there is none it fails and says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.kit import migrate
from tests.conftest import Floor
from tests.servers.parley import ROOT, SECRET, Process, free_port, parley
from tests.servers.waiting import until

IS_ASKED_FOR = "PARLEY_KILLS" in os.environ
SITE, PAGE, STAFF = "courier", "https://courier.example/story", "moderator@courier.example"


def _git(*words: str) -> bytes:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)  # noqa: S607  # our own words
    if done.returncode:
        pytest.fail(f"the history this needs is not here: git {words[0]}: {done.stderr.decode().strip()[:200]}")
    return done.stdout


def old_code(into: Path) -> Path:
    """The code as it was before the commit that brought the newest migration; what was built for browsers with it."""
    (newest,) = (migrate.ROOT / "versions").glob(f"{migrate.head()}_*.py")
    added = _git("log", "--diff-filter=A", "--format=%H", "--", str(newest.relative_to(ROOT))).decode().split()
    if not added:
        pytest.fail(f"no commit has brought {newest.name}: commit it first")
    packed = _git("archive", "--format=tar", f"{added[-1]}^", "service", "migrations")
    with tarfile.open(fileobj=BytesIO(packed)) as tar:
        tar.extractall(into, filter="data")
    shutil.copytree(ROOT / "service" / "static", into / "service" / "static", dirs_exist_ok=True)
    assert not (into / newest.relative_to(ROOT)).exists()
    return into


@asynccontextmanager
async def _serving(
    folder: Path, env: Mapping[str, str]
) -> AsyncIterator[tuple[Process, httpx.AsyncClient, httpx.AsyncClient]]:
    """A server, lived to: the old one may say that it is not ready for a schema it does not know."""
    port = free_port()
    running = parley("serve", folder=folder, env={**env, "PARLEY_PORT": str(port), "PARLEY_WORKER_IN_SERVER": "true"})
    server = await asyncio.to_thread(running.__enter__)
    url = f"http://127.0.0.1:{port}"
    asking: dict[str, Any] = {"base_url": url, "timeout": 30, "trust_env": False}
    async with httpx.AsyncClient(**asking) as client, httpx.AsyncClient(**asking, headers={"Origin": url}) as team:

        def lives() -> bool:
            assert server.popen.poll() is None, server.output()
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(f"{url}/livez", timeout=2, trust_env=False).is_success
            return False

        try:
            await asyncio.to_thread(until, lives, "it to live", 60)
            yield server, client, team
        finally:
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(running.__exit__, None, None, None)


async def _command(folder: Path, env: Mapping[str, str], *words: str) -> str:
    with parley(*words, folder=folder, env=env) as done:
        assert await asyncio.to_thread(done.popen.wait, 90) == 0, done.output()
        return done.output()


async def _post(client: httpx.AsyncClient, body: str, **more: Any) -> dict[str, Any]:
    new = {"site": SITE, "url": PAGE, "body": body, "author": {"name": "Ada"}, **more}
    made = await client.post("/api/v1/comments", json=new)
    assert made.status_code in {201, 202}, made.text
    found: dict[str, Any] = made.json()
    return found


async def _everything(client: httpx.AsyncClient, team: httpx.AsyncClient, number: int) -> None:
    """Post, answer, edit, vote, report, read, hold and decide: what people do while servers are replaced."""
    made = await _post(client, f"Words {number}.")
    comment, own = made["comment"]["id"], {"Authorization": f"Bearer {made['guest']}"}
    await _post(client, f"An answer {number}.", parent=comment)
    at = f"/api/v1/comments/{comment}"
    assert (await client.patch(at, json={"body": f"Better words {number}."}, headers=own)).status_code == 200
    assert (await client.put(f"{at}/vote", json={"value": 1})).status_code == 200
    assert (await client.post(f"{at}/reports", json={"reason": "spam"})).status_code == 202
    page = await client.get("/api/v1/threads", params={"site": SITE, "url": PAGE, "sort": "newest"})
    assert f"Better words {number}." in page.text
    assert (await client.get("/embed", params={"site": SITE, "url": PAGE})).status_code == 200
    held = (await _post(client, f"A pineapple {number}."))["comment"]
    assert held["state"] == "held"
    item = {"comment": held["id"], "version": held["version"]}
    said = {"items": [item], "action": "approve"}
    decided = await team.post("/api/v1/moderation/decisions", json=said)
    assert decided.json()["items"][0]["decision"], decided.text
    page = await client.get("/api/v1/threads", params={"site": SITE, "url": PAGE, "sort": "newest"})
    assert f"A pineapple {number}." in page.text


@pytest.mark.timeout(300)
async def test_the_code_before_goes_on_serving_on_the_schema_after(
    request: pytest.FixtureRequest, floor: Floor, tmp_path: Path
) -> None:
    url = {} if floor.settings.is_sqlite else {"PARLEY_DATABASE_URL": ""}
    if url:
        url["PARLEY_DATABASE_URL"] = request.getfixturevalue("postgres_of_run").create_database()
    new = {"PARLEY_SECRET_KEY": SECRET, "PARLEY_REDIS_URL": floor.settings.redis_url or "", **url}
    old = {**new, "PYTHONPATH": str(old_code(tmp_path / "old"))}
    await _command(tmp_path, old, "migrate")
    await _command(tmp_path, old, "site", "add", SITE, "https://courier.example")
    for setting, value in (
        ("screening.suspect_words", '["pineapple*"]'),
        ("screening.hold_first_comments", "false"),
        *((f"limits.{act}.{by}", '["100000/s"]') for act in ("post", "vote") for by in ("address", "thread")),
    ):
        await _command(tmp_path, old, "site", "set", SITE, setting, value)
    await _command(tmp_path, old, "user", "add", STAFF, "--site", SITE)
    async with _serving(tmp_path, old) as (server, client, team):
        await _sign_in(team, tmp_path, old)
        await _everything(client, team, 1)
        went = await _command(tmp_path, new, "migrate")
        assert migrate.head() in went
        assert not went.strip().startswith(migrate.head()), "the old code knew this schema already"
        # The same process, the same session, the same discussion.
        for number in (2, 3):
            await _everything(client, team, number)
        if "is_newer" in (tmp_path / "old/service/kit/migrate.py").read_text():
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["degraded"]) == (200, ["schema"])
    assert "Traceback" not in server.output()
    async with _serving(tmp_path, new) as (server, client, team):
        read = await client.get("/api/v1/threads", params={"site": SITE, "url": PAGE, "sort": "newest", "limit": 100})
        for number in (1, 2, 3):
            assert f"Better words {number}." in read.text
            assert f"A pineapple {number}." in read.text
        await _sign_in(team, tmp_path, new)
        await _everything(client, team, 4)
        assert (await client.get("/readyz")).json() == {"status": "ready", "degraded": []}
    assert "Traceback" not in server.output()


async def _sign_in(client: httpx.AsyncClient, folder: Path, env: Mapping[str, str]) -> None:
    told = await _command(folder, env, "user", "link", STAFF)
    (token,) = set(re.findall(r"token=([\w-]+)", told))
    assert (await client.post("/api/v1/auth/session", json={"token": token})).status_code == 201


test_the_code_before_goes_on_serving_on_the_schema_after.__test__ = IS_ASKED_FOR  # type: ignore[attr-defined]
