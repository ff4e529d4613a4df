"""Spans of moves: which ranks were true at a given move is found in a few index ranges, however many moves there were.

A segment tree (J. L. Bentley, "Solutions to Klee's rectangle problems", 1977; de Berg et al., "Computational
Geometry", section 10.3) whose nodes are numbers: the span [b 2^l, (b + 1) 2^l) is (2b + 1) 2^l. Ranks that were true
from one move to another are kept under the few spans that make up that time. Each move lies in one span of each size,
so all ranks that were true at it stand under those spans, and nothing else does.
"""

from __future__ import annotations


def cover(start: int, end: int) -> list[int]:
    """The spans that together are exactly the moves from `start` to before `end`: at most 2 log2(end - start)."""
    spans = []
    while start < end:
        size = 1 << (end - start).bit_length() - 1
        if start:
            size = min(size, start & -start)
        spans.append(2 * start + size)
        start += size
    return spans


def holding(move: int, now: int) -> list[int]:
    """The spans with `move` in them that are over by the move `now`: at most 1 + log2(now)."""
    spans = []
    size, start = 1, move
    while start + size <= now:
        spans.append(2 * start + size)
        size *= 2
        start = move - move % size
    return spans
