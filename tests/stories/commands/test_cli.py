"""The command line, as an operator types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Each command is a process: some ten of them, while other tests take the processors.
pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).resolve().parents[3]
Parley = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def parley(tmp_path: Path) -> Parley:
    """`parley` with a data folder of its own."""

    def run(*args: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        return subprocess.run(
            [sys.executable, "-m", "service.cli", *args],
            cwd=tmp_path,
            env={**clean, "PARLEY_DATA_DIR": str(tmp_path / "var"), "PYTHONPATH": str(ROOT), "COLUMNS": "200", **env},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_from_nothing_to_a_site_with_a_moderator(parley: Parley) -> None:
    assert parley("migrate").returncode == 0
    assert parley("migrate").returncode == 0
    assert parley("site", "add", "courier", "https://courier.example", "--title", "The Courier").returncode == 0
    listed = json.loads(parley("site", "list", "--json").stdout)
    assert listed == [{"name": "courier", "title": "The Courier", "origins": ["https://courier.example"]}]
    assert parley("user", "add", "mona@courier.example", "--site", "courier", "--role", "owner").returncode == 0
    assert "owner" in parley("user", "list", "--site", "courier").stdout
    link = parley("user", "link", "mona@courier.example")
    assert link.stdout.startswith("http://127.0.0.1:8000/console/enter?token=")
    # A mail server's pipe: what is no mail of ours is no error, or it would be sent back.
    returned = parley("mail", "returned", "--recipient", "bounces+1-aaaaaaaaaaaaaaaa@here.test", stdin="No mail.\n")
    assert (returned.returncode, returned.stdout.strip()) == (0, "nothing"), returned.stderr


def test_settings_of_a_site_are_checked(parley: Parley) -> None:
    parley("migrate")
    parley("site", "add", "courier", "https://courier.example")
    assert parley("site", "set", "courier", "posting.edit_seconds", "600").returncode == 0
    assert json.loads(parley("site", "show", "courier").stdout)["posting"]["edit_seconds"] == 600
    assert parley("site", "set", "courier", "limits.post.address", '["3/m"]').returncode == 0
    for key, value, says in (
        ("posting.edit_seconds", "99999999", "edit_seconds"),
        ("posting.edit_secs", "1", "edit_seconds"),
        ("nonsense.x", "1", "sections are"),
        ("limits.post.address", '["often"]', "5/30s"),
        ("limits.post.address", "5/30s", "post.address"),
    ):
        failed = parley("site", "set", "courier", key, value)
        assert failed.returncode == 2, failed.stdout
        assert says in failed.stderr
        assert "Traceback" not in failed.stderr


@pytest.mark.parametrize(
    ("args", "env", "says"),
    [
        (["user", "link", "nobody@x.test"], {}, "nobody@x.test"),
        (["site", "add", "X Y", "https://x.test"], {}, "name"),
        (["site", "add", "xy", "not-an-origin"], {}, "origin"),
        (["site", "list"], {"PARLEY_DATABASE_URL": "mysql://x"}, "postgresql://"),
        (["site", "list"], {"PARLEY_TRUSTED_PROXIES": "0.0.0.0/0"}, "catch-all"),
        (["site", "list"], {"PARLEY_SECRET_KEY": "short"}, "32"),
        (["site", "list"], {"PARLEY_PUBLIC_URL": "comments.example.org"}, "origin"),
        (["worker"], {}, "PARLEY_REDIS_URL"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(parley: Parley, args: list[str], env: dict[str, str], says: str) -> None:
    parley("migrate")
    failed = parley(*args, **env)
    assert failed.returncode in {1, 2}
    assert says in failed.stderr
    assert "Traceback" not in failed.stderr


def test_doctor_tells_what_is_missing(parley: Parley) -> None:
    before = parley("doctor")
    assert "there is none yet" in before.stdout
    parley("migrate")
    parley("migrate", "base", "--down")
    found = parley("doctor", "--json")
    assert found.returncode == 1
    findings = {finding["about"]: finding for finding in json.loads(found.stdout)}
    assert findings["schema"]["verdict"] == "wrong"
    assert "parley migrate" in findings["schema"]["says"]
    away = parley("doctor", PARLEY_REDIS_URL="redis://127.0.0.1:1/0")
    assert away.returncode == 1
    assert "Redis" in away.stdout


def test_doctor_names_a_database_that_is_not_there(parley: Parley) -> None:
    found = parley(
        "doctor",
        PARLEY_DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/none",
        PARLEY_SECRET_KEY="x" * 40,
    )
    assert found.returncode == 1
    assert "database" in found.stdout
    assert "Traceback" not in found.stdout + found.stderr
