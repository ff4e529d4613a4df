"""What a run consists of, in the order of the document."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.options import Options
from benchmarks.results import ROOT, Result

# A part is a file with a TITLE, a docstring that says what is measured, and run(options) -> Result.
_FILES = ("hot_page", "cold_page", "writing", "where", "overload", "parser", "memory", "start", "claims")
# Programs of their own that print tables: file, title, arguments of a whole run and of a quick one.
_PRINTED = (
    (
        "hot_votes",
        "Hot votes",
        ("--rounds", "2", "--seconds", "2"),
        ("--rounds", "1", "--seconds", "1", "--only", "votes"),
    ),
)


@dataclass(frozen=True)
class Part:
    """One measurement with its place in the document."""

    name: str
    title: str
    about: str
    run: Callable[[Options], Result]


def parts() -> dict[str, Part]:
    """All parts that are there, by name."""
    return {part.name: part for part in (*_of_files(), *_of_programs())}


def _of_files() -> Iterator[Part]:
    for name in _FILES:
        module = importlib.import_module(f"benchmarks.{name}")
        yield Part(name, module.TITLE, (module.__doc__ or "").strip(), module.run)


def _of_programs() -> Iterator[Part]:
    for name, title, whole, quick in _PRINTED:
        path = ROOT / "benchmarks" / f"{name}.py"
        if path.exists():
            about = (ast.get_docstring(ast.parse(path.read_text())) or "").strip()
            yield Part(name, title, about, _printing(name, whole, quick))


def _printing(name: str, whole: Sequence[str], quick: Sequence[str]) -> Callable[[Options], Result]:
    def run(options: Options) -> Result:
        command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), *(quick if options.quick else whole)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=3_600)
        return Result([], notes=[done.stdout.strip()])

    return run
