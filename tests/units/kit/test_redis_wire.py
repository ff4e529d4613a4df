"""Addresses of Redis, and where the key of a command is."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from redis.exceptions import OutOfMemoryError, ResponseError

from service.kit.redis import Redis, _code, _tag
from service.kit.redis_wire import ClusterWire, SentinelWire, ServerWire, key_of, wire_to
from service.kit.settings import Settings


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (("GET", "{1}:a"), "{1}:a"),
        (("EVALSHA", "abc", 2, "{1}:a", "{1}:b", "x"), "{1}:a"),
        (("XREAD", "COUNT", 5, "STREAMS", "{1}:s", "0"), "{1}:s"),
        (("PUBLISH", "parley:changed", "x"), None),
        (("PING",), None),
    ],
)
def test_the_key_of_a_command(command: tuple[object, ...], key: str | None) -> None:
    assert key_of(command) == key


@pytest.mark.parametrize(
    ("key", "tag"),
    [("a{1}b", "1"), ("{1}{2}", "1"), ("plain", "plain"), ("{}x", "{}x"), ("{1", "{1"), ("a{{1}}", "{1")],
)
def test_a_hash_tag_is_what_the_specification_says(key: str, tag: str) -> None:
    assert _tag(key) == tag


async def test_each_address_has_its_wire() -> None:
    wires = {
        "redis://h:1/0": ServerWire,
        "unix:///tmp/x.sock": ServerWire,
        "redis+cluster://user:p%40ss@a:1,b,[::1]:3": ClusterWire,
        "rediss+sentinel://:secret@a,b:2/parley/3?sentinel_password=x": SentinelWire,
    }
    for url, kind in wires.items():
        wire = wire_to(url)
        assert type(wire) is kind
        await wire.close()
    cluster = wire_to("redis+cluster://user:p%40ss@a:1,b,[::1]:3")
    assert isinstance(cluster, ClusterWire)
    assert cluster._start == [("a", 1), ("b", 6379), ("::1", 3)]
    assert (cluster._options["username"], cluster._options["password"]) == ("user", "p@ss")
    await cluster.close()


@pytest.mark.parametrize("url", ["redis+cluster://", "redis+sentinel://a:1", "redis+cluster://:5"])
def test_an_address_that_names_nobody_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Redis(url)


def test_settings_know_the_schemes(monkeypatch: pytest.MonkeyPatch) -> None:
    for given, kept in (
        ("valkey://h", "redis://h"),
        ("valkeys+cluster://h:1,i:2", "rediss+cluster://h:1,i:2"),
        ("redis+sentinel://h/parley", "redis+sentinel://h/parley"),
    ):
        monkeypatch.setenv("PARLEY_REDIS_URL", given)
        assert Settings().redis_url == kept
    monkeypatch.setenv("PARLEY_REDIS_URL", "http://h")
    with pytest.raises(ValidationError, match="must begin with"):
        Settings()


def test_a_replica_needs_a_primary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_READ_DATABASE_URL", "postgresql://u@h/x")
    with pytest.raises(ValidationError, match="PARLEY_READ_DATABASE_URL"):
        Settings()
    monkeypatch.setenv("PARLEY_DATABASE_URL", "postgresql://u@h/y")
    assert Settings().read_database_url == "postgresql+asyncpg://u@h/x"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), "OOM"),
        (ResponseError("OOM command not allowed when used memory > 'maxmemory'."), "OOM"),
        # Redis 6 and older, from inside of a script.
        (
            ResponseError(
                "Error running script (call to f_0123): @user_script:7: @user_script: 7: -OOM command not allowed when"
                " used memory > 'maxmemory'. "
            ),
            "OOM",
        ),
        (
            ResponseError("Error running script (call to f_01): @user_script:1: @user_script: 1: -READONLY You"),
            "READONLY",
        ),
        (ResponseError("WRONGTYPE Operation against a key"), "WRONGTYPE"),
    ],
)
def test_what_is_wrong_with_a_server_is_known_however_it_says_so(error: ResponseError, code: str) -> None:
    assert _code(error) == code
