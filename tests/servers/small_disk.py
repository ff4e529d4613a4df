"""A file system with little room, that can be filled and emptied: a real one, in memory; needs root."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True)
class SmallDisk:
    """Where it is."""

    place: Path

    @property
    def free(self) -> int:
        """Bytes that can still be written."""
        found = os.statvfs(self.place)
        return found.f_bavail * found.f_frsize

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """With not a byte left."""
        filler = self.place / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(65_536))
        try:
            yield
        finally:
            filler.unlink()


@contextlib.contextmanager
def small_disk(place: Path, megabytes: int, *, owner: tuple[int, int] | None = None) -> Iterator[SmallDisk]:
    """A disk of that size in a folder that is there, its `owner`'s."""
    options = f"size={megabytes}m,mode=0700"
    if owner is not None:
        options += f",uid={owner[0]},gid={owner[1]}"
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True, capture_output=True)
    try:
        yield SmallDisk(place)
    finally:
        # Lazily: what still has a file open there must not keep it.
        subprocess.run(["/bin/umount", "--lazy", str(place)], check=True, capture_output=True)


@lru_cache(1)
def may_mount() -> bool:
    """Whether this process may make such disks."""
    if os.geteuid() != 0:
        return False
    with TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder), 1):
                return True
        except (subprocess.CalledProcessError, FileNotFoundError):
            return False
