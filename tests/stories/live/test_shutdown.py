"""A deploy ends the server while readers listen."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.servers.parley import free_port, parley


def test_the_server_ends_although_somebody_listens(tmp_path: Path) -> None:
    for command in (["migrate"], ["site", "add", "news", "https://news.test"]):
        with parley(*command, folder=tmp_path) as done:
            assert done.popen.wait(60) == 0, done.output()
    with (
        parley("serve", folder=tmp_path, port=free_port()) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
    ):
        new = {"site": "news", "url": "https://news.test/a", "body": "Hello.", "author": {"name": "Ada"}}
        thread = client.post("/api/v1/comments", json=new).json()["comment"]["thread"]
        with client.stream("GET", f"/api/v1/threads/{thread}/events") as response:
            lines = response.iter_lines()
            assert next(lines).startswith("retry: ")
            # Without being let go the listener would hold the server for uvicorn's ten seconds of grace.
            assert server.stop(timeout=8) == 0, server.output()
            assert list(lines)[-1] == ""
        assert "Traceback" not in server.output()
