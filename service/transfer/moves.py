"""Rules that say where pages are now: `old -> new`, one a line.

    localhost:4000 -> https://news.test              a host: all its pages, with path and query as they are
    https://old.test/blog/* -> https://news.test/*   a beginning: what the star stands for is kept
    https://old.test/a -> https://news.test/b        one page

One page goes before a beginning, a longer beginning before a shorter one, and all of them before a host. An address
is compared as pages are told apart: http and https, `www.`, a slash at the end and tracking parameters are the same.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from service.kit.errors import Invalid
from service.threads import canonical

MOST_RULES = 10_000
_ARROW = re.compile(r"\s*(?:->|→|\s|,)\s*")
_HOST = re.compile(r"[\w.-]+(?::[0-9]+)?|\[[0-9a-fA-F:.]+\](?::[0-9]+)?")


class BadMove(Invalid):
    """This is no rule about an address. Write `old.example -> https://new.example`, or two whole addresses."""

    type = "bad-move"


@dataclass(frozen=True)
class Moves:
    """All rules of an import; call it with an address."""

    pages: Mapping[str, str]
    beginnings: tuple[tuple[str, str], ...]  # the longest first
    hosts: Mapping[str, str]

    def __call__(self, address: str) -> str:
        """Where that page is now; the address itself where no rule speaks of it. Raises Invalid for none."""
        if not (self.pages or self.beginnings or self.hosts):
            return address
        key = canonical(address).key
        if (page := self.pages.get(key)) is not None:
            return page
        for old, new in self.beginnings:
            if key.startswith(old):
                return new + key[len(old) :]
        return self._at_host(address)

    def leads(self, address: str) -> bool:
        """Whether a rule speaks of this one page. Never raises: what is no address is led nowhere."""
        if not self.pages:
            return False
        try:
            return canonical(address).key in self.pages
        except Invalid:
            return False

    def _at_host(self, address: str) -> str:
        parts = urlsplit(address)
        new = self.hosts.get(_bare(parts.netloc.rpartition("@")[2]))
        if new is None:
            return address
        rest = parts._replace(scheme="", netloc="", fragment="").geturl()
        return new.rstrip("/") + (rest if rest.startswith("/") else f"/{rest}")


def read_moves(lines: Iterable[str]) -> Moves:
    """Rules as people write them; blank lines and those that begin with # say nothing. Raises BadMove."""
    pages: dict[str, str] = {}
    beginnings: dict[str, str] = {}
    hosts: dict[str, str] = {}
    rules = [rule for line in lines if (rule := line.strip()) and not rule.startswith("#")]
    if len(rules) > MOST_RULES:
        raise BadMove(f"There are more than {MOST_RULES:,} rules.", field="moves")
    for rule in rules:
        old, new = _both(rule)
        if _HOST.fullmatch(old):
            hosts[_bare(old)] = _address(new, rule)
        elif old.endswith("*") and new.endswith("*"):
            # Whatever begins so: the mark keeps the end of the beginning from being tidied away.
            beginnings[_key(old[:-1] + _MARK, rule).removesuffix(_MARK)] = _address(new[:-1], rule)
        else:
            pages[_key(old, rule)] = _address(new, rule)
    longest = tuple(sorted(beginnings.items(), key=lambda each: -len(each[0])))
    return Moves(pages, longest, hosts)


_MARK = "-here-"


def _both(rule: str) -> tuple[str, str]:
    if "->" not in rule and "→" not in rule and rule.count(",") == 1:
        found = next(csv.reader(io.StringIO(rule)))
    else:
        found = [part for part in _ARROW.split(rule, maxsplit=1) if part]
    if len(found) != 2:  # old and new
        raise BadMove(f"{BadMove.message()} This was {rule[:200]!r}.", field="moves")
    return found[0].strip(), found[1].strip()


def _key(address: str, rule: str) -> str:
    try:
        return canonical(address).key
    except Invalid as error:
        raise BadMove(f"{BadMove.message()} This was {rule[:200]!r}.", field="moves") from error


def _address(new: str, rule: str) -> str:
    whole = new if "://" in new else f"https://{new}"
    _key(whole, rule)
    return whole


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
