"""A disk is full while somebody sends an export: they are told so plainly, and nothing half of it is left."""

from __future__ import annotations

import errno
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest

from service import transfer
from service.kit.db import Database
from service.transfer import uploads
from service.transfer.staging import Staging
from tests.stories.operating.test_disk_full import full
from tests.stories.transfer.test_uploads import Owner, an_export, owner

__all__ = ["owner"]


async def test_the_database_has_none_for_the_file(owner: Owner, db: Database) -> None:
    large = an_export()
    large.post("1000", message="<p>Words</p>" * 150_000)
    async with full(db, table="import_piece"):
        refused = await owner.sends(large.xml(), 503)
        assert refused["type"] == "/errors#storage-full"
        assert await owner.lists() == []
    sent = await owner.sends(large.xml())
    assert sent["state"] == "checking"
    await owner.cancels(sent["id"])


@pytest.mark.parametrize("where", ["file", "staging"])
async def test_the_worker_has_none_for_its_temporary_files(
    owner: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    sent = await owner.sends(an_export(400).xml())
    with monkeypatch.context() as narrow:
        _fill(narrow, where)
        await transfer.work(owner.shelf.db)
    told = await owner.sees(sent["id"])
    assert (told["state"], told["problem"]["type"]) == ("refused", "/errors#no-room"), told
    assert "TMPDIR" in told["problem"]["detail"]
    assert list(place.iterdir()) == []
    assert await owner.shelf.find("https://news.test/article") is None
    # Nothing of it is in the way of the next try.
    assert (await owner.checked(an_export().xml()))["state"] == "ready"


def _fill(narrow: pytest.MonkeyPatch, where: str) -> None:
    if where == "file":

        def no_room(*_: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        narrow.setattr(uploads, "_append", no_room)
        return
    begins = Staging.__init__

    def narrowed(self: Staging) -> None:
        begins(self)
        assert isinstance(self.db, sqlite3.Connection)
        self.db.execute("PRAGMA max_page_count = 30")

    narrow.setattr(Staging, "__init__", narrowed)
