from __future__ import annotations

import gzip
import json
from pathlib import Path

import brotli
import httpx
import pytest

from service.kit.assets import Assets, NotBuilt

SCRIPT = b"let words = 1;\n" * 50
HASHED = "/static/frame.0123456789ab.js"


@pytest.fixture
def static(tmp_path: Path) -> Path:
    manifest = {"frame.js": "frame.0123456789ab.js", "embed.js": "embed.js"}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    for file in manifest.values():
        (tmp_path / file).write_bytes(SCRIPT)
        (tmp_path / f"{file}.gz").write_bytes(gzip.compress(SCRIPT))
        (tmp_path / f"{file}.br").write_bytes(brotli.compress(SCRIPT))
    (tmp_path / "secret.txt").write_text("not for everybody")
    return tmp_path


@pytest.fixture
def client(static: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=Assets.load(static))
    return httpx.AsyncClient(transport=transport, base_url="http://parley.test", headers={"Accept-Encoding": ""})


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("", None),
        ("zstd", None),
        ("*", "br"),
    ],
)
async def test_the_best_coding_is_sent(client: httpx.AsyncClient, accepted: str, sent: str | None) -> None:
    answer = await client.get(HASHED, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == sent
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == SCRIPT


async def test_hashed_files_are_kept_for_ever_and_loaders_are_not(client: httpx.AsyncClient) -> None:
    hashed, loader = await client.get(HASHED), await client.get("/embed.js")
    assert "immutable" in hashed.headers["cache-control"]
    assert "immutable" not in loader.headers["cache-control"]
    assert "max-age=300" in loader.headers["cache-control"]
    for answer in (hashed, loader):
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_what_the_browser_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    headers = {"Accept-Encoding": "gzip", "If-None-Match": f'"other", W/{first.headers["etag"]}'}
    again = await client.get("/embed.js", headers=headers)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other_coding = await client.get("/embed.js", headers={**headers, "Accept-Encoding": "br"})
    assert other_coding.status_code == 200


async def test_head_is_get_without_a_body(client: httpx.AsyncClient) -> None:
    head, get = await client.head(HASHED), await client.get(HASHED)
    assert head.content == b""
    assert head.headers == get.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/secret.txt",
        "/static/manifest.json",
        "/static/../secret.txt",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/static/",
        "/static/embed.js",
        "/static/frame.0123456789ab.js.gz",
    ],
)
async def test_only_what_the_manifest_names_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


async def test_files_can_only_be_read(client: httpx.AsyncClient) -> None:
    answer = await client.post(HASHED)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_names_lead_to_paths(static: Path) -> None:
    assets = Assets.load(static)
    assert assets.url("frame.js") == HASHED
    assert assets.url("embed.js") == "/embed.js"
    assert assets.serves(HASHED)
    assert not assets.serves("/static/secret.txt")


def test_without_a_build_it_says_what_to_do(static: Path) -> None:
    (static / "frame.0123456789ab.js").unlink()
    with pytest.raises(NotBuilt, match="make embed"):
        Assets.load(static)
    with pytest.raises(NotBuilt, match=r"make embed.*manifest\.json"):
        Assets.load(static / "nowhere")
