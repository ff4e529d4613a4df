"""Every error has one shape, whoever raises it."""

from __future__ import annotations

import pytest
from httpx import AsyncClient


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
    assert head.headers == whole.headers
