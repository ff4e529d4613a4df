"""The demo a newcomer sees first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service import comments, identity, moderation, sites, threads
from service.demo import seed
from service.demo.seed import ARTICLES, MODERATOR, SITE
from service.kit import migrate
from service.kit.db import Database
from service.kit.seal import Keeper
from service.kit.settings import Settings


class PowerCut(Exception):
    pass


HERE = "http://127.0.0.1:8000"


@pytest.fixture
def keeper() -> Keeper:
    """A secret of its own."""
    return Keeper("a secret of the demo's tests, long enough")


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Database]:
    """A database of its own: the demo's site has one name, and the floor is shared."""
    made = Database(Settings(_env_file=None, data_dir=tmp_path))
    await migrate.upgrade(made.engine)
    yield made
    await made.close()


async def test_there_is_a_living_discussion_and_work_for_moderators(fresh: Database, keeper: Keeper) -> None:
    made = await seed.seed(fresh, keeper, HERE)
    site = await fresh.read(sites.by_name, SITE)
    assert site.origins == ("https://courier.example", HERE)
    for article in ARTICLES:
        thread = await fresh.read(threads.find, site, threads.canonical(article.url))
        assert thread is not None, article.url
        assert thread.title == article.title
        assert thread.comment_count
    thread = await fresh.read(threads.find, site, threads.canonical(ARTICLES[0].url))
    assert thread is not None
    assert thread.comment_count > 200
    best = await fresh.read(comments.level, thread.id, 0, "best", limit=3)
    assert best.items[0].up > best.items[2].up > 2
    cases = await fresh.read(moderation.list_open, [site.id], limit=50)
    assert len(cases) == 6
    session = await fresh.transact(identity.redeem_link, made.token)
    staff = await fresh.read(identity.staff_of_session, session)
    assert staff is not None
    assert staff.account.email == made.moderator == MODERATOR
    assert staff.owns(site.id)


async def test_a_second_start_changes_nothing_but_the_port(fresh: Database, keeper: Keeper) -> None:
    await seed.seed(fresh, keeper, HERE)
    site = await fresh.read(sites.by_name, SITE)
    thread = await fresh.read(threads.find, site, threads.canonical(ARTICLES[0].url))
    await fresh.transact(sites.configure, site.id, origins=[*site.origins, "https://mine.test"])
    await seed.seed(fresh, keeper, "http://127.0.0.1:8123")
    moved = await fresh.read(sites.by_name, SITE)
    assert set(moved.origins) == {"https://courier.example", "https://mine.test", "http://127.0.0.1:8123"}
    assert moved.settings == site.settings
    assert await fresh.read(threads.find, site, threads.canonical(ARTICLES[0].url)) == thread
    assert len(await fresh.read(moderation.list_open, [site.id], limit=50)) == 6


async def test_a_start_that_was_interrupted_goes_on(
    fresh: Database, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(seed, "gather", _fail)
        with pytest.raises(PowerCut):
            await seed.seed(fresh, keeper, HERE)
    await seed.seed(fresh, keeper, HERE)
    site = await fresh.read(sites.by_name, SITE)
    assert len(await fresh.read(moderation.list_open, [site.id], limit=50)) == 6


async def _fail(*_: object) -> None:
    raise PowerCut
