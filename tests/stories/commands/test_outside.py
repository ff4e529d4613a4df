"""`parley webhook` and `parley hook`, as an operator types them, to a server that listens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli import app_for
from tests.servers.listener import Heard, answer, listener

Run = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`parley` with a data folder of its own, in this process: (exit code, what it said)."""
    env = {
        "PARLEY_DATA_DIR": str(tmp_path / "var"),
        "PARLEY_OUTBOUND_HOSTS": "127.0.0.1,hooks.internal",
        "COLUMNS": "200",
    }

    async def run(*args: str) -> tuple[int, str]:
        # A thread of its own: the command brings its own loop, and the receiver answers on this one.
        done = await asyncio.to_thread(CliRunner().invoke, app_for(args[0]), args, env=env)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


async def test_a_webhook_is_added_tested_rotated_and_removed(run: Run) -> None:
    async with listener() as receiver:
        await run("migrate")
        await run("site", "add", "courier", "https://courier.example")
        code, said = await run("webhook", "add", "courier", receiver.url, "--event", "case.opened", "--note", "Desk")
        assert code == 0, said
        secret = said.split("secret  ")[1].split()[0]
        assert secret.startswith("whsec_")
        (shown,) = json.loads((await run("webhook", "list", "courier", "--json"))[1])
        assert shown["events"] == ["case.opened"]
        assert secret not in str(shown)
        number = shown["id"]
        code, said = await run("webhook", "test", "courier", number)
        assert (code, "taken with status 204" in said) == (0, True), said
        assert json.loads(receiver.heard[0].body)["type"] == "webhook.test"
        code, said = await run("webhook", "rotate", "courier", number)
        assert said.split("secret  ")[1].split()[0] != secret

        async def broken(_: Heard) -> bytes:
            return answer(500)

        receiver.reply = broken
        code, said = await run("webhook", "test", "courier", number)
        assert (code, "not taken" in said) == (1, True), said
        assert receiver.heard[1].headers["webhook-signature"].count("v1,") == 2
        assert (await run("webhook", "remove", "courier", number))[0] == 0
        assert json.loads((await run("webhook", "list", "courier", "--json"))[1]) == []
        for wrong, says in (
            (("webhook", "add", "courier", "https://169.254.169.254/"), "does not send anything"),
            (("webhook", "add", "courier", receiver.url, "--event", "case.eaten"), "there is no event"),
            (("webhook", "test", "courier", "abc"), "webhook"),
            (("webhook", "test", "nowhere", "1"), "no site"),
            (("hook", "add", "courier", "Bad Name", receiver.url), "name"),
            (("hook", "add", "courier", "tone", receiver.url, "--timeout-ms", "5000"), "timeout_ms"),
        ):
            code, said = await run(*wrong)
            assert code != 0
            assert says in said, said


async def test_a_hook_is_added_listed_and_removed(run: Run) -> None:
    await run("migrate")
    await run("site", "add", "courier", "https://courier.example")
    at = "http://hooks.internal/screen"
    code, said = await run("hook", "add", "courier", "tone", at, "--after", "--shadow", "--hold-when-silent")
    assert (code, "whsec_" in said) == (0, True), said
    (shown,) = json.loads((await run("hook", "list", "courier", "--json"))[1])
    number = shown.pop("id")
    assert shown == {
        "name": "tone",
        "url": at,
        "timing": "after",
        "timeout_ms": 800,
        "when_silent": "hold",
        "hold_at": 0.8,
        "shadow": True,
        "enabled": True,
    }
    assert "shadow" in (await run("hook", "list", "courier"))[1]
    assert (await run("hook", "remove", "courier", number))[0] == 0
    assert (await run("hook", "list", "courier"))[1] == ""


async def test_a_key_is_made_rotated_and_revoked(run: Run) -> None:
    await run("migrate")
    await run("site", "add", "courier", "https://courier.example")
    code, said = await run("key", "add", "courier", "Shop", "--scope", "sso", "--scope", "read")
    assert code == 0, said
    secret = said.split("secret  ")[1].split()[0]
    assert secret.startswith("sk_")
    (shown,) = json.loads((await run("key", "list", "courier", "--json"))[1])
    assert (shown["name"], shown["scopes"], shown["is_valid"]) == ("Shop", ["sso", "read"], True)
    assert secret not in str(shown)
    code, said = await run("key", "rotate", "courier", shown["id"], "--keep-hours", "1")
    assert said.split("secret  ")[1].split()[0] != secret
    old, new = json.loads((await run("key", "list", "courier", "--json"))[1])
    assert (old["ends_at"] is None, new["ends_at"]) == (False, None)
    assert (await run("key", "revoke", "courier", new["id"]))[0] == 0
    listed = (await run("key", "list", "courier"))[1]
    assert ("until" in listed, "ended" in listed) == (True, True)
    for wrong in (("--scope", "everything"), ("--algorithm", "none"), ("--jwks-url", "https://10.0.0.1/keys")):
        assert (await run("key", "add", "courier", "x", *wrong))[0] != 0
