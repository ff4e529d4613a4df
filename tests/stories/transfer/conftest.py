"""The shelf of a test: a site of its own on the floor."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.kit.db import Database
from tests.stories.transfer.exports import Shelf


@pytest.fixture
async def shelf(db: Database, tmp_path: Path) -> Shelf:
    """An empty site."""
    return await Shelf.new(db, tmp_path)
