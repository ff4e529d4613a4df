"""The desk of a test: a site of its own on the floor."""

from __future__ import annotations

import pytest

from service.kit.db import Database
from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.moderation import Queue
from tests.stories.moderation.desk import Desk


@pytest.fixture
def queue(redis: Redis, db: Database) -> Queue:
    """The queue of this process."""
    return Queue(redis, db)


@pytest.fixture
async def desk(db: Database, queue: Queue, keeper: Keeper) -> Desk:
    """A site whose comments are all held."""
    return await Desk.new(db, queue, keeper)
