"""The clock. Everything asks here for the time, so that a test can stop it and move it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


def _real() -> datetime:
    return datetime.now(UTC)


# One for the process, not one per task: a server that runs in another task of a test must see the stopped clock too.
_source = _real


def now() -> datetime:
    """The time, aware, in UTC."""
    return _source()


class Hands:
    """The hands of a stopped clock."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def set(self, at: datetime) -> None:
        """Put the clock to a time. Raises ValueError for a naive one."""
        if at.tzinfo is None:
            raise ValueError("naive datetime: say which time zone")
        self.at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> datetime:
        """Move the clock on (or back); the new time."""
        self.at += by
        return self.at


@contextmanager
def frozen(at: datetime | None = None) -> Iterator[Hands]:
    """Stop the clock of the whole process at `at` (now, when None); for tests.

    with clock.frozen() as hands:
        hands.advance(timedelta(minutes=16))
    """
    global _source  # noqa: PLW0603  # the one replaceable part, see above
    before, hands = _source, Hands(at or now())
    _source = lambda: hands.at  # noqa: E731  # a named function would say no more
    try:
        yield hands
    finally:
        _source = before
