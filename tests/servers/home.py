"""A short-lived home for a server's data and socket."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil


@contextlib.contextmanager
def home(server: str) -> Iterator[Path]:
    """A private directory with a path short enough for sockets, removed at the end; removes what killed runs left."""
    place, prefix = _place(), f"parley-{server}-"
    for left in place.glob(f"{prefix}*"):
        owner = left.name.removeprefix(prefix).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{prefix}{os.getpid()}-", dir=place) as made:
        yield Path(made)


def _place() -> Path:
    place = Path(tempfile.gettempdir()).resolve()
    # PostgreSQL, started by root, runs as somebody else, who must be able to pass through every folder above.
    passable = os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in (place, *place.parents))
    return place if len(str(place)) < 40 and passable else Path("/tmp")
