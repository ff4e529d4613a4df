"""The embedded Redis: private, durable, back after a crash, gone with its parent."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import unquote

import pytest
import redis

from service.kit.embedded import AlreadyRunning, CannotStart, EmbeddedRedis, answers
from tests.servers.waiting import is_running, until

PARENT = """
import sys, time
from pathlib import Path
from service.kit.embedded import EmbeddedRedis
server = EmbeddedRedis(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "a data directory"


@pytest.fixture
def server(data: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(data) as server:
        yield server


def client(server: EmbeddedRedis) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


def settings_of(server: EmbeddedRedis) -> dict[str, str]:
    with client(server) as conn:
        return dict(conn.config_get("port", "maxmemory-policy", "appendonly", "appendfsync"))


def socket_of(server: EmbeddedRedis) -> Path:
    return Path(unquote(server.url.removeprefix("unix://")))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def line(stream: IO[str] | None) -> str:
    assert stream
    return stream.readline().strip()


def test_it_listens_on_a_private_socket_only_and_never_evicts(server: EmbeddedRedis, data: Path) -> None:
    assert settings_of(server) == {
        "port": "0",
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
        "appendfsync": "everysec",
    }
    assert mode(data / "redis") == 0o700
    assert mode(socket_of(server)) == 0o700


def test_what_was_written_is_there_after_a_stop(data: Path) -> None:
    with EmbeddedRedis(data) as first, client(first) as conn:
        conn.set("kept", "yes")
    with EmbeddedRedis(data) as second, client(second) as conn:
        assert conn.get("kept") == "yes"


def test_it_comes_back_after_a_crash(server: EmbeddedRedis) -> None:
    before = server.pid
    assert before
    os.kill(before, 9)
    until(lambda: answers(server.url), "the restarted server")
    assert server.pid not in {before, None}


def test_it_comes_back_after_a_second_crash_too(server: EmbeddedRedis) -> None:
    seen = {server.pid}
    for _ in range(2):
        os.kill(server.pid or 0, 9)
        until(lambda: server.pid not in seen | {None} and answers(server.url), "the restarted server")
        seen.add(server.pid)
    assert len(seen) == 3


def test_after_a_stop_nothing_comes_back(data: Path) -> None:
    server = EmbeddedRedis(data)
    server.start()
    pid = server.pid
    assert pid
    server.stop()
    server.stop()
    assert not is_running(pid)
    assert server.pid is None
    assert "embedded-redis" not in {thread.name for thread in threading.enumerate()}


def test_killing_the_parent_ends_it_and_frees_the_directory(data: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, data], stdout=subprocess.PIPE, text=True)
    child = int(line(parent.stdout))
    parent.kill()
    parent.communicate()
    # At once, as a supervisor would: the start waits for the server that is still saying goodbye.
    with EmbeddedRedis(data) as successor:
        until(lambda: not is_running(child), "the orphan's end")
        # The orphan unlinks its socket as it goes; a successor that had not waited would now be deaf.
        assert answers(successor.url)


def test_two_directories_side_by_side(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "one") as one, EmbeddedRedis(tmp_path / "two") as two:
        with client(one) as conn:
            conn.set("mine", "1")
        with client(two) as conn:
            assert conn.get("mine") is None


def test_a_second_start_on_one_directory_names_the_first(server: EmbeddedRedis, data: Path) -> None:
    with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}\b.*PARLEY_DATA_DIR"):
        EmbeddedRedis(data).start()
    assert answers(server.url)


def test_a_path_too_long_for_a_socket_moves_to_the_temporary_directory(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-long-name-of-a-folder"] * 6)
    with EmbeddedRedis(deep) as server:
        socket = socket_of(server)
        assert not socket.is_relative_to(tmp_path)
        assert mode(socket.parent) == 0o700
        with client(server) as conn:
            assert conn.config_get("dir")["dir"] == str(deep / "redis")
    assert not socket.parent.exists()


def test_a_socket_folder_laid_by_somebody_else_is_refused(tmp_path: Path, data: Path) -> None:
    data.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (data / "redis").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        EmbeddedRedis(data).start()


def test_a_damaged_file_is_set_aside_and_the_start_succeeds(data: Path) -> None:
    with EmbeddedRedis(data) as server, client(server) as conn:
        conn.set("lost", "yes")
    for manifest in (data / "redis" / "appendonlydir").glob("*.manifest"):
        manifest.write_text("nonsense\n")
    with EmbeddedRedis(data) as server, client(server) as conn:
        assert conn.get("lost") is None
        conn.set("works", "1")
    assert list((data / "redis" / "appendonlydir.damaged").iterdir())


def test_a_server_that_cannot_start_says_its_last_words(data: Path) -> None:
    (data / "redis").mkdir(parents=True)
    (data / "redis" / "appendonlydir").write_text("a file where a folder belongs")
    with pytest.raises(CannotStart, match=r"last words: .*appendonlydir"):
        EmbeddedRedis(data).start()


def test_without_a_wheel_the_error_names_the_setting(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What importlib sees on a platform for which no wheel exists.
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(CannotStart, match="PARLEY_REDIS_URL"):
        EmbeddedRedis(data).start()
