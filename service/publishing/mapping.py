"""What a remap says: from which address to which other, by a prefix, a host, a pattern, or a list of pairs. Pure.

A rule is about addresses as discussions have them: in their one spelling (threads.canonical).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from service.kit.errors import Invalid
from service.kit.hosts import ascii_host
from service.publishing.pattern import BadPattern, Pattern
from service.threads import canonical

Kind = Literal["prefix", "host", "pattern", "pairs"]
MOST_PAIRS = 20_000
_SCHEMES = ("https://", "http://")


@dataclass(frozen=True)
class Mapper:
    """One rule. `source` and `target` are a beginning, a host or a pattern with its groups; or `pairs` of addresses."""

    kind: Kind
    source: str = ""
    target: str = ""
    pairs: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def apply(self, url: str) -> str | None:
        """The new address of a page, as somebody would write it; None for one the rule is not about."""
        if self.kind == "host":
            return _with_host(url, self.source, self.target)
        if self.kind == "prefix":
            bare, beginning = _bare(url), _bare(self.source)
            return self.target + bare[len(beginning) :] if bare.startswith(beginning) else None
        return self._pattern.replace(url, self.target)

    @cached_property
    def _pattern(self) -> Pattern:
        return Pattern(self.source)

    def as_json(self) -> dict[str, Any]:
        """As a job keeps it."""
        return {"rule": self.kind, "from": self.source, "to": self.target, "pairs": [list(pair) for pair in self.pairs]}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Mapper:
        """The rule a job keeps."""
        return cls(kept["rule"], kept["from"], kept["to"], tuple((old, new) for old, new in kept.get("pairs", ())))


def rule(kind: Kind, source: str, target: str) -> Mapper:
    """A rule somebody wrote, looked at. Raises Invalid with the field."""
    if kind == "host":
        return Mapper(kind, _host(source, "from"), _host(target, "to"))
    if kind == "prefix":
        return Mapper(kind, canonical_beginning(source, "from"), canonical_beginning(target, "to"))
    try:
        pattern = Pattern(source)
    except BadPattern as error:
        raise Invalid(str(error), field="from") from error
    if (missing := pattern.missing_in(target)) is not None:
        raise Invalid(f"the pattern has no group {missing}", field="to")
    return Mapper("pattern", source, target)


def pairs(text: str) -> Mapper:
    """A list of pairs from CSV: the old address, the new one. A first line of names is left out.

    Raises Invalid, the line named.
    """
    found: list[tuple[str, str]] = []
    try:
        for number, line in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            if not line or (number == 1 and "://" not in "".join(line)):
                continue
            if len(line) != 2:
                raise Invalid(f"line {number} has {len(line)} columns; write the old address, the new one", field="csv")
            found.append((_address(line[0], number), _address(line[1], number)))
            if len(found) > MOST_PAIRS:
                raise Invalid(f"more than {MOST_PAIRS:,} pairs; send them in parts", field="csv")
    except csv.Error as error:
        raise Invalid(f"this is no CSV: {error}", field="csv") from error
    if not found:
        raise Invalid("there is no pair of addresses in it", field="csv")
    return Mapper("pairs", pairs=tuple(found))


def canonical_beginning(text: str, name: str) -> str:
    """The beginning of addresses in its one spelling; a query or a fragment begins no address. Raises Invalid."""
    if "?" in text or "#" in text:
        raise Invalid("a beginning has no ? and no #", field=name)
    try:
        return canonical(text).text
    except Invalid as error:
        raise Invalid(error.detail, field=name) from error


def _host(text: str, name: str) -> str:
    host, _, port = text.strip().partition(":")
    try:
        found = ascii_host(host)
    except ValueError as error:
        raise Invalid("that is not the name of a host", field=name) from error
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise Invalid("there is no such port", field=name)
    return f"{found}:{port}" if port else found


def _address(text: str, number: int) -> str:
    try:
        return canonical(text).text
    except Invalid as error:
        raise Invalid(f"line {number}: {error.detail}", field="csv") from error


def _with_host(url: str, source: str, target: str) -> str | None:
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}://{target}{slash}{path}" if place == source else None


def _bare(url: str) -> str:
    """Without the scheme: http and https are the same articles."""
    return next((url.removeprefix(each) for each in _SCHEMES if url.startswith(each)), url)


def sample(before: str, after: str, outcome: str) -> dict[str, str]:
    """One line of a preview."""
    return {"before": before, "after": after, "outcome": outcome}


def tally(counts: Mapping[str, int], outcomes: Sequence[str]) -> dict[str, int]:
    """Counts with some more outcomes in them."""
    told = dict(counts)
    for outcome in outcomes:
        told[outcome] = told.get(outcome, 0) + 1
    return told
