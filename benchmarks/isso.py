"""Isso, the peer that is a package: under gunicorn as its documentation says, on its own SQLite."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import corpus, seed
from benchmarks.running import Running, running
from tests.servers.parley import free_port

_PACKAGES = ("isso==0.14.0", "gunicorn==27.0.1")
# No guard, as Parley's limits are wide; nobody is told; addresses are taken from the proxy's header, as Parley does.
_CONFIG = """
[general]
dbpath = {folder}/isso.sqlite3
host = {origin}
notify =
log-file = {folder}/isso.log
[server]
listen = http://127.0.0.1:{port}
trusted-proxies = 127.0.0.1
[guard]
enabled = false
"""


def environment(folder: Path) -> Path:
    """A virtual environment with Isso in it, made when it is not there; the folder of its programs."""
    place = folder / "isso-environment"
    if not (place / "bin" / "gunicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-qq"]
        subprocess.run([*pip, "install", *_PACKAGES], check=True, stderr=subprocess.DEVNULL)
    return place / "bin"


@contextlib.contextmanager
def isso(programs: Path, folder: Path, sizes: Sequence[int], *, small: int, workers: int = 4) -> Iterator[Running]:
    """Isso with the threads Parley has, under gunicorn's own four workers (`--preload`, as its manual has it)."""
    port, place = free_port(), folder / "isso"
    place.mkdir(exist_ok=True)
    config = place / "isso.cfg"
    config.write_text(_CONFIG.format(folder=place, origin=seed.ORIGIN, port=port))
    command = [str(programs / "gunicorn"), "-b", f"127.0.0.1:{port}", "-w", str(workers), "--preload", "isso.run"]
    env = {"ISSO_SETTINGS": str(config), "PATH": f"{programs}:{os.environ['PATH']}"}
    with running(command, port=port, folder=place, env=env) as there:
        _fill(place / "isso.sqlite3", sizes, small)
        yield there


def _fill(database: Path, sizes: Sequence[int], small: int) -> None:
    texts, authors = corpus.texts(), corpus.authors()
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection:
        for size in sizes:
            _thread(connection, size, size, texts, authors)
        for number in range(1, small + 1):
            _thread(connection, f"small-{number}", 5, texts, authors)
        connection.commit()


def _thread(
    connection: sqlite3.Connection, name: str | int, size: int, texts: Sequence[str], authors: Sequence[str]
) -> None:
    thread = connection.execute(
        "INSERT INTO threads (uri, title) VALUES (?, 'An article')", [f"/article/{name}"]
    ).lastrowid
    first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM comments").fetchone()[0]
    root: dict[int, int] = {}
    rows = []
    for each in corpus.thread(size, texts=len(texts), authors=len(authors)):
        # Isso has one level of replies: a deeper one hangs on its root, as Isso's own API would have it.
        root[each.number] = each.number if each.parent is None else root[each.parent]
        above = None if each.parent is None else first + root[each.number]
        at = 1_700_000_000.0 + each.number * 20
        rows.append((first + each.number, thread, above, at, texts[each.text], authors[each.author]))
    connection.executemany(
        "INSERT INTO comments (id, tid, parent, created, mode, remote_addr, text, author, likes, dislikes, voters,"
        " notification) VALUES (?, ?, ?, ?, 1, '10.0.0.0', ?, ?, 0, 0, zeroblob(256), 0)",
        rows,
    )
