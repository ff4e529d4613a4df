"""One statement made to do for many what it does for one: for PostgreSQL, and whatever the number one text, one plan.

A read becomes a row of lists of rows for each of those who ask; an insert takes its rows from arrays; an update that
adds to numbers is added up first, so that each row is changed once. The rows come in arrays, one for each value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Executable

from service.kit.statements import Text, side_by_side

S = TypeVar("S", bound=Executable)
_TEXTS = 500
# As SQLAlchemy writes it: each value with its type.
_VALUE = re.compile(
    r"\$(\d+)(?:::(BIGINT|INTEGER|SMALLINT|VARCHAR|TEXT|BOOLEAN|FLOAT|JSONB|JSON|TIMESTAMP WITH TIME ZONE)\b)?"
)
_INSERT = re.compile(r"(INSERT INTO \w+ \([^()]*\)) VALUES \((.*?)\)( ON CONFLICT .*)?", re.DOTALL)
_WHERE = re.compile(r"\sWHERE\s")
# Arrays of these come as text and are read by PostgreSQL.
_READ_THERE = {"JSON", "JSONB"}


class Adding(NamedTuple):
    """What an update adds to one row, by the names of its parameters."""

    key: str  # which row
    sums: tuple[str, ...]  # added up
    latest: tuple[str, ...]  # the greatest, None for none
    returned: str  # the column it returns that says which row, where it returns something


class Write(NamedTuple):
    """A statement with what is filled in."""

    statement: Executable
    text: Text
    parameters: Mapping[str, Any]


_ADDING: dict[Executable, Adding] = {}


def adds(statement: S, *, key: str, sums: Sequence[str], latest: Sequence[str] = (), returned: str = "") -> S:
    """Say of an update of one row that several of the same row may be added up: `key` names it, `sums` are added.

    For statements that are made at import; all other parameters are the same each time.
    """
    _ADDING[statement] = Adding(key, tuple(sums), tuple(latest), returned)
    return statement


def adding_of(statement: Executable) -> Adding | None:
    """What was said of it."""
    return _ADDING.get(statement)


def can_merge(write: Write) -> bool:
    """Whether this can be done for many at once."""
    if write.statement in _ADDING:
        return True
    return not write.text.returns and _is_plain_insert(write.text.sql)


@lru_cache(_TEXTS)
def _is_plain_insert(text: str) -> bool:
    return _INSERT.fullmatch(text) is not None


def added_up(statement: Executable, given: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is given for many rows, each row once; by its key, the greatest first.

    So ids of later rows come first: as all who lock several comments, or several threads, take them.
    """
    adding = _ADDING.get(statement)
    if adding is None:
        return list(given)
    found: dict[Any, dict[str, Any]] = {}
    for each in given:
        known = found.get(each[adding.key])
        if known is None:
            found[each[adding.key]] = dict(each)
            continue
        for name in adding.sums:
            known[name] += each[name]
        for name in adding.latest:
            known[name] = max(filter(None, (known[name], each[name])), default=None)
    return [found[key] for key in sorted(found, reverse=True)]


def in_order(lists: Iterable[Sequence[Write]]) -> list[list[Write]]:
    """The same statements together, in an order that is that of each of the lists, where they have one in common.

    The order is that in which rows are locked.
    """
    order: list[str] = []
    found: dict[str, list[Write]] = {}
    for writes in lists:
        at = 0
        for write in writes:
            sql = write.text.sql
            if sql in found:
                at = max(at, order.index(sql) + 1)
            else:
                order.insert(at, sql)
                found[sql] = []
                at += 1
            found[sql].append(write)
    return [found[sql] for sql in order]


@lru_cache(_TEXTS)
def asked_by_each(texts: tuple[str, ...]) -> str:
    """These reads, side by side, for each of many: a row of lists of rows for each, in their order."""
    sql, names, arrays = _from_arrays(side_by_side(texts))
    given = f"unnest({arrays}) WITH ORDINALITY AS given({', '.join([*names, 'turn'])})"
    return f"{sql} FROM {given} ORDER BY given.turn"


@lru_cache(_TEXTS)
def done_for_each(text: str) -> str:
    """An insert, an update or a deletion of one row, for many. Raises TypeError for what it cannot be told of."""
    sql, names, arrays = _from_arrays(text)
    given = f"unnest({arrays}) AS given({', '.join(names)})"
    insert = _INSERT.fullmatch(sql)
    if insert is not None:
        return f"{insert[1]} SELECT {insert[2]} FROM {given}{insert[3] or ''}"  # noqa: S608  # what SQLAlchemy wrote
    change, condition = _WHERE.split(sql, maxsplit=1)
    among = "USING" if change.startswith("DELETE ") else "FROM"
    return f"{change} {among} {given} WHERE {condition}"


def arrays_of(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The values of many as an array for each place."""
    return [list(values) for values in zip(*rows, strict=True)]


def _from_arrays(text: str) -> tuple[str, list[str], str]:
    """The text with columns in the places of its values, the names of these, and the arrays they come from."""
    kinds: dict[int, str] = {}

    def column(found: re.Match[str]) -> str:
        number, kind = int(found[1]), found[2]
        if kind is None:
            raise TypeError(f"a value whose type is not told: {text}")
        kinds[number] = "TEXT" if kind in _READ_THERE else kind
        return f"given.p{number}::{kind}" if kind in _READ_THERE else f"given.p{number}"

    sql = _VALUE.sub(column, text)
    names = [f"p{number}" for number in sorted(kinds)]
    return sql, names, ", ".join(f"${number}::{kinds[number]}[]" for number in sorted(kinds))
