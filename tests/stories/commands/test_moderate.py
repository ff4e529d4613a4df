"""`parley moderate` from the terminal: preview, ask, decide, take back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.parley import free_port, parley

# Much is asked, one thing after the other, while other tests take the processors.
pytestmark = pytest.mark.timeout(300)


def command(folder: Path, *args: str, expect: int = 0) -> str:
    with parley(*args, folder=folder) as process:
        assert process.popen.wait(90) == expect, process.output()
        return process.output()


def as_json(printed: str) -> Any:
    return json.loads(printed[printed.index("{") :] if "{" in printed else printed)


def test_many_comments_are_decided_about_and_brought_back(tmp_path: Path) -> None:
    command(tmp_path, "migrate")
    command(tmp_path, "site", "add", "news", "https://news.test")
    command(tmp_path, "site", "set", "news", "limits.post", '{"address": [], "author": [], "thread": [], "site": []}')
    command(tmp_path, "user", "add", "ada@news.test", "--site", "news")
    port = free_port()
    with (
        parley("serve", folder=tmp_path, port=port) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client,
    ):
        page = {"site": "news", "url": "https://news.test/article"}
        for i in range(5):
            body = f"Gold {i}" if i else "Trams"
            made = client.post("/api/v1/comments", json={**page, "body": body, "author": {"name": "Bob"}})
            assert made.status_code in {201, 202}, made.text
        # Beside the server, whose worker may take the job first: then the command watches.
        who = ("--site", "news", "--by", "ada@news.test")
        told = command(tmp_path, "moderate", "bulk", *who, "--word", "gold", "--preview")
        assert told.startswith("4 comments")
        assert "Bob: Gold 4" in told
        done = as_json(
            command(tmp_path, "moderate", "bulk", *who, "--word", "gold", "--action", "spam", "--yes", "--json")
        )
        assert (done["state"], done["done"], done["total"]) == ("done", 4, 4)
        left = client.get("/api/v1/threads", params=page).json()
        undone = command(tmp_path, "moderate", "undo", done["id"], "--by", "ada@news.test")
        assert "undo  done: 4 of 4" in undone
        assert len(left["items"]) <= 1
    listed = command(tmp_path, "moderate", "list", *who)
    assert len(listed.strip().splitlines()) == 2
    assert "nobody has that address" in command(
        tmp_path, "moderate", "list", "--site", "news", "--by", "eve@news.test", expect=1
    )
    command(tmp_path, "moderate", "bulk", *who, "--word", "gold", "--action", "burn", expect=2)
