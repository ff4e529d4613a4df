"""An owner brings an export along in the browser: sends it, sees what it would bring, begins it, watches it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from service import identity, transfer
from service.kit import clock
from service.kit.db import Database
from service.transfer import bringing, uploads
from service.web.parts import Parts
from tests.stories.transfer.exports import Export, Shelf, small_batches
from tests.stories.transfer.foreign import FORMATS
from tests.world import World

FOR_A_WHILE = timedelta(minutes=2)


class Owner:
    """Somebody who owns a site, and what is imported into it."""

    def __init__(self, world: World, client: AsyncClient, shelf: Shelf) -> None:
        self.world, self.client, self.shelf = world, client, shelf
        self.path = f"/api/v1/sites/{world.site.name}/imports"
        self.email = _email(world)

    async def sends(self, content: bytes, expect: int = 201, **headers: str) -> dict[str, Any]:
        return await self._asks("POST", self.path, expect, content=content, headers=headers)

    async def sees(self, run: str) -> dict[str, Any]:
        return await self._asks("GET", f"{self.path}/{run}", 200)

    async def begins(self, run: str, expect: int = 202) -> dict[str, Any]:
        return await self._asks("POST", f"{self.path}/{run}/begin", expect)

    async def cancels(self, run: str) -> dict[str, Any]:
        return await self._asks("POST", f"{self.path}/{run}/cancel", 200)

    async def lists(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._asks("GET", self.path, 200))["items"]
        return found

    async def checked(self, content: bytes) -> dict[str, Any]:
        """Send a file and have it checked."""
        run = (await self.sends(content))["id"]
        await transfer.work(self.shelf.db)
        return await self.sees(run)

    async def acts_on_record(self) -> list[str]:
        answer = await self._asks("GET", "/api/v1/moderation/log", 200, params={"site": self.world.site.name})
        return [entry["action"] for entry in answer["items"] if entry["action"].startswith("import-")]

    async def _asks(self, method: str, path: str, expect: int, **more: Any) -> dict[str, Any]:
        response = await self.client.request(method, path, **more)
        assert response.status_code == expect, response.text
        answer: dict[str, Any] = response.json()
        return answer


@pytest.fixture
async def owner(world: World, db: Database, tmp_path: Path) -> Owner:
    return Owner(world, await world.staff("owner", _email(world)), Shelf(db, world.site, tmp_path))


def _email(world: World) -> str:
    return f"owner@{world.site.name}.test"


def an_export(posts: int = 12) -> Export:
    export = Export()
    export.thread()
    for number in range(1, posts + 1):
        export.post(str(number), parent=str(number - 1) if number > 1 and number % 3 else None)
    export.post("900", is_spam=True)
    return export


async def test_sent_checked_begun_and_there(owner: Owner) -> None:
    sent = await owner.sends(gzip.compress(an_export().xml()))
    assert (sent["state"], sent["plan"], sent["report"]) == ("checking", None, None)
    await transfer.work(owner.shelf.db)
    ready = await owner.sees(sent["id"])
    assert (ready["state"], ready["total"], ready["done"]) == ("ready", 12, 0)
    assert (ready["plan"]["comments"], ready["plan"]["unchanged"], ready["plan"]["posts_read"]) == (12, 0, 13)
    assert ready["plan"]["posts_left_out"][0]["words"] == "marked as spam"
    assert await owner.shelf.find("https://news.test/article") is None  # nothing is here yet

    assert (await owner.begins(sent["id"]))["state"] == "waiting"
    await transfer.work(owner.shelf.db)
    done = await owner.sees(sent["id"])
    assert (done["state"], done["done"], done["report"]["comments"]) == ("done", 12, 12)
    assert (done["report"]["people"], done["report"]["pages"], done["by"]) == (1, 1, "Owner")
    assert len(await owner.shelf.shown()) == 12
    await owner.shelf.assert_counters_true()

    before = await owner.shelf.rows()
    again = await owner.checked(an_export().xml())
    assert (again["plan"]["comments"], again["plan"]["unchanged"], again["plan"]["changed"]) == (0, 12, False)
    await owner.begins(again["id"])
    await transfer.work(owner.shelf.db)
    assert not (await owner.sees(again["id"]))["report"]["changed"]
    assert await owner.shelf.rows() == before
    assert await owner.acts_on_record() == ["import-ended", "import-begun", "import-uploaded"] * 2
    # What the terminal imports is in the same list.
    await owner.shelf.bring(an_export())
    assert [run["by"] for run in await owner.lists()] == [None, "Owner", "Owner"]


async def test_a_killed_worker_is_followed_by_one_that_goes_on(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch, 10)
    run = (await owner.checked(an_export(200).xml()))["id"]
    await owner.begins(run)
    reached = asyncio.Event()
    bring = bringing._bring

    async def slow(*args: Any, **kwargs: Any) -> Any:
        if len(calls) == 5:
            reached.set()
            await asyncio.Event().wait()
        calls.append(1)
        return await bring(*args, **kwargs)

    calls: list[int] = []
    monkeypatch.setattr(bringing, "_bring", slow)
    dies = asyncio.create_task(transfer.work(owner.shelf.db))
    await asyncio.wait_for(reached.wait(), 20)
    dies.cancel()
    await asyncio.gather(dies, return_exceptions=True)
    monkeypatch.setattr(bringing, "_bring", bring)

    left = await owner.sees(run)
    assert (left["state"], left["done"], left["report"]["comments"]) == ("running", 50, 50)
    assert await transfer.work(owner.shelf.db) == 0  # it may be alive: its lease has not ended
    with clock.frozen() as hands:
        hands.advance(FOR_A_WHILE)
        assert await transfer.work(owner.shelf.db) == 1
    done = await owner.sees(run)
    assert (done["state"], done["report"]["comments"], done["report"]["unchanged"]) == ("done", 200, 0)
    assert len(await owner.shelf.shown()) == 200
    await owner.shelf.assert_counters_true()


async def test_who_cancels_keeps_what_came_and_may_send_it_again(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch, 10)
    run = (await owner.checked(an_export(100).xml()))["id"]
    await owner.begins(run)
    bring = bringing._bring

    async def cancelled_at_the_third(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return await bring(*args, **kwargs)

    calls: list[int] = []
    monkeypatch.setattr(bringing, "_bring", cancelled_at_the_third)
    write = owner.shelf.db.transact

    async def transact(act: Any, *args: Any, **kwargs: Any) -> Any:
        if len(calls) == 3 and act is bringing._batch:
            await owner.cancels(run)
        return await write(act, *args, **kwargs)

    monkeypatch.setattr(owner.shelf.db, "transact", transact)
    await transfer.work(owner.shelf.db)
    stopped = await owner.sees(run)
    assert (stopped["state"], stopped["done"]) == ("cancelled", 30)
    assert len(await owner.shelf.shown()) == 30
    assert (await owner.begins(run, 409))["state"] == "cancelled"
    again = await owner.checked(an_export(100).xml())
    assert (again["plan"]["comments"], again["plan"]["unchanged"]) == (70, 30)
    await owner.shelf.assert_counters_true()


async def test_what_is_no_export_is_told_by_its_place(owner: Owner) -> None:
    for content in (b"", b"%PDF-1.7", b"<!doctype html><html>", gzip.compress(b'{"a": 1}'), b"\x1f\x8bnot gzip"):
        problem = await owner.sends(content, 422)
        assert (problem["type"], problem["field"]) == ("/errors#wrong-file", "file"), content
    whole = an_export().xml()
    cut = await owner.checked(whole[: len(whole) // 2])
    assert (cut["state"], cut["problem"]["type"]) == ("refused", "/errors#file-cut-short")
    broken = await owner.checked(whole.replace(b"</post>", b"</oops>", 1))
    assert broken["problem"]["type"] == "/errors#not-xml"
    assert broken["problem"]["line"] == 5
    assert (await owner.begins(broken["id"], 409))["type"] == "/errors#import-not-ready"


async def test_uploads_are_bounded_and_one_at_a_time(owner: Owner, parts: Parts) -> None:
    most = str(parts.settings.import_max_bytes + 1)
    assert (await owner.sends(b"<", 413, **{"content-length": most}))["type"] == "/errors#too-large"
    # The limit of everything else is far below what a file may have.
    large = Export()
    large.thread()
    large.post("1", message="<p>Words</p>" * 20_000)
    assert len(large.xml()) > parts.settings.max_body_bytes
    first = await owner.sends(large.xml())
    assert (first["bytes"], first["state"]) == (len(large.xml()), "checking")
    busy = await owner.sends(an_export().xml(), 409)
    assert (busy["type"], busy["run"]) == ("/errors#import-under-way", first["id"])
    await owner.cancels(first["id"])

    async def breaks_off() -> AsyncIterator[bytes]:
        yield an_export().xml()[:200]
        raise OSError("the train went into a tunnel")

    account = await parts.db.read(identity.account_by_email, owner.email)
    assert account is not None
    with pytest.raises(OSError, match="tunnel"):
        await uploads.take_in(
            parts.db, owner.world.site, account.id, breaks_off(), source="disqus", file_name="export.xml"
        )
    # Nothing of it is left that would be in the way.
    assert [run["state"] for run in await owner.lists()] == ["cancelled"]
    assert (await owner.sends(an_export().xml()))["state"] == "checking"


async def test_a_file_nobody_begins_is_deleted(owner: Owner) -> None:
    ready = await owner.checked(an_export().xml())
    for hours, state in ((23, "ready"), (25, "expired")):
        with clock.frozen() as hands:
            hands.advance(timedelta(hours=hours))
            # Of this floor's other stories as well, in batches.
            while await owner.shelf.db.transact(transfer.forget_files):
                pass
        seen = await owner.sees(ready["id"])
        assert (seen["state"], seen["plan"]["comments"]) == (state, 12)
    await owner.begins(ready["id"], 409)


async def test_other_formats_rules_and_taking_back(owner: Owner) -> None:
    export = Export()
    export.thread(link="http://localhost:4000/article")
    export.post("1")
    ready = await owner.checked(export.xml())
    assert ready["plan"]["foreign_hosts"] == [{"host": "localhost:4000", "pages": 1, "comments": 1}]
    path = f"{owner.path}/{ready['id']}"
    bad = await owner._asks("POST", f"{path}/check", 422, json={"moves": ["nonsense"]})
    assert (bad["type"], bad["field"]) == ("/errors#bad-move", "moves")
    again = await owner._asks("POST", f"{path}/check", 202, json={"moves": ["localhost:4000 -> https://news.test\n"]})
    assert (again["state"], again["moves"]) == ("checking", ["localhost:4000 -> https://news.test"])
    await transfer.work(owner.shelf.db)
    assert (await owner.sees(ready["id"]))["plan"]["foreign_hosts"] == []
    await owner._asks("POST", f"{path}/undo", 409)
    await owner.begins(ready["id"])
    await transfer.work(owner.shelf.db)
    assert list(await owner.shelf.shown()) == ["1"]
    assert (await owner.sees(ready["id"]))["can_undo"]

    begun = await owner._asks("POST", f"{path}/undo", 202)
    assert (begun["state"], begun["total"], begun["can_undo"]) == ("undoing", 1, False)
    assert (await owner.sends(export.xml(), 409))["type"] == "/errors#import-under-way"
    assert await transfer.work(owner.shelf.db) == 1
    assert (await owner.sees(ready["id"]))["state"] == "undone"
    assert (await owner.shelf.rows())["comment"] == []
    assert (await owner._asks("POST", f"{path}/undo", 409))["type"] == "/errors#import-not-done"
    assert (await owner.acts_on_record())[:2] == ["import-undone", "import-undo-begun"]

    sent = await owner.checked(FORMATS["remark42"].make())
    assert (sent["source"], sent["plan"]["comments"], sent["plan"]["tombstones"]) == ("remark42", 3, 1)
    await owner.cancels(sent["id"])
    wrong = await owner._asks("POST", owner.path, 422, params={"source": "isso"}, content=export.xml())
    assert "an export of Disqus, and not of Isso" in wrong["detail"]
