"""All checks that run no test: format, lint, types, directions, migrations, documents, embed, containers, shell.

They run side by side; each says whether it is well, and what it found when it is not.
"""

from __future__ import annotations

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import audit
import embed
import environment

_BIN = environment.VENV / "bin"
_LONGEST = 60  # lines of what one check says
SHELL_SCRIPTS = ["scripts/python", ".ci/run"]


@dataclass(frozen=True)
class Outcome:
    """What became of one check."""

    name: str
    is_well: bool
    seconds: float
    said: str
    is_told: bool = False  # well, and there is something that whoever runs this has to know


# The longest first: two run at a time.
CHECKS: dict[str, list[str]] = {
    "types": ["mypy"],
    "embed: types, lint, tests": ["python", "scripts/embed.py", "check"],
    "directions between rooms": ["lint-imports", "--cache-dir", ".import_linter_cache"],
    "migrations equal tables": ["python", "scripts/check_migrations.py"],
    "documents are true": ["python", "scripts/write_docs.py", "--check"],
    "lint": ["ruff", "check", "--output-format", "concise", "."],
    "format": ["ruff", "format", "--check", "--output-format", "concise", "."],
    "Dockerfile": ["hadolint", "--failure-threshold", "style", "Dockerfile"],
    "compose.yaml": ["compose-lint", "check", "compose.yaml"],
    "no secrets in the repository": ["python", "scripts/check_secrets.py"],
    "known vulnerabilities are asked for": ["python", "scripts/audit.py"],
    "shell scripts": ["shellcheck", *SHELL_SCRIPTS],
}


def main() -> int:
    """Run all; 1 when one of them found something."""
    environment.ensure("dev")
    embed.build()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        outcomes = list(workers.map(lambda check: _look(*check), CHECKS.items()))
    for outcome in outcomes:
        mark = ("note" if outcome.is_told else "ok  ") if outcome.is_well else "FAIL"
        name = f"{outcome.name}, and not all was answered" if outcome.is_told else outcome.name
        print(f"{mark} {name} ({outcome.seconds:.1f} s)")
        if outcome.is_told or not outcome.is_well:
            print("\n".join(f"     {line}" for line in _shortened(outcome.said.strip().splitlines())))
    return 0 if all(outcome.is_well for outcome in outcomes) else 1


def _shortened(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _LONGEST else [*lines[:_LONGEST], f"… and {len(lines) - _LONGEST} lines more"]


def _look(name: str, command: list[str]) -> Outcome:
    """Run one. A check that could not ask whom it asks is not at fault, and is not well in silence either."""
    start = time.monotonic()
    program, *arguments = command
    try:
        done = subprocess.run(
            [str(_BIN / program), *arguments],
            cwd=environment.ROOT,
            env=os.environ | {"PYTHONPATH": str(environment.ROOT), "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        missing = f"{program} is not in .venv: is it in requirements-dev.lock?"
        return Outcome(name, is_well=False, seconds=0, said=missing)
    is_told = done.returncode == audit.NOT_ASKED
    return Outcome(name, done.returncode == 0 or is_told, time.monotonic() - start, done.stdout, is_told)


if __name__ == "__main__":
    raise SystemExit(main())
