"""The helper for publishers' servers: what it signs is taken, what it is sent it tells from what is forged."""

from __future__ import annotations

import asyncio
import importlib.util
import urllib.error
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn

from service import keys
from service.kit import clock, signing
from service.record import TERMINAL
from tests.servers.parley import free_port
from tests.world import World

HELPERS = Path(__file__).parents[3] / "embed" / "publishers"
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cyBvbmx5ISE="
BODY = b'{"type":"webhook.test"}'
# The same in embed/publishers/parley.test.ts.
VECTOR = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJjb3VyaWVyIiwiZXhwIjoxNzgwMDAwNjAwLCJpYXQiOjE3ODAwMDA"
    "wMDAsIm5hbWUiOiJBZGEgTMO2dmVsYWNlIiwic3ViIjoiNDcxMSJ9.HSfB3T8-7l5Z32ZiF4YsFq69fv0NeedY5mKJcYzO_xc"
)


@pytest.fixture(scope="module")
def helper() -> ModuleType:
    """The file as a publisher has it: by itself."""
    spec = importlib.util.spec_from_file_location("parley_of_publishers", HELPERS / "parley.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


async def test_a_token_signs_a_reader_in(world: World, helper: ModuleType) -> None:
    db, keeper = world.parts.db, world.parts.keeper
    _, secret = await db.transact(keys.create, keeper, world.site.id, "Web", ["sso"], "HS256", by=TERMINAL)
    token = helper.sign_in_token(secret, world.site.name, "4711", "Ada Lövelace", email="ada@news.test")
    path = f"/api/v1/sites/{world.site.name}/sso"
    told = (await world.client.post(path, json={"token": token})).json()
    assert (told["status"], told["member"]["name"]) == ("signed-in", "Ada Lövelace")

    async def refused(bad: str) -> tuple[int, str]:
        answer = await world.client.post(path, json={"token": bad})
        return answer.status_code, answer.json()["type"]

    old = helper.sign_in_token(secret, world.site.name, "4711", "Ada", now=clock.now().timestamp() - 3_600)
    assert await refused(old) == (401, "/errors#sso-expired")
    assert (await refused(helper.sign_in_token("another", world.site.name, "4711", "Ada")))[0] == 403
    assert (await refused(helper.sign_in_token(secret, "another", "4711", "Ada")))[0] == 403


def test_tokens_are_the_same_in_both_languages(helper: ModuleType) -> None:
    assert helper.sign_in_token("secret", "courier", "4711", "Ada Lövelace", now=1_780_000_000) == VECTOR


def test_a_webhook_is_told_from_a_forged_one(helper: ModuleType) -> None:
    def is_true(headers: dict[str, str], body: bytes = BODY, secret: str = SECRET) -> Any:
        return helper.is_from_parley(secret, headers, body, now=clock.now().timestamp())

    sent = signing.signed([SECRET], "msg_1", BODY)
    assert is_true(sent)
    # While a secret is exchanged for another, each message carries a signature of both.
    other = "whsec_" + "YW5vdGhlciBzZWNyZXQgb2YgdGhlIHRlc3RzIQ=="
    assert is_true(signing.signed([other, SECRET], "msg_1", BODY))
    assert not is_true(signing.signed([other], "msg_1", BODY))
    assert not is_true(sent, b"{}")
    assert not is_true({**sent, "webhook-id": "msg_2"})
    assert not is_true({**sent, "webhook-signature": "v1,"})
    assert not is_true({})
    with clock.frozen(clock.now() - timedelta(minutes=6)):
        old = signing.signed([SECRET], "msg_1", BODY)
    assert not is_true(old)


async def test_counts_are_fetched_for_many_pages(world: World, helper: ModuleType) -> None:
    await world.guest("Ada").post(page="one")
    await world.guest("Bob").post(page="one")
    urls = [world.page("one"), *(world.page(f"none/{number}") for number in range(120)), world.page("one")]
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(world.app, port=port, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        found = await asyncio.to_thread(helper.counts, f"http://127.0.0.1:{port}/", world.site.name, urls)
        assert found == {url: 2 if url == world.page("one") else 0 for url in urls}
        with pytest.raises(urllib.error.HTTPError):
            await asyncio.to_thread(helper.counts, f"http://127.0.0.1:{port}", "no-such-site", urls[:1])
    finally:
        server.should_exit = True
        await serving
