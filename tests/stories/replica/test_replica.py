"""Public pages from a replica: never older than what is known, and there when the replica is not."""

from __future__ import annotations

import asyncio
from typing import Self

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from service import sites
from service.commands.doctor import examine
from service.kit.db import Database, ReadTx
from service.kit.settings import Settings
from service.posting import PostingRules
from tests.servers.postgres import Pair
from tests.servers.waiting import eventually
from tests.stories.replica.conftest import Process, Replaying
from tests.world import World


class Asked:
    """Counts the statements each server is asked by one process."""

    def __init__(self, process: Process) -> None:
        db = process.parts.db
        assert db.replica
        self.primary = self.replica = 0
        self._listeners = [
            (db.engine, lambda *_: self._count("primary")),
            (db.replica.engine, lambda *_: self._count("replica")),
        ]

    def _count(self, which: str) -> None:
        setattr(self, which, getattr(self, which) + 1)

    def __enter__(self) -> Self:
        for engine, listener in self._listeners:
            event.listen(_sync(engine), "before_cursor_execute", listener)
        return self

    def __exit__(self, *_: object) -> None:
        for engine, listener in self._listeners:
            event.remove(_sync(engine), "before_cursor_execute", listener)


def _sync(engine: AsyncEngine) -> object:
    return engine.sync_engine


async def _believed(process: Process, replaying: Replaying) -> None:
    """Wait until the process would believe the replica about everything."""
    await replaying.catch_up()
    replica = process.parts.db.replica
    assert replica
    horizon = replica.horizon
    await eventually(lambda: horizon._any_pending is None and not horizon._pending, "the primary's position")
    await replaying.catch_up()


async def test_public_pages_come_from_the_replica_and_ones_own_from_the_primary(
    world: World, one: Process, replaying: Replaying
) -> None:
    ada = world.guest("Ada")
    posted = (await ada.post("Read me"))["comment"]
    await _believed(one, replaying)
    site, url, thread = world.site.name, world.page("article"), posted["thread"]
    for path, params in (
        ("/api/v1/threads", {"site": site, "url": url}),
        ("/embed", {"site": site, "url": url}),
        (f"/api/v1/threads/{thread}/comments", {}),
        ("/embed/comments", {"thread": thread}),
        (f"/api/v1/comments/{posted['id']}", {}),
        ("/api/v1/counts", {"site": site, "url": url}),
    ):
        with Asked(one) as asked:
            response = await one.client.get(path, params=params)
        assert response.status_code == 200, response.text
        assert asked.replica > 0, path
        assert asked.primary <= 2, path  # the watcher's own question may fall in between
    with Asked(one) as asked:
        await ada.client.get(f"/api/v1/threads/{thread}/viewer", headers=ada.headers)
    assert (asked.replica, asked.primary > 2) == (0, True)


async def test_what_was_posted_shows_at_once_though_the_replica_has_not_heard_of_it(
    world: World, one: Process, replaying: Replaying
) -> None:
    ada = world.guest("Ada")
    first = (await ada.post("Before"))["comment"]
    await _believed(one, replaying)
    assert await one.texts(world) == ["<p>Before</p>"]
    await replaying.pause()
    await ada.edit(first["id"], "Edited")
    second = (await ada.post("After"))["comment"]
    for _ in range(3):  # drawn, kept, and drawn again
        assert await one.texts(world) == ["<p>Edited</p>", "<p>After</p>"]
        one.parts.pages.clear()
    assert (await one.client.get(f"/api/v1/comments/{second['id']}")).status_code == 200
    staff = await world.staff()
    await staff.post(
        "/api/v1/moderation/decisions",
        json={"items": [{"comment": second["id"], "version": 1}], "action": "remove"},
    )
    assert await one.texts(world) == ["<p>Edited</p>"]


async def test_another_process_does_not_redraw_what_changed_from_the_replica(
    world: World, one: Process, two: Process, replaying: Replaying
) -> None:
    ada = world.guest("Ada")
    await ada.post("Before")
    await _believed(two, replaying)
    assert await two.texts(world) == ["<p>Before</p>"]
    await replaying.pause()
    await ada.post("After")
    async with asyncio.timeout(5):  # the message arrives
        while len(await two.texts(world)) != 2:  # noqa: ASYNC110  # as a reader would
            await asyncio.sleep(0.01)
    for _ in range(20):  # and once it has, no redraw goes back behind it
        two.parts.pages.clear()
        assert await two.texts(world) == ["<p>Before</p>", "<p>After</p>"]


