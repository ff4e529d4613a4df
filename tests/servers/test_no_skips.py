"""The plugin that turns skips into failures does so, in workers too, and leaves the rest alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_passes(): pass

@pytest.mark.skip(reason="no browser today")
def test_skipped(): pass

@pytest.fixture
def absent(): pytest.skip("no server today")

def test_skipped_by_a_fixture(absent): pass

@pytest.mark.xfail(strict=True, reason="known")
def test_expected_to_fail(): assert False
"""
ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    (folder / "test_some.py").write_text(TESTS)
    (folder / "test_module.py").write_text("import pytest\npytest.skip('not here', allow_module_level=True)\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skips", "--rootdir", str(folder), "-c", "/dev/null"]
    done = subprocess.run([*command, *arguments, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["alone", "in a worker"])
def test_a_skip_is_a_failure_that_says_why(tmp_path: Path, workers: list[str]) -> None:
    # A module that skips itself ends the run at once, as an error of collecting does; here the rest is to be seen too.
    code, said = run(tmp_path, "--no-skips", "--continue-on-collection-errors", *workers)
    assert code != 0
    for reason in ("no browser today", "no server today", "not here"):
        assert f"nothing may be left out here: Skipped: {reason}" in said.replace("\n", " ")
    assert "skipped" not in said.splitlines()[-1]


def test_without_the_option_a_skip_is_a_skip(tmp_path: Path) -> None:
    code, said = run(tmp_path)
    assert code == 0
    assert "1 passed, 3 skipped, 1 xfailed" in said
