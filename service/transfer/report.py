"""What an import did, counted: every record of the file is somewhere in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

# Why a comment was left out, in the order of the report.
POSTS_LEFT_OUT = {
    "spam": "marked as spam",
    "deleted": "deleted, with nothing below them",
    "unapproved": "never approved",
    "pingback": "pingbacks and trackbacks, which nobody wrote",
    "empty": "without any words",
    "copy": "exact copies on the same page (same author, second and words)",
    "duplicate": "in the file a second time, under the same id",
    "orphan": "of a thread that is not in the file",
    "thread-deleted": "of a deleted thread",
    "no-address": "of a thread without a usable address",
}
THREADS_LEFT_OUT = {
    "without-comments": "without comments: a page begins with its first one",
    "deleted": "deleted",
    "duplicate": "in the file a second time, under the same id",
    "no-address": "with comments and without a usable address",
}
MENDED = {
    "parent-missing": "answered a comment that is not in the file: now at the top",
    "parent-elsewhere": "answered a comment of another page: now at the top",
    "circle": "answered themselves in a circle: now at the top",
    "too-deep": "were deeper than 2,000 answers: now at that depth",
}


_SHOWN = 5


@dataclass(frozen=True)
class Count:
    """So many of one kind, with up to five of them named by id and line."""

    kind: str
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Host:
    """A host that is not among the site's origins, with what lies there."""

    host: str
    pages: int
    comments: int


@dataclass(frozen=True)
class Twins:
    """Two pages that share comments, word for word and second for second: probably one article that moved."""

    first: str
    second: str
    comments: int


@dataclass(frozen=True)
class Report:
    """The counted end of an import. For comments, read = comments + tombstones + unchanged + all that was left out."""

    source: str
    file: str
    site: str
    threads_read: int
    posts_read: int
    pages: int = 0
    aliases: int = 0
    comments: int = 0
    tombstones: int = 0
    people: int = 0
    unchanged: int = 0
    posts_left_out: tuple[Count, ...] = ()
    threads_left_out: tuple[Count, ...] = ()
    mended: tuple[Count, ...] = ()
    foreign_hosts: tuple[Host, ...] = ()
    twins: tuple[Twins, ...] = ()  # the first 200
    twins_found: int = 0
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether the site is another than before."""
        return bool(self.pages or self.aliases or self.comments or self.tombstones or self.people)

    def plus(self, **counts: int) -> Report:
        """With these counts added."""
        return replace(self, **{name: getattr(self, name) + count for name, count in counts.items()})

    def merging(self, is_own: Callable[[str], bool]) -> list[str]:
        """Rules that make one page of each pair that shares comments, so that copies are left out.

        What stays is the page of the site's own (`is_own`) and, of two, the one that came later: where it is now.
        """
        leads: dict[str, str] = {}
        for pair in self.twins:
            first, second = _end(leads, pair.first), _end(leads, pair.second)
            if first == second:
                continue
            old, new = (second, first) if is_own(first) and not is_own(second) else (first, second)
            leads[old] = new
        return [f"{old} -> {_end(leads, old)}" for old in leads]

    def as_json(self) -> dict[str, Any]:
        """For scripts and for the record of the run; JSON's own types only."""
        return asdict(self) | {"changed": self.changed}

    def lines(self) -> list[str]:
        """For people."""
        lines = [
            f"{self.file} into {self.site}, in {self.seconds:.1f} s",
            f"read       {_n(self.posts_read, 'comment')} in {_n(self.threads_read, 'thread')}",
        ]
        if self.changed:
            lines.append(
                f"imported   {_n(self.comments, 'comment')} and {_n(self.tombstones, 'tombstone')}; new are"
                f" {_n(self.people, 'author')}, {_n(self.pages, 'page')}, {_n(self.aliases, 'further address', 'es')}"
            )
        if self.unchanged:
            lines.append(f"unchanged  {_n(self.unchanged, 'comment')}, here already")
        if not self.changed:
            lines.append("Nothing was changed.")
        lines += _listed("comments left out", self.posts_left_out, POSTS_LEFT_OUT)
        lines += _listed("threads left out", self.threads_left_out, THREADS_LEFT_OUT)
        lines += _listed("mended", self.mended, MENDED)
        return lines + self._hosts() + self._twins()

    def _hosts(self) -> list[str]:
        if not self.foreign_hosts:
            return []
        lines = ["on hosts that are not among the site's origins (imported all the same):"]
        lines += [
            f"  {each.host}: {_n(each.comments, 'comment')} on {_n(each.pages, 'page')}" for each in self.foreign_hosts
        ]
        return [
            *lines,
            "  Readers can go on there once the host is an origin; this replaces the list, so name all of them:",
            f"  parley site origins {self.site} https://…",
        ]

    def _twins(self) -> list[str]:
        if not self.twins:
            return []
        pairs = f"{max(self.twins_found, len(self.twins)):,} pairs of pages" if self.twins_found > 1 else "pages"
        lines = [f"{pairs} that share comments word for word, perhaps one article that moved (both were kept):"]
        lines += [f"  {each.comments:,} in {each.first} and {each.second}" for each in self.twins[:_SHOWN]]
        if len(self.twins) > _SHOWN:
            lines.append("  … (all of them with --json)")
        return [
            *lines,
            "  Merged, the old address leads to the other page and copies are shown once: import with --merge, or",
            "  with rules `old -> new`. `parley thread merge` joins two discussions afterwards, copies and all.",
        ]


def _end(leads: Mapping[str, str], page: str) -> str:
    """Where a page leads in the end."""
    while page in leads:
        page = leads[page]
    return page


def _n(count: int, noun: str, plural: str = "s") -> str:
    return f"{count:,} {noun}{'' if count == 1 else plural}"


def _listed(title: str, counts: tuple[Count, ...], why: Mapping[str, str]) -> list[str]:
    if not counts:
        return []
    lines = [f"{title}:"]
    for each in counts:
        more = " …" if each.count > len(each.examples) else ""
        lines.append(f"  {each.count:,} {why[each.kind]} ({', '.join(each.examples)}{more})")
    return lines
