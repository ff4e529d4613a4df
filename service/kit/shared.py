"""What many want of one transaction, carried out: their reads in one statement, their writes in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Dialect

from service.kit.line import Line
from service.kit.merging import (
    Write,
    added_up,
    adding_of,
    arrays_of,
    asked_by_each,
    done_for_each,
    in_order,
)
from service.kit.statements import Rows, Text, in_one, side_by_side

# Whoever holds a row longer than this keeps up those alone who want it.
_PATIENCE = "SELECT set_config('lock_timeout', '250ms', true)"
Wish = tuple[Sequence[Text], Sequence[list[Any]]]


class Shared:
    """A transaction for many."""

    def __init__(self, line: Line, dialect: Dialect) -> None:
        self._line = line
        self._is_sqlite = dialect.name == "sqlite"

    async def ask(self, wishes: Sequence[Wish]) -> list[list[Rows]]:
        """What each wants to know."""
        if self._is_sqlite:
            sent = [
                (text.sql, values)
                for texts, all_values in wishes
                for text, values in zip(texts, all_values, strict=True)
            ]
            answers = iter(await self._line.send_all(sent))
            return [[text.rows(next(answers)) for text in texts] for texts, _ in wishes]
        # Nearly all ask the same, so these are few.
        kinds: dict[tuple[str, ...], list[int]] = {}
        for at, (texts, _) in enumerate(wishes):
            kinds.setdefault(tuple(text.sql for text in texts), []).append(at)
        found: dict[int, list[Rows]] = {}
        for sqls, askers in kinds.items():
            lists = await self._asked(sqls, [[each for values in wishes[at][1] for each in values] for at in askers])
            for at, each in zip(askers, lists, strict=True):
                found[at] = [text.rows(answer) for text, answer in zip(wishes[at][0], each, strict=True)]
        return [found[at] for at in range(len(wishes))]

    async def _asked(self, sqls: tuple[str, ...], given: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """PostgreSQL: the answers to these for each of those who gave values."""
        if not given[0]:
            # Nothing to fill in: all ask the very same.
            return [*await self._line.send(side_by_side(sqls), ())] * len(given)
        return await self._line.send(asked_by_each(sqls), arrays_of(given))

    async def count(self, writes: Sequence[Write]) -> list[Rows]:
        """Add to rows, and say to each what theirs is then."""
        if self._is_sqlite:
            answers = await self._line.send_all([(each.text.sql, each.text.values(each.parameters)) for each in writes])
            return [each.text.rows(rows) for each, rows in zip(writes, answers, strict=True)]
        await self._line.begin()
        await self._line.send(_PATIENCE, ())
        found: dict[tuple[str, Any], Any] = {}
        for same in in_order([writes]):
            adding, text = adding_of(same[0].statement), same[0].text
            if adding is None:
                raise TypeError("what returns something can be shared only where it adds")
            given = [text.values(each) for each in added_up(same[0].statement, (one.parameters for one in same))]
            for row in text.rows(await self._line.send(done_for_each(text.sql), arrays_of(given))):
                found[text.sql, getattr(row, adding.returned)] = row
        return [Rows(_row(found, each)) for each in writes]

    async def commit(self, lists: Sequence[Sequence[Write]]) -> None:
        """Write what all want to be written, and commit."""
        if self._is_sqlite:
            await self._line.send_all(_each(lists), commit=True)
        else:
            await self._line.commit_with(*self._all(lists))

    async def write(self, lists: Sequence[Sequence[Write]]) -> None:
        """Write what all want to be written; more follows before the commit."""
        if self._is_sqlite:
            await self._line.send_all(_each(lists))
        else:
            await self._line.begin()
            await self._line.send(*self._all(lists))

    def _all(self, lists: Sequence[Sequence[Write]]) -> tuple[str, list[Any]]:
        """PostgreSQL: all of it as one statement, with its values."""
        texts, values = [_PATIENCE], []
        for same in in_order(lists):
            statement, text = same[0].statement, same[0].text
            given = [text.values(each) for each in added_up(statement, (one.parameters for one in same))]
            texts.append(done_for_each(text.sql))
            values += arrays_of(given)
        return in_one(tuple(texts)), values


def _each(lists: Sequence[Sequence[Write]]) -> list[tuple[str, list[Any]]]:
    return [(each.text.sql, each.text.values(each.parameters)) for writes in lists for each in writes]


def _row(found: dict[tuple[str, Any], Any], write: Write) -> Sequence[Any]:
    adding = adding_of(write.statement)
    row = found.get((write.text.sql, write.parameters[adding.key])) if adding is not None else None
    return () if row is None else (row,)
