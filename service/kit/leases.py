"""What is claimed for a while, when the clock that said until when ran ahead.

A machine whose clock was a day ahead, and is set right, has left leases behind that end tomorrow: nobody would take up
that work until then. No lease is given for longer than an hour, so what ends later was given by such a clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_

LONGEST = timedelta(hours=1)


def has_run_out(until: Any, now: datetime) -> ColumnElement[bool]:
    """Whether the lease in this column has ended, or cannot be one."""
    return or_(until < now, until > now + LONGEST)
