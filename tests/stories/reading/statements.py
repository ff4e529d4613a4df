"""Counting what is asked of the database."""

from __future__ import annotations

from typing import Self

from sqlalchemy import event

from tests.world import World


class Statements:
    """Counts the statements sent to the database by readers."""

    def __init__(self, world: World) -> None:
        self._engine = world.parts.db._read_engine.sync_engine
        self.count = 0

    def __enter__(self) -> Self:
        event.listen(self._engine, "before_cursor_execute", self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._heard)

    def _heard(self, *_: object) -> None:
        self.count += 1
