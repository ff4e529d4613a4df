"""The arguments of a call in all their spellings: `thread`, `thread[]`, `thread:ident`, as often as wanted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from service.disqus.faults import BAD_ARGUMENT, Fault
from service.kit import ids

MOST = 100  # entries a call answers, and values of one argument it takes


class Asked:
    """What a call was given. `home` is the forum meant where none is named: that of the key."""

    home: str | None = None

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            plain, _, kind = name.removesuffix("[]").partition(":")
            self._values.setdefault(plain, []).append(f"{kind}:{value}" if kind else value)

    def all(self, name: str) -> list[str]:
        """All values of an argument, in order, empty ones left out. Raises Fault for too many."""
        values = [value for value in self._values.get(name, []) if value.strip()]
        if len(values) > MOST:
            raise Fault(BAD_ARGUMENT, f"Invalid argument, '{name}': at most {MOST} values")
        if any("\x00" in value or (not value.isprintable() and name != "message") for value in values):
            raise Fault(BAD_ARGUMENT, f"Invalid argument, '{name}': holds a character that is not text")
        return values

    def one(self, name: str) -> str | None:
        """The value of an argument, or None."""
        return next(iter(self.all(name)), None)

    def needs(self, name: str) -> str:
        """The value of an argument. Raises Fault without one."""
        if (value := self.one(name)) is None:
            raise Fault(BAD_ARGUMENT, f"Missing required argument, '{name}'")
        return value

    @property
    def limit(self) -> int:
        """How many entries are wanted, 1 to 100."""
        value = self.one("limit") or "25"
        if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= MOST):
            raise Fault(BAD_ARGUMENT, f"Invalid argument, 'limit': 1 to {MOST}")
        return int(value)

    @property
    def is_ascending(self) -> bool:
        """Whether the oldest come first."""
        return self.one("order") == "asc"

    @property
    def since(self) -> int:
        """The smallest id of what came since then: a Unix time or a date. 0 for all."""
        value = self.one("since")
        if value is None:
            return 0
        try:
            at = datetime.fromtimestamp(float(value), UTC) if value[:1].isdigit() and "-" not in value else _date(value)
            return ids.first_of(at)
        except (ValueError, OverflowError, OSError) as error:
            raise Fault(BAD_ARGUMENT, "Invalid argument, 'since': a Unix timestamp or an ISO date") from error

    @property
    def after(self) -> int | None:
        """The entry the page before ended with, from `cursor`."""
        value = self.one("cursor")
        if value is None:
            return None
        number = value.partition(":")[0]
        if not (number.isascii() and number.isdigit() and len(number) < 20):
            raise Fault(BAD_ARGUMENT, "Invalid argument, 'cursor': hand back the one of the page before")
        return min(int(number), 2**63 - 1)


def _date(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
