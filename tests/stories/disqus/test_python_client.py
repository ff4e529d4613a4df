"""disqus-python, as its package has it, pointed at Parley."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.servers.disqus_python import Unreachable, client_in
from tests.servers.parley import free_port
from tests.servers.tls import tls
from tests.stories.disqus.applications import key, token
from tests.world import World

_SCRIPT = Path(__file__).with_name("asked_by_python.py")


@pytest.fixture(scope="session")
def disqus_python(pytestconfig: pytest.Config) -> Path:
    """Where the client is. Where it cannot be had this is left out, and in CI that is a failure (`--no-skips`)."""
    assert pytestconfig.cache is not None
    try:
        return client_in(Path(pytestconfig.cache.mkdir("disqus-python")))
    except Unreachable as unreachable:
        pytest.skip(f"disqus-python is not to be had: {unreachable}")


@contextlib.asynccontextmanager
async def _https(world: World, folder: Path) -> AsyncIterator[int]:
    """The world's Parley over TLS; the port."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(world.app, port=port, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        async with tls(folder, {"localhost": port}, port) as secure:
            yield secure
    finally:
        server.should_exit = True
        await serving


async def test_a_script_reads_pages_and_moderates(world: World, disqus_python: Path, tmp_path: Path) -> None:
    paper = await world.another({"screening": {"suspect_words": ["pineapple"], "hold_first_comments": False}})
    owner, forum = await paper.staff("owner"), paper.site.name
    made = await key(paper, owner)
    access = await token(paper, owner, made, ["read", "write"])
    page: dict[str, Any] = {"url": paper.page("tram"), "identifier": forum, "title": "A tram"}
    for number in range(5):
        await paper.guest().post(f"Words {number}.", **page)
    held = (await paper.guest().post("A pineapple.", expect=202, **page))["comment"]["id"]
    async with _https(paper, tmp_path) as port:
        asked = [f"localhost:{port}", forum, made.secret, made.public, access, held]
        script = await asyncio.create_subprocess_exec(
            sys.executable,
            str(_SCRIPT),
            *asked,
            env={**os.environ, "PYTHONPATH": str(disqus_python), "SSL_CERT_FILE": str(tmp_path / "tls.pem")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, wrong = await script.communicate()
    assert script.returncode == 0, wrong.decode()
    assert json.loads(said) == {
        "forum": forum,
        "every": [f"Words {number}." for number in range(5)],
        "some": 1,
        "named": "A tram",
        "trends": [5],
        "public": [],
        "waiting": [held],
        "approved": [held],
        "then": [held],
        "created": "By a script.",
        "faults": [["APIError", 4], ["InvalidAccessToken", 18], ["APIError", 5], ["APIError", 8]],
    }
