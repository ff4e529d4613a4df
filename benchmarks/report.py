"""Writes docs/performance.md and its pictures from what the parts found last."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from benchmarks import pictures
from benchmarks.parts import Part
from benchmarks.results import ROOT, Result

Found = Sequence[tuple[Part, Result | None]]

_DOCUMENT = ROOT / "docs" / "performance.md"
_IMAGES = ROOT / "docs" / "images" / "performance"
_OPENING = """# Performance

Written by `make bench` (`python -m benchmarks`) on one machine; run it on yours. Each part says when and at which
commit it was measured. These are measurements beside others under like conditions, no promises: **read the ratios**.
Everything ran on the same machine at the same time as the load generator (wrk, over 127.0.0.1) and whatever else was
going on there, so rates are lower than what a machine of its own would give, and they move from run to run.

How it is measured: all contestants of a table are up at once and are loaded in turn, round by round, every other round
backwards, so that whatever disturbs hits all alike. A cell is the median of the rounds with the lowest and the highest
in brackets; a ratio is taken within each round. *CPU* is user and system time of the server's processes divided by the
answers: it says what an answer costs whoever else is busy.
"""


def write(found: Found) -> None:
    """All parts, in their order. What was not measured in this checkout keeps its section and its numbers."""
    _IMAGES.mkdir(parents=True, exist_ok=True)
    before = _DOCUMENT.read_text(encoding="utf-8") if _DOCUMENT.exists() else ""
    _DOCUMENT.write_text("\n".join(document(found, before)).rstrip() + "\n", encoding="utf-8")
    print(f"wrote {_DOCUMENT.relative_to(ROOT)}")


def document(found: Found, before: str) -> Iterator[str]:
    """The text, as lines; `before` is the one that is there."""
    yield _OPENING
    yield "## Numbers to hold\n"
    yield from _targets(found, before)
    for part, result in found:
        yield f"\n## {part.title}\n"
        yield f"{part.about}\n"
        if result is not None:
            yield from _part(part.name, result)
        else:
            yield _measured(before, part) or f"Not measured yet: `python -m benchmarks {part.name}`."


def _measured(before: str, part: Part) -> str:
    """What stands in the old document's section from its line about when and where on; nothing when it has none."""
    section = re.search(rf"^## {re.escape(part.title)}$(.*?)(?=^## |\Z)", before, re.MULTILINE | re.DOTALL)
    begin = f"`python -m benchmarks {part.name}`, "
    if section is None or begin not in section[1]:
        return ""
    return section[1][section[1].index(begin) :].rstrip() + "\n"


def _targets(found: Found, before: str) -> Iterator[str]:
    yield "| | seen | wanted | | by |\n|---|--:|--:|---|---|"
    for part, result in found:
        if result is None:
            yield from re.findall(rf"^\|.*\| {part.name} \|$", before, re.MULTILINE)
            continue
        for target in result.targets:
            verdict = "held" if target.is_met else "**missed**"
            yield f"| {target.what} | {target.seen:.2f} | {target.wanted} | {verdict} | {part.name} |"


def _part(part: str, result: Result) -> Iterator[str]:
    where = result.machine
    yield (
        f"`python -m benchmarks {part}`, {where['when']}, {where['cores']} cores, {where['memory']}, {where['system']},"
        f" Python {where['python']}, commit {where['commit']}, load average at its end {where['load']}.\n"
    )
    for chart in result.charts:
        (_IMAGES / f"{chart.name}.svg").write_text(pictures.bars(chart), encoding="utf-8")
        yield f"![{chart.title}](images/performance/{chart.name}.svg)\n"
    yield from (table.markdown() for table in result.tables)
    yield from (f"{note}\n" for note in result.notes)
