"""`parley thread` and `parley site history`, as an operator types them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from service import sites, threads
from service.cli import app_for
from service.kit.db import Database, WriteTx
from service.kit.settings import Settings

NEWS = "https://courier.example"
Parley = Callable[..., Result]


@pytest.fixture
def parley(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parley:
    """`parley` with a data folder of its own, in this process: a new one for each of twenty commands takes a minute."""
    monkeypatch.setenv("PARLEY_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*args: str) -> Result:
        return CliRunner().invoke(app_for(args[0]), args)

    return run


def _begin_discussions(folder: Path, *paths: str) -> None:
    async def open_all(tx: WriteTx) -> None:
        site = await sites.by_name(tx, "courier")
        for path in paths:
            await threads.open_thread(tx, site, threads.canonical(f"{NEWS}/{path}"), None, f"Title of {path}")

    async def act() -> None:
        db = Database(Settings(_env_file=None, data_dir=folder / "var"))
        await db.transact(open_all)
        await db.close()

    asyncio.run(act())


def test_discussions_are_tidied_up(parley: Parley, tmp_path: Path) -> None:
    parley("migrate")
    parley("site", "add", "courier", NEWS)
    _begin_discussions(tmp_path, "blog/1", "blog/2", "about")
    at = ("--site", "courier")

    def listed(*words: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(parley("thread", "list", *at, "--json", *words).stdout)
        return found

    assert len(listed()) == 3
    (about,) = listed("TITLE about")
    assert parley("thread", "close", *at, about["id"]).exit_code == 0
    assert listed("--state", "closed") == [{**about, "state": "closed"}]
    assert parley("thread", "move", *at, f"{NEWS}/about", f"{NEWS}/contact").exit_code == 0
    taken = parley("thread", "move", *at, f"{NEWS}/about", f"{NEWS}/blog/1")
    assert (taken.exit_code, "Merge the two instead" in taken.stderr) == (1, True), taken.stderr

    asked = ("thread", "remap", *at, "--rule", "prefix", "--from", f"{NEWS}/blog/", "--to", f"{NEWS}/a/")
    shown = parley(*asked)
    assert (shown.exit_code, "moves 2" in shown.stdout, f"{NEWS}/a/1" in shown.stdout) == (1, True, True), shown.stdout
    job = json.loads(parley(*asked, "--yes", "--json").stdout)
    assert (job["state"], job["done"]) == ("done", 2)
    assert {it["url"] for it in listed("blog")} == {f"{NEWS}/a/1", f"{NEWS}/a/2"}, "found by title"
    assert json.loads(parley("thread", "undo", *at, job["id"], "--json").stdout)["state"] == "undone"

    merged = json.loads(parley("thread", "merge", *at, f"{NEWS}/blog/1", f"{NEWS}/blog/2", "--yes", "--json").stdout)
    assert merged["state"] == "done"
    assert len(listed()) == 2
    purged = parley("thread", "purge", *at, f"{NEWS}/blog/1", "--confirm", f"{NEWS}/blog/2", "--json")
    assert json.loads(purged.stdout)["state"] == "done", purged.stderr
    assert [it["title"] for it in listed()] == ["Title of about"]
    kinds = [job["kind"] for job in json.loads(parley("thread", "jobs", *at, "--json").stdout)]
    assert kinds == ["purge", "merge", "remap", "remap"]


def test_a_change_of_settings_is_taken_back(parley: Parley) -> None:
    parley("migrate")
    parley("site", "add", "courier", NEWS)
    parley("site", "set", "courier", "posting.edit_seconds", "60")
    (change,) = json.loads(parley("site", "history", "courier", "--json").stdout)
    assert (change["by"], change["after"]) == ("terminal:0", {"edit_seconds": 60})
    assert parley("site", "undo", "courier", str(change["number"])).exit_code == 0
    assert json.loads(parley("site", "show", "courier").stdout)["posting"]["edit_seconds"] == 900
    again = parley("site", "undo", "courier", str(change["number"]))
    assert (again.exit_code, "changed again since" in again.stderr) == (1, True), again.stderr
