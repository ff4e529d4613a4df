"""`parley import disqus`, as a publisher types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stories.transfer.exports import Export

ROOT = Path(__file__).resolve().parents[3]
Parley = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def parley(tmp_path: Path) -> Parley:
    """`parley` with a data folder of its own and a site called `news`."""

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        return subprocess.run(
            [sys.executable, "-m", "service.cli", *args],
            cwd=tmp_path,
            env={**clean, "PARLEY_DATA_DIR": str(tmp_path / "var"), "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert run("migrate").returncode == 0
    assert run("site", "add", "news", "https://news.test").returncode == 0
    return run


def test_it_ends_with_a_counted_report(parley: Parley, tmp_path: Path) -> None:
    export = Export()
    export.thread()
    export.thread("2", link="http://localhost:4000/draft")
    export.post("1")
    export.post("2", is_spam=True)
    export.post("3", thread="2")
    path = tmp_path / "export.xml"
    path.write_bytes(export.xml())
    first = parley("import", "disqus", str(path), "--site", "news")
    assert first.returncode == 0, first.stderr
    assert "read       3 comments in 2 threads" in first.stdout
    assert "imported   2 comments and 0 tombstones" in first.stdout
    assert "1 marked as spam (2 in line 7)" in first.stdout
    assert "localhost:4000: 1 comment on 1 page" in first.stdout
    second = json.loads(parley("import", "disqus", str(path), "--site", "news", "--json").stdout)
    assert (second["changed"], second["unchanged"], second["comments"]) == (False, 2, 0)
    assert second["posts_left_out"] == [{"kind": "spam", "count": 1, "examples": ["2 in line 7"]}]


def test_what_is_wrong_is_said_without_a_traceback(parley: Parley, tmp_path: Path) -> None:
    export = Export()
    export.thread()
    export.post("1")
    path = tmp_path / "cut.xml"
    path.write_bytes(export.xml()[:-30])
    failed = parley("import", "disqus", str(path), "--site", "news")
    assert failed.returncode == 1
    assert "Line 5, column" in failed.stderr
    assert "ends in the middle" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert parley("import", "disqus", str(path), "--site", "nobody").returncode == 1
    assert parley("import", "disqus", str(tmp_path / "none.xml"), "--site", "news").returncode == 2
