"""The directions between rooms hold, and their check finds what it is there to find."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def lint(folder: Path) -> tuple[int, str]:
    outside = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-P", "-c", LINT]
    done = subprocess.run(command, cwd=folder, env=outside, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    only_python = shutil.ignore_patterns("static", "__pycache__", "*.html")
    shutil.copytree(ROOT / "service", tmp_path / "service", ignore=only_python)
    shutil.copytree(ROOT / "tests" / "architecture", tmp_path / "tests" / "architecture", ignore=only_python)
    (tmp_path / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_they_hold(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("kit/clock.py", "import service.threads", "Rooms look down, never up or sideways BROKEN"),
        ("votes/ranks.py", "import service.moderation", "Rooms look down, never up or sideways BROKEN"),
        ("attic/__init__.py", "", "attic"),
        ("posting/post.py", "import fastapi", "FastAPI stays in web, in app and in each room's api BROKEN"),
        ("worker.py", "import service.posting.api", "Nobody but app imports endpoints BROKEN"),
        ("reading/page.py", "import service.comments.tables", "service.reading.page -> service.comments.tables"),
        ("reading/api.py", "import service.comments.tables", "service.reading.api -> service.comments.tables"),
    ],
)
def test_a_planted_violation_is_found(copy: Path, file: str, line: str, found: str) -> None:
    planted = copy / "service" / file
    planted.parent.mkdir(exist_ok=True)
    with planted.open("a") as end:
        end.write(f"\n{line}\n")
    code, said = lint(copy)
    assert code != 0
    assert found in said
