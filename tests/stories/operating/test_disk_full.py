"""The database finds no room: pages are read, who writes is told so and keeps the text, and with room it goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from service.kit.db import Database
from tests.stories.operating.test_metrics import read, scraped
from tests.world import World

_NO_ROOM = """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"""
_ASKED = "CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {} EXECUTE FUNCTION no_room()"


@asynccontextmanager
async def full(db: Database, table: str = "comment") -> AsyncIterator[None]:
    """SQLite may not add a page; PostgreSQL says, of one table, what it says when it cannot."""
    if db.is_sqlite:
        # Kept by the one connection that writes. Free pages would be room.
        await db.scrub()
        async with db.engine.connect() as connection:
            (pages,) = (await connection.execute(text("PRAGMA page_count"))).one()
            await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    else:
        await _run(db, _NO_ROOM, _ASKED.format(table))
    try:
        yield
    finally:
        if db.is_sqlite:
            async with db.engine.connect() as connection:
                await connection.execute(text("PRAGMA max_page_count = 1073741823"))
        else:
            await _run(db, f"DROP TRIGGER no_room ON {table}", "DROP FUNCTION no_room()")
        db._full_until = 0.0  # some seconds later: it is not believed at once


async def _run(db: Database, *statements: str) -> None:
    async with db.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def test_pages_are_read_and_who_posts_is_told_and_keeps_the_text(world: World) -> None:
    ada, db = world.guest("Ada"), world.parts.db
    made = await ada.post("Taken before.")
    async with full(db):
        refused = await ada.try_post("x" * 4_500, key="kept-by-its-reader")
        assert (refused.status_code, refused.json()["type"]) == (503, "/errors#storage-full"), refused.text
        assert int(refused.headers["retry-after"]) > 0
        assert "Your text is kept" in refused.json()["detail"]
        assert (await world.read("article", sort="oldest"))["items"][0]["id"] == made["comment"]["id"]
        ready = await world.client.get("/readyz")
        assert (ready.status_code, ready.json()["degraded"]) == (200, ["storage"])
        assert (await world.client.get("/livez")).status_code == 200
        assert read(await scraped(world), "parley_away", part="storage") == 1
    # The same key again, as the frame does by itself.
    kept = await ada.post("x" * 4_500, key="kept-by-its-reader")
    assert kept["status"] == "published"
    assert (await world.client.get("/readyz")).json() == {"status": "ready", "degraded": []}
    assert (await world.read())["thread"]["comment_count"] == 2
