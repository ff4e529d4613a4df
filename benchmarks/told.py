"""`parley serve` that tells what its memory is made of: `python -m benchmarks.told` writes heap.json where it runs.

What a process holds looks the same from outside whoever asked for it. Inside can be told: how many objects Python has,
what malloc has given out, what of that is SQLite's, and what malloc holds that nobody uses, in holes too small or too
scattered to be given back.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import json
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from service.commands import run

_FILE = Path("heap.json")
_EVERY = 1.0  # seconds
_NAMES = (
    "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
)  # fmt: skip


@dataclass(frozen=True)
class Heap:
    """Of one moment. Megabytes, but for `objects`: thousands."""

    objects: float  # blocks that Python's own allocator has given out; larger ones are malloc's
    malloced: float
    sqlite: float  # of what malloc gave out
    free: float

    @classmethod
    def now(cls) -> Heap:
        """Of this process. Zero is what this C library cannot tell."""
        given, free = _malloc()
        return cls(sys.getallocatedblocks() / 1e3, given / 2**20, _sqlite() / 2**20, free / 2**20)

    @classmethod
    def told(cls, folder: Path) -> Heap:
        """What a server that runs in `folder` said last."""
        return cls(**json.loads((folder / _FILE).read_text()))


class _Mallinfo(ctypes.Structure):
    """mallinfo2(3)."""

    _fields_ = [(name, ctypes.c_size_t) for name in _NAMES]  # ctypes wants it so


def _malloc() -> tuple[int, int]:
    """Bytes given out, those by pages of their own too, and bytes held that are free."""
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if ask is None:
        return 0, 0
    ask.restype = _Mallinfo
    found = ask()
    return found.uordblks + found.hblkhd, found.fordblks


def _sqlite() -> int:
    """Bytes that SQLite has in use, its connections' caches too."""
    ask = getattr(ctypes.CDLL(_sqlite3.__file__), "sqlite3_memory_used", None)
    if ask is None:
        return 0
    ask.restype = ctypes.c_int64
    return int(ask())


def _tell() -> None:
    new = _FILE.with_suffix(".new")
    while True:
        new.write_text(json.dumps(asdict(Heap.now())))
        new.replace(_FILE)
        time.sleep(_EVERY)


if __name__ == "__main__":
    threading.Thread(target=_tell, name="told", daemon=True).start()
    run.serve()
