"""What was freed goes back to the system."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from service.kit import heap
from service.kit.heap import give_back


def resident() -> int:
    """Megabytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096 // 2**20


def test_holes_between_what_is_still_used_are_given_back() -> None:
    if not sys.platform.startswith("linux") or not give_back():
        return
    pages = [bytes([number % 255 + 1]) * 60_000 for number in range(2_000)]
    full = resident()
    # Every tenth stays: what lies between cannot be given back from the end.
    kept = pages[::10]
    del pages
    give_back()
    assert full - resident() > 80, (full, resident())
    assert len(kept) == 200


def test_what_was_made_to_stay_is_not_gone_through_again() -> None:
    kept = [[number] for number in range(1_000)]
    heap.settle()
    try:
        assert gc.get_freeze_count() > len(kept)
        assert not any(each is kept for each in gc.get_objects())
        mine: list[object] = []
        mine.append(mine)
        assert any(each is mine for each in gc.get_objects())
    finally:
        gc.unfreeze()
