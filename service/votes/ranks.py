"""The orders of comments as numbers, stored and indexed: each changes with a vote only, never by time passing."""

from __future__ import annotations

import math
from datetime import UTC, datetime

# 80 % confidence, as Reddit's "best" had it.
_Z = 1.2816
# What an unseen comment counts as: one vote each way. Votes that are there soon outweigh it.
_PRIOR_UP, _PRIOR_DOWN = 1.0, 1.0

# Reddit's own beginning of time, 2005-12-08 07:46:43 UTC.
_HOT_EPOCH = datetime.fromtimestamp(1_134_028_003, UTC)
# Ten times the score makes up for this many seconds, 12.5 hours.
_HOT_DECADE = 45_000.0


def ranking(up: int, down: int, created_at: datetime) -> tuple[float, float, float]:
    """(best, hot, controversy) of a comment with so many votes up and down, both from 0."""
    return best(up, down), hot(up, down, created_at), controversy(up, down)


def best(up: int, down: int) -> float:
    """How good a comment surely is, 0 to 1: the lower bound of the Wilson interval over votes and a small prior.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927); used for
    comments since Reddit's "best" (2009, r2/lib/db/_sorts.pyx, z=1.2816). Without the prior a comment nobody has
    voted on would stand with those everybody voted down.
    """
    n = up + down + _PRIOR_UP + _PRIOR_DOWN
    share = (up + _PRIOR_UP) / n
    spread = _Z * math.sqrt((share * (1 - share) + _Z * _Z / (4 * n)) / n)
    return (share + _Z * _Z / (2 * n) - spread) / (1 + _Z * _Z / n)


def hot(up: int, down: int, created_at: datetime) -> float:
    """Score on a logarithmic scale plus time of creation: newer comments start higher, so nothing has to decay.

    Reddit's form (r2/lib/db/_sorts.pyx): sign(s) log10(max(|s|, 1)) + (t - 1134028003) / 45000 with s = up - down
    and t the Unix time. `created_at` must be aware.
    """
    score = up - down
    size = math.log10(max(abs(score), 1))
    age = (created_at - _HOT_EPOCH).total_seconds() / _HOT_DECADE
    return round(math.copysign(size, score) + age, 7)


def controversy(up: int, down: int) -> float:
    """Many votes, evenly split: (up + down) ^ (min / max), and 0 where one side is empty.

    Lemmy's form (crates/diesel_utils/replaceable_schema/utils.sql, controversy_rank).
    """
    if up <= 0 or down <= 0:
        return 0.0
    return math.pow(up + down, min(up, down) / max(up, down))
