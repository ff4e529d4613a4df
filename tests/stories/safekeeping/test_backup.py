"""The machine burns down: what the backup holds is there again, on whichever database comes next."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select

from service import backup, identity, privacy, record, votes, worker
from service.app import create_app
from service.kit import migrate
from service.kit.db import Database
from service.kit.seal import Keeper
from service.tables import metadata
from service.web.parts import Parts, make_parts
from tests.conftest import ORIGIN, settings_of
from tests.servers.parley import SECRET, free_port, parley
from tests.servers.postgres import PostgresCluster
from tests.servers.redis import RedisServer
from tests.stories.privacy.searching import sightings
from tests.world import World, some_address

# Much is asked, one thing after the other, while other tests take the processors.
pytestmark = pytest.mark.timeout(300)

House = tuple[Parts, FastAPI, AsyncClient]
Houses = Callable[[str], AbstractAsyncContextManager[House]]


@pytest.fixture
def house(
    tmp_path_factory: pytest.TempPathFactory, postgres_of_run: PostgresCluster, redis_of_run: RedisServer
) -> Houses:
    """A whole installation, empty, on `sqlite` or `postgresql`."""

    @asynccontextmanager
    async def make(kind: str) -> AsyncIterator[House]:
        url = postgres_of_run.create_database() if kind == "postgresql" else None
        parts = make_parts(settings_of(tmp_path_factory.mktemp(kind), redis_of_run.url, url), worker.reactions)
        try:
            await migrate.upgrade(parts.db.engine)
            app = create_app(parts.settings, parts)
            transport = ASGITransport(app=app, client=(some_address(), 1))
            async with LifespanManager(app), AsyncClient(transport=transport, base_url=ORIGIN) as client:
                yield parts, app, client
        finally:
            await parts.close()

    return make


async def lived_in(world: World) -> dict[str, Any]:
    """Some days at a newspaper; what readers see of it."""
    ada, bob = world.guest("Ada"), world.guest("Bob")
    first = (await ada.post("Trams are **late** again. \N{SNOWMAN} \N{GRINNING FACE}", page="tram"))["comment"]
    reply = (await bob.post("Not on Sundays.", page="tram", parent=first["id"]))["comment"]
    gone = (await bob.post("Buy gold!", page="tram"))["comment"]
    await bob.vote(first["id"], 1)
    await ada.vote(reply["id"], -1)
    await ada.report(gone["id"])
    await ada.edit(first["id"], "Trams are late.")
    await votes.fold_waiting(world.parts.db)
    staff = await world.staff()
    decided = await staff.post(
        "/api/v1/moderation/decisions",
        json={"items": [{"comment": gone["id"], "version": 1}], "action": "remove", "reason": "spam"},
    )
    assert decided.status_code == 200, decided.text
    path = f"/api/v1/sites/{world.site.name}/imports"
    assert (await (await world.staff("owner")).post(path, content=b"<disqus>" + bytes(range(256)))).status_code == 201
    return {"page": await seen(world), "ada": ada, "comment": first["id"], "gone": gone["id"]}


async def seen(world: World) -> Any:
    """The thread as everybody sees it."""
    asked = {"site": world.site.name, "url": world.page("tram")}
    return (await world.client.get("/api/v1/threads", params=asked)).json()


async def rows(db: Database) -> dict[str, int]:
    """How many rows each table has."""
    async with db.engine.connect() as connection:
        return {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
        }


def lines(file: bytes) -> list[bytes]:
    return gzip.decompress(file).splitlines()


async def written(parts: Parts) -> bytes:
    made = io.BytesIO()
    await backup.dump(parts.db, parts.keeper, made)
    return made.getvalue()


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("old", "new"), [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")])
async def test_everything_is_there_again(house: Houses, tmp_path: Path, old: str, new: str) -> None:
    async with house(old) as home:
        burnt = await World.new(*home)
        before = await lived_in(burnt)
        file = put(tmp_path / "backup.jsonl.gz", await written(burnt.parts))
        # Acknowledged after the backup was made, so not in it.
        await burnt.guest("Eve").post("Too late.", page="tram")
    async with house(new) as home:
        built = World(*home, burnt.site)
        head, brought = await backup.restore(built.parts.db, built.parts.keeper, file, tmp_path / "erased")
        assert head.revision == migrate.head()
        counted = await rows(built.parts.db)
        assert {name: counted[name] for name in brought} == brought
        assert brought["comment"] == 3
        # As everybody sees it, to the last figure; what was removed stays removed.
        assert await seen(built) == before["page"]
        assert "gold" not in str(before["page"])
        # Who wrote it can still edit it, and moderators sign in anew: nobody's session came along.
        ada = built.guest("Ada")
        ada.token = before["ada"].token
        assert (await ada.edit(before["comment"], "Trams are never late.")).status_code == 200
        assert counted["session"] == 0
        # The chain of what was decided holds, and goes on.
        await (await built.staff()).post(
            "/api/v1/moderation/decisions",
            json={"items": [{"comment": before["gone"], "version": 2}], "action": "restore"},
        )
        for chain in await built.parts.db.read(record.chains):
            assert (await built.parts.db.read(record.verify, chain)).fault is None


async def test_there_and_back_is_the_same_file(house: Houses, tmp_path: Path) -> None:
    none = tmp_path / "none"
    async with house("sqlite") as first:
        await lived_in(await World.new(*first))
        one = await written(first[0])
    async with house("sqlite") as (parts, _, _):
        await backup.restore(parts.db, parts.keeper, put(tmp_path / "one.gz", one), none)
        two = await written(parts)
    # All but the head, which tells the time, and the end, which tells the sum.
    assert lines(one)[1:-1] == lines(two)[1:-1]


async def test_a_file_that_is_not_whole_changes_nothing(house: Houses, tmp_path: Path) -> None:
    none = tmp_path / "none"
    async with house("sqlite") as old:
        await lived_in(await World.new(*old))
        raw = await written(old[0])
    whole, file = lines(raw), put(tmp_path / "backup.gz", raw)
    changed = [line.replace(b"Not on Sundays", b"Not on Mondays") for line in whole]
    assert changed != whole
    other_form = [whole[0].replace(b'"format":1', b'"format":9'), *whole[1:]]
    broken = {
        "cut": raw[:-200],
        "cut at a line": gzip.compress(b"\n".join(whole[:-1]) + b"\n"),
        "changed": gzip.compress(b"\n".join(changed) + b"\n"),
        "a row less": gzip.compress(b"\n".join([*whole[:-2], whole[-1]]) + b"\n"),
        "form": gzip.compress(b"\n".join(other_form) + b"\n"),
        "something else": gzip.compress(b"[1, 2, 3]\n"),
        "no gzip": b"SQLite format 3",
        "nothing": b"",
    }
    async with house("sqlite") as (parts, _, _):
        for name, content in broken.items():
            with pytest.raises(backup.Damaged):
                await backup.restore(parts.db, parts.keeper, put(tmp_path / "broken.gz", content), none)
            assert not any((await rows(parts.db)).values()), name
        with pytest.raises(backup.OtherSecret):
            await backup.restore(parts.db, Keeper("another secret, of which nobody knows anything"), file, none)
        newer = put(tmp_path / "newer.gz", gzip.compress(b"".join(resummed(whole, "2099_01_01_0000"))))
        with pytest.raises(backup.TooNew):
            await backup.restore(parts.db, parts.keeper, newer, none)
        await backup.restore(parts.db, parts.keeper, file, none)
        with pytest.raises(backup.NotEmpty):
            await backup.restore(parts.db, parts.keeper, file, none)


@pytest.mark.parametrize(("old", "new"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
async def test_the_erased_stay_erased(house: Houses, tmp_path: Path, old: str, new: str) -> None:
    """She is in the backup, and was forgotten after it was made; then the database is lost, all but the list."""
    word, name = "cormorant-7f3a", "Hesperia-91c2"
    async with house(old) as home:
        burnt = await World.new(*home)
        she, bob = burnt.guest(name), burnt.guest("Bob")
        hers = (await she.post(f"{word} once", page="tram"))["comment"]["id"]
        answer = (await bob.post("Answer.", page="tram", parent=hers))["comment"]["id"]
        imported = await imported_author(burnt, name)
        file = put(tmp_path / "backup.jsonl.gz", await written(burnt.parts))
        assert word in gzip.decompress(file.read_bytes()).decode()
        for person in (int(str(she.token).split(".")[0]), imported):
            await burnt.parts.db.transact(privacy.ask, burnt.site, person, wait=timedelta())
        eraser = privacy.Eraser(burnt.parts.db, burnt.parts.keeper, burnt.parts.settings.erased_file)
        assert await eraser.work() == 2
        # What is carried over from the lost machine; it tells nothing to whoever finds it.
        kept = put(tmp_path / "erased", burnt.parts.settings.erased_file.read_bytes())
        assert stat.S_IMODE(burnt.parts.settings.erased_file.stat().st_mode) == 0o600
        told = kept.read_text()
        assert len(told.splitlines()) == 1 + 3  # by her id, and the other's by id and origin
        assert not [it for it in (name, "disqus", str(she.token).split(".")[0], str(imported)) if it in told]
    async with house(new) as home:
        built = World(*home, burnt.site)
        parts = built.parts
        other = Keeper("another secret, of which nobody knows anything")
        with pytest.raises(privacy.ListUnreadable):
            await backup.restore(parts.db, other, file, kept, secret_is_lost=True)
        assert not any((await rows(parts.db)).values())
        await backup.restore(parts.db, parts.keeper, file, kept)
        assert await sightings(parts, {"word": word, "name": name}) == []
        items = (await seen(built))["items"]
        assert [(item["id"], item["state"]) for item in items] == [(hers, "gone")]
        assert [item["id"] for item in items[0]["replies"]["items"]] == [answer]
        assert {each.state for each in await parts.db.read(privacy.of_site, built.site.id)} == {"done"}
        # The list goes on with the new house, and a backup of that one carries it.
        assert parts.settings.erased_file != kept
        await privacy.Eraser(parts.db, parts.keeper, parts.settings.erased_file).keep_list()
        assert set(kept.read_text().splitlines()) == set(parts.settings.erased_file.read_text().splitlines())


async def imported_author(world: World, name: str) -> int:
    """Somebody an import brought."""
    brought = [identity.Imported(f"disqus:user:{name.lower()}", name, datetime.now(UTC))]
    made = await world.parts.db.transact(identity.make_imported_many, world.site.id, brought)
    return next(iter(made.new))


def resummed(whole: list[bytes], revision: str) -> list[bytes]:
    """The same file as another version would have made it, with its sum."""
    body = [json.dumps(json.loads(whole[0]) | {"revision": revision}).encode(), *whole[1:-1]]
    total = hashlib.sha256(b"".join(line + b"\n" for line in body)).hexdigest()
    end = json.dumps(json.loads(whole[-1]) | {"sha256": total}).encode()
    return [line + b"\n" for line in (*body, end)]


def test_from_the_terminal_while_it_serves(tmp_path: Path) -> None:
    """A drill: back up under load, throw everything away but the secret, restore, serve."""
    env = {"PARLEY_SECRET_KEY": SECRET}

    def command(folder: Path, *args: str, expect: int = 0) -> str:
        with parley(*args, folder=folder, env=env) as process:
            assert process.popen.wait(90) == expect, process.output()
            return process.output()

    old, new = tmp_path / "old house", tmp_path / "new house"
    old.mkdir()
    new.mkdir()
    file = tmp_path / "backup.jsonl.gz"
    command(old, "migrate")
    command(old, "site", "add", "news", "https://news.test")
    port, page = free_port(), {"site": "news", "url": "https://news.test/article"}
    with parley("serve", folder=old, port=port, env=env) as server:
        made = httpx.post(
            f"{server.url}/api/v1/comments", json={**page, "body": "First.", "author": {"name": "Ada"}}, trust_env=False
        )
        assert made.status_code == 201, made.text
        assert "1 of them comments" in command(old, "backup", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".*.part"))
    assert "whole: made" in command(new, "restore", str(file), "--check")
    assert "1 of them comments" in command(new, "restore", str(file))
    assert "holds something already" in command(new, "restore", str(file), expect=1)
    with parley("serve", folder=new, port=port, env=env) as server:
        left = httpx.get(f"{server.url}/api/v1/threads", params=page, trust_env=False).json()
        assert [item["html"] for item in left["items"]] == ["<p>First.</p>"]
        told = command(new, "doctor")
        assert "wrong" not in told, told
