"""A site is remembered for two seconds, and not longer than it is true where its change is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from service import sites
from service.kit.db import Database
from service.posting import PostingRules
from service.sites import Directory
from service.sites.directory import LIFE
from tests.conftest import Floor
from tests.stories.reading.statements import Statements
from tests.world import World


@pytest.fixture
async def elsewhere(floor: Floor) -> AsyncIterator[Database]:
    """A process of its own, such as a command, of whose changes nobody is told."""
    db = Database(floor.settings)
    yield db
    await db.close()


async def _close(db: Database, world: World) -> None:
    await db.transact(sites.configure, world.site.id, section="posting", values=PostingRules(closed=True))


async def test_a_site_that_is_known_is_not_asked_for_again(world: World) -> None:
    first = await world.parts.sites.by_name(world.site.name)
    with Statements(world) as statements:
        assert await world.parts.sites.by_name(world.site.name) is first
    assert statements.count == 0


async def test_a_change_in_this_process_shows_at_once(world: World) -> None:
    await world.guest().post()
    await _close(world.parts.db, world)
    response = await world.guest().try_post()
    assert response.json()["type"].endswith("thread-closed")


async def test_a_change_by_command_shows_after_two_seconds(world: World, elsewhere: Database) -> None:
    now = 0.0
    directory = Directory(world.parts.db, clock=lambda: now)
    assert not (await directory.by_name(world.site.name)).section("posting", PostingRules).closed
    await _close(elsewhere, world)
    now = LIFE
    assert (await directory.by_name(world.site.name)).section("posting", PostingRules).closed


async def test_what_was_read_before_a_change_is_not_kept_after_it(world: World) -> None:
    directory = Directory(world.parts.db)
    reading = asyncio.create_task(directory.by_name(world.site.name))
    await asyncio.sleep(0)  # it has begun
    directory.forget([f"site-{world.site.id}"])
    await reading
    with Statements(world) as statements:
        await directory.by_name(world.site.name)
    assert statements.count > 0


async def test_many_who_ask_at_once_ask_once(world: World) -> None:
    directory = Directory(world.parts.db)
    with Statements(world) as once:
        await Directory(world.parts.db).by_name(world.site.name)
    with Statements(world) as statements:
        found = await asyncio.gather(*(directory.by_name(world.site.name) for _ in range(100)))
    assert statements.count == once.count
    assert len(set(map(id, found))) == 1


async def test_a_name_nobody_has_stays_unknown_until_somebody_has_it(world: World) -> None:
    name = f"{world.site.name}-new"
    with pytest.raises(sites.SiteUnknown):
        await world.parts.sites.by_name(name)
    made = await world.parts.db.transact(sites.create, name, "New", ["https://new.test"], {})
    assert (await world.parts.sites.by_name(name)).id == made.id


async def test_however_many_sites_are_asked_for_a_bounded_number_is_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were read last; whoever was forgotten is found again."""
    monkeypatch.setattr("service.sites.directory._MOST", 2)
    directory = Directory(world.parts.db)
    names = [world.site.name]
    for number in range(6):
        made = await world.parts.db.transact(sites.create, f"{world.site.name}-{number}", "Courier", [], {})
        names.append(made.name)
    for name in names:
        assert (await directory.by_name(name)).name == name
    assert len(directory._known) == 4
    assert (await directory.by_name(world.site.name)).id == world.site.id
    assert len(directory._known) == 4
