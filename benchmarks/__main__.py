"""Measure Parley beside others, then write docs/performance.md.

python -m benchmarks                    all of it, about 25 minutes; what fails is named, the rest goes on
python -m benchmarks --quick            to see that everything works; its numbers say little
python -m benchmarks hot_page writing   some parts; the others' sections stay as they are
python -m benchmarks --report           only write the document anew
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Mapping

from benchmarks import report
from benchmarks.options import Options
from benchmarks.parts import Part, parts
from benchmarks.results import FOLDER, Result
from tests.servers.home import home


def main() -> None:
    """Read the command line and do what it asks for."""
    all_of_them = parts()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(all_of_them)}; all when none is named")
    parser.add_argument("--quick", action="store_true", help="short and small; leaves docs/performance.md as it is")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(all_of_them):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    failed = []
    for name in [] if asked.report else asked.parts or all_of_them:
        try:
            _measure(all_of_them[name], quick=asked.quick)
        except Exception:  # noqa: BLE001  # whatever one part runs into, the others are worth their minutes
            traceback.print_exc()
            failed.append(name)
        if not asked.quick:
            _report(all_of_them)
    if asked.report:
        _report(all_of_them)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _report(all_of_them: Mapping[str, Part]) -> None:
    """After each part, so that a run that is ended leaves what it found."""
    report.write([(part, Result.load(part.name)) for part in all_of_them.values()])


def _measure(part: Part, *, quick: bool) -> None:
    start = time.monotonic()
    print(f"\n== {part.title} ==", flush=True)
    tools = FOLDER / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    with home("bench") as scratch:
        scratch.chmod(0o711)  # PostgreSQL, started by root, runs as somebody else
        found = part.run(Options(quick=quick, scratch=scratch, tools=tools))
    _show(found)
    print(f"({time.monotonic() - start:.0f} s)", flush=True)
    found.save(f"{part.name}-quick" if quick else part.name)


def _show(found: Result) -> None:
    for table in found.tables:
        print(f"\n{table.markdown()}")
    for note in found.notes:
        print(f"\n{note}")
    for target in found.targets:
        verdict = "held  " if target.is_met else "MISSED"
        print(f"{verdict} {target.what}: {target.seen:.2f}, wanted {target.wanted}")


if __name__ == "__main__":
    main()
