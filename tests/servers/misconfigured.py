"""Runs `parley` with one wrong configuration after the other: `[[command, {variable: value}], …]`.

Reads them from standard input and writes what each ended with: `[exit code, what it said]`. Each runs in a child that
has everything imported already; one that is content with its configuration is killed.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from service.cli import main

_SECONDS = 20


def tried(command: list[str], variables: dict[str, str], said: Path) -> tuple[int | None, str]:
    """What becomes of a command: its exit code (None: it goes on as if all were well), and what it said."""
    child = multiprocessing.get_context("fork").Process(target=_run, args=(command, variables, said))
    child.start()
    child.join(_SECONDS)
    code = child.exitcode
    child.kill()
    child.join()
    return code, said.read_text()


def _run(command: list[str], variables: dict[str, str], said: Path) -> None:
    os.environ.update(variables, COLUMNS="200")
    sys.argv = ["parley", *command]
    with said.open("w") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
    main()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        asked = json.load(sys.stdin)
        ended = [
            tried(command, variables, Path(folder) / str(number)) for number, (command, variables) in enumerate(asked)
        ]
    print(json.dumps(ended))  # noqa: T201
