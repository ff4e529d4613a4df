r"""The one spelling of an entry, and its hash: anybody can check a chain with SHA-256 and these few lines.

    hash = sha256(previous + "\n" + canonical JSON of the entry)          the first `previous` is 64 zeros
    sealed = sha256(salt + "\n" + canonical JSON of the erasable words)

Canonical JSON has its keys sorted, no blanks, and everything beyond ASCII escaped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.record.tables import EntryRow

FIRST = "0" * 64


def canonical(value: Mapping[str, Any]) -> str:
    """A mapping in its one spelling. Raises TypeError, ValueError for what JSON cannot hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def sealed(salt: str, words: str) -> str:
    """The commitment to words that may be erased: without the salt nobody can try out what they were."""
    return hashlib.sha256(f"{salt}\n{words}".encode()).hexdigest()


def hash_of(row: EntryRow) -> str:
    """The hash an entry must have."""
    entry = {
        "v": 1,
        "chain": str(row.chain),
        "seq": row.seq,
        "id": str(row.id),
        "at": spelled(row.at),
        "actor": f"{row.actor_kind}:{row.actor_id}",
        "act": row.act,
        "subject": row.subject,
        "section": row.section,
        "detail": row.detail,
        "sealed": row.sealed,
    }
    return hashlib.sha256(f"{row.previous}\n{canonical(entry)}".encode()).hexdigest()


def spelled(at: datetime) -> str:
    """A time to the microsecond, in UTC."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
