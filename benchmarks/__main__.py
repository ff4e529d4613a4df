"""`python -m benchmarks`: run the parts, one after the other, then write docs/performance.md.

python -m benchmarks                    all of it, about half an hour
python -m benchmarks --quick            to see that everything works; its numbers say little
python -m benchmarks hot_page writing   some parts; the others keep what they found last
python -m benchmarks --report           only write the document anew
"""

from __future__ import annotations

import argparse
import importlib
import time
from types import ModuleType

from benchmarks import report
from benchmarks.options import Options
from benchmarks.results import FOLDER, Result
from tests.servers.home import home

# A part is a file with a TITLE, a docstring that says what is measured, and run(options) -> Result.
PARTS = ("hot_page", "cold_page", "writing", "memory", "start")


def main() -> None:
    """Read the command line and do what it asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="short and small; leaves docs/performance.md as it is")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    asked = parser.parse_args()
    if not asked.report:
        for part in asked.parts or PARTS:
            _measure(part, quick=asked.quick)
    if not asked.quick:
        report.write({part: (_module(part), Result.load(part)) for part in PARTS})


def _measure(part: str, *, quick: bool) -> None:
    module = _module(part)
    start = time.monotonic()
    print(f"\n== {module.TITLE} ==", flush=True)
    tools = FOLDER / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    with home("bench") as scratch:
        scratch.chmod(0o711)
        found = module.run(Options(quick=quick, scratch=scratch, tools=tools))
    for table in found.tables:
        print(f"\n{table.markdown()}")
    for target in found.targets:
        verdict = "held  " if target.is_met else "MISSED"
        print(f"{verdict} {target.what}: {target.seen:.2f}, wanted {target.wanted}")
    print(f"({time.monotonic() - start:.0f} s)", flush=True)
    found.save(f"{part}-quick" if quick else part)


def _module(part: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.{part}")


if __name__ == "__main__":
    main()
