"""Every error has one shape, whoever raises it."""

from __future__ import annotations

from pathlib import Path

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.kit.db import Database, WriteTx
from service.kit.errors import Unavailable
from service.kit.settings import Settings
from tests.servers.postgres import PostgresCluster


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/nowhere", 404),
        ("DELETE", "/api/v1/threads", 405),
        ("GET", "/api/v1/threads", 422),
        ("GET", "/api/v1/threads/abc/comments", 422),
        ("GET", "/api/v1/threads/1/comments", 404),
        ("GET", "/api/v1/threads/99999999999999999999999/comments", 422),
        ("GET", "/api/v1/comments/1", 404),
        ("GET", "/api/v1/comments/-1", 422),
        ("GET", "/api/v1/comments/%00", 422),
        ("POST", "/api/v1/comments", 422),
        ("PUT", "/api/v1/comments/1/vote", 422),
        ("GET", "/api/v1/moderation/queue?site=demo", 401),
        ("GET", "/static/nowhere.js", 404),
    ],
)
async def test_errors_are_problems(client: AsyncClient, method: str, path: str, status: int) -> None:
    response = await client.request(method, path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("/errors#")
    assert problem["title"]
    assert problem["detail"]


async def test_every_answer_has_the_safe_headers(client: AsyncClient) -> None:
    for path in ("/livez", "/readyz", "/nowhere", "/api/v1/counts", "/openapi.json", "/docs", "/console", "/demo"):
        response = await client.get(path)
        assert response.headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'none'" in response.headers["content-security-policy"], path
        assert "unsafe" not in response.headers["content-security-policy"], path
        assert response.headers["referrer-policy"], path


@pytest.mark.parametrize("path", ["/livez", "/openapi.json", "/docs", "/demo", "/embed.js", "/nowhere"])
async def test_head_is_get_without_the_body(client: AsyncClient, path: str) -> None:
    whole, head = await client.get(path), await client.head(path)
    assert head.status_code == whole.status_code
    assert head.content == b""
    # But for the request's own id.
    assert {name for name, _ in head.headers.items() ^ whole.headers.items()} <= {"x-request-id"}


async def test_a_statement_whose_time_is_up_is_told_as_a_server_that_is_too_busy(
    postgres_of_run: PostgresCluster, tmp_path: Path
) -> None:
    """Many who wait for one row, and whose turn does not come in time: 503 and try again, no 500."""
    db = Database(Settings(_env_file=None, data_dir=tmp_path, database_url=postgres_of_run.create_database()))

    async def waits(tx: WriteTx) -> None:
        await tx.exec(text("SET LOCAL statement_timeout = 50"))
        await tx.exec(text("SELECT pg_sleep(30)"))

    try:
        with pytest.raises(Unavailable):
            await db.transact(waits)
    finally:
        await db.close()