async def test_pages_that_did_not_change_stay_with_the_replica(
    world: World, one: Process, replaying: Replaying
) -> None:
    await world.guest().post("Quiet")
    await _believed(one, replaying)
    await replaying.pause()
    await world.guest().post("Busy", page="elsewhere")
    one.parts.pages.clear()
    with Asked(one) as asked:
        assert await one.texts(world) == ["<p>Quiet</p>"]
    assert asked.replica > 0
    assert asked.primary <= 2


async def test_a_replica_that_lags_too_far_is_not_asked_about_anything(
    settings: Settings, world: World, one: Process, replaying: Replaying
) -> None:
    await world.guest().post("Quiet")
    await _believed(one, replaying)
    replica = one.parts.db.replica
    assert replica
    replica.horizon._most_lag = 0.5
    await replaying.pause()
    # Something that no message tells of: a statement by hand.
    unheard = Database(settings)

    async def by_hand(tx: ReadTx) -> None:
        by_name = text("UPDATE site SET title = 'by hand' WHERE name = :name").bindparams(name=world.site.name)
        await tx.exec(by_name)  # type: ignore[call-overload]  # raw SQL

    await unheard.transact(by_hand)
    await unheard.close()

    async def title() -> str:
        one.parts.pages.clear()
        found = await one.parts.db.read_public(sites.by_name, world.site.name)
        return found.title

    async with asyncio.timeout(10):
        while await title() != "by hand":  # noqa: ASYNC110  # as a reader would
            await asyncio.sleep(0.05)


async def test_without_the_replica_readers_notice_nothing(world: World, one: Process, pair: Pair) -> None:
    await world.guest().post("Read me")
    pair.replica.stop()
    try:
        for _ in range(20):
            one.parts.pages.clear()
            assert await one.texts(world) == ["<p>Read me</p>"]
        assert one.parts.db.replica
        assert one.parts.db.replica.is_resting
    finally:
        pair.replica.start()

    async with asyncio.timeout(20):  # and it is used again
        while one.parts.db.replica.is_resting:
            one.parts.pages.clear()
            assert await one.texts(world) == ["<p>Read me</p>"]
            await asyncio.sleep(0.1)


async def test_a_change_of_settings_shows_at_once_everywhere(
    world: World, one: Process, two: Process, replaying: Replaying
) -> None:
    await world.guest().post("Read me")
    await _believed(two, replaying)
    params = {"site": world.site.name, "url": world.page("article")}

    async def state(process: Process) -> str:
        return str((await process.client.get("/api/v1/threads", params=params)).json()["thread"]["state"])

    assert {await state(one), await state(two)} == {"open"}
    await replaying.pause()
    await one.parts.db.transact(sites.configure, world.site.id, section="posting", values=PostingRules(closed=True))
    assert await state(one) == "closed"
    async with asyncio.timeout(5):
        while await state(two) != "closed":  # noqa: ASYNC110  # as a reader would
            await asyncio.sleep(0.01)


async def test_doctor_looks_at_the_replica(settings: Settings, pair: Pair) -> None:
    async def says(chosen: Settings) -> list[tuple[str, str]]:
        return [(f.verdict, f.says) for f in await examine(chosen) if f.about == "replica"]

    ((verdict, said),) = await says(settings)
    assert verdict == "ok"
    assert "behind" in said
    itself = settings.model_copy(update={"read_database_url": settings.database_url})
    ((verdict, said),) = await says(itself)
    assert (verdict, "not a replica" in said) == ("warning", True)
    nowhere = settings.model_copy(update={"read_database_url": "postgresql+asyncpg://x@127.0.0.1:1/x"})
    ((verdict, said),) = await says(nowhere)
    assert (verdict, "does not answer" in said) == ("wrong", True)


async def test_without_the_primary_what_is_known_can_still_be_read(
    world: World, one: Process, pair: Pair, replaying: Replaying
) -> None:
    ada = world.guest("Ada")
    await ada.post("Quiet")
    busy = {"site": world.site.name, "url": world.page("busy")}
    await ada.post("Before", page="busy")
    await _believed(one, replaying)
    await replaying.pause()
    await ada.post("After", page="busy")
    pair.primary.stop()
    try:
        one.parts.pages.clear()
        assert await one.texts(world) == ["<p>Quiet</p>"]
        # The replica knows an older page, and this process knows that it is older.
        assert (await one.client.get("/api/v1/threads", params=busy)).status_code == 503
        assert (await ada.try_post("Nowhere to go")).status_code == 503
        ready = await one.client.get("/readyz")
        assert (ready.status_code, ready.json()["degraded"]) == (200, ["database"])
    finally:
        pair.primary.start()
    await replaying.resume()
    async with asyncio.timeout(20):
        while (await ada.try_post("Somewhere to go")).status_code != 201:  # noqa: ASYNC110  # as a reader would
            await asyncio.sleep(0.1)
    assert (await one.client.get("/readyz")).json() == {"status": "ready", "degraded": []}
