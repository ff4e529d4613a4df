"""Statements that were put together once, carried out by the driver itself.

SQLAlchemy writes the text, once, and knows how values are converted. What else it does for each call (a context, a
cursor, a result, switches of greenlets; on SQLite four trips to the database's thread) costs several times what the
driver needs, and is most of what a post costs (docs/performance.md, "Where a post's time goes").
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Dialect, Executable, false, literal_column, null, true
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.sql.selectable import SelectBase

_Convert = Callable[[Any], Any] | None
# So many texts are kept; a program has some hundred, and each length of a list is one.
_TEXTS = 2_000
_DOUBLE = 701  # PostgreSQL's number for `double precision`


class Rows:
    """What a statement returned: rows with the names of their columns, all of them here already."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """All of them."""
        return self._rows

    def first(self) -> Any:
        """The first one, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The only one. Raises NoResultFound, MultipleResultsFound."""
        if len(self._rows) != 1:
            raise MultipleResultsFound if self._rows else NoResultFound
        return self._rows[0]

    def scalar_one(self) -> Any:
        """The first column of the only one. Raises NoResultFound, MultipleResultsFound."""
        return self.one()[0]

    def scalar_one_or_none(self) -> Any:
        """The first column of the only one, or None for no row. Raises MultipleResultsFound."""
        return self.one()[0] if self._rows else None

    def scalars(self) -> Sequence[Any]:
        """The first column of each."""
        return [row[0] for row in self._rows]


class Question(NamedTuple):
    """A statement and what is filled in."""

    statement: Executable
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A statement as one kind of database is sent it."""

    sql: str
    # For each value: the parameter it is part of, its place there (None: the value itself), how it is converted.
    places: tuple[tuple[str, int | None, _Convert], ...]
    constants: Mapping[str, Any]
    row: Callable[[Sequence[Any]], Any]
    columns: tuple[_Convert, ...] | None  # None when nothing is to be converted
    returns: bool
    # It changes and locks nothing.
    is_read: bool
    # Where each value is a parameter as it is given: what takes them all at once, and which are then converted.
    take: Callable[[Mapping[str, Any]], tuple[Any, ...]] | None
    converts: tuple[tuple[int, Callable[[Any], Any]], ...]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the text."""
        if self.take is not None:
            found = list(self.take(given))
            for at, to in self.converts:
                found[at] = to(found[at])
            return found
        found = []
        for name, place, convert in self.places:
            value = given[name] if name in given else self.constants[name]
            if place is not None:
                value = value[place]
            found.append(convert(value) if convert is not None else value)
        return found

    def rows(self, raw: Sequence[Sequence[Any]]) -> Rows:
        """What the driver returned, converted."""
        if self.columns is None:
            return Rows([self.row(each) for each in raw])
        return Rows(
            [
                self.row([value if to is None else to(value) for to, value in zip(self.columns, each, strict=True)])
                for each in raw
            ]
        )


def fixed(values: Mapping[str, Any]) -> dict[str, ColumnElement[Any]]:
    """Values that are the same each time, to stand in a statement as they are: nobody sends or reads them again.

    Numbers, truth, None and plain words. Raises ValueError for any other.
    """
    return {name: _fixed(value) for name, value in values.items()}


def _fixed(value: Any) -> ColumnElement[Any]:
    if value is None:
        return null()
    if isinstance(value, bool):
        return true() if value else false()
    if not isinstance(value, int | float) and not (isinstance(value, str) and _WORD.fullmatch(value)):
        raise ValueError(f"{value!r} is not written into a statement")
    return literal_column(repr(value))


def rounded(numbers: Iterable[int]) -> list[int]:
    """The same numbers in order, the last one so often that there are 1, 4, 8, 16 … of them.

    For lists in a statement: each length of a list is a text, and a plan, of its own.
    """
    found = sorted(set(numbers))
    return found if len(found) == 1 else found + found[-1:] * (padding(len(found)) - len(found))


def padding(count: int) -> int:
    """The least of 4, 8, 16 … that is not less."""
    size = 4
    while size < count:
        size *= 2
    return size


def text_of(statement: Executable, dialect: Dialect, parameters: Mapping[str, Any]) -> Text:
    """The text of a statement for these parameters; made once for each set of their names and length of their lists."""
    compiled, lists, text = _compiled(statement, dialect, tuple(parameters))
    return text or _text(compiled, tuple((name, len(parameters[name])) for name in lists))


@lru_cache(_TEXTS)
def _compiled(statement: Any, dialect: Dialect, names: tuple[str, ...]) -> tuple[Any, tuple[str, ...], Text | None]:
    """A statement, the names of the lists in it, and its text where there are none."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise TypeError("a column's default is made in Python: give its value")
    lists = tuple(each.key for each in compiled.bind_names if each.expanding)
    return compiled, lists, None if lists else _text(compiled, ())


@lru_cache(_TEXTS)
def _text(compiled: Any, sizes: tuple[tuple[str, int], ...]) -> Text:
    sql, order, parts, converters = _expanded(compiled, dict(sizes))
    keys = {name: each.key for each, name in compiled.bind_names.items()}
    constants = {each.key: each.effective_value for each in compiled.bind_names if not each.required}
    places = tuple((*parts.get(name, (keys.get(name, name), None)), converters.get(name)) for name in order)
    columns = compiled._result_columns  # noqa: SLF001  # what CursorResult goes by
    named = namedtuple("Row", [each.keyname for each in columns], rename=True)  # type: ignore[misc]  # noqa: PYI024
    # asyncpg's floats ask which kind of number PostgreSQL sends.
    to = tuple(each.type._cached_result_processor(compiled.dialect, _DOUBLE) for each in columns)  # noqa: SLF001
    return Text(
        sql,
        places,
        constants,
        named._make if columns else tuple,
        to if any(to) else None,
        bool(columns),
        _is_read(compiled),
        _taking(places, constants),
        tuple((at, convert) for at, (_, _, convert) in enumerate(places) if convert is not None),
    )


def _taking(
    places: Sequence[tuple[str, int | None, _Convert]], constants: Mapping[str, Any]
) -> Callable[[Mapping[str, Any]], tuple[Any, ...]] | None:
    is_whole = all(place is None and name not in constants for name, place, _ in places)
    # One name alone would be taken as itself, not as a row of one.
    return itemgetter(*(name for name, _, _ in places)) if is_whole and len(places) > 1 else None


def _is_read(compiled: Any) -> bool:
    return isinstance(compiled.statement, SelectBase) and _WRITES.search(compiled.string) is None


def _expanded(
    compiled: Any, sizes: Mapping[str, int]
) -> tuple[str, Sequence[str], Mapping[str, tuple[str, int]], Mapping[str, _Convert]]:
    """The text with a place for each value of its lists, the order of the values, and whose parts they are."""
    if not compiled.post_compile_params:
        return compiled.string, compiled.positiontup or (), {}, compiled._bind_processors  # noqa: SLF001
    empty = {each.key: [None] * sizes[each.key] if each.expanding else None for each in compiled.bind_names}
    state = compiled.construct_expanded_state(empty)
    keys = {name: each.key for each, name in compiled.bind_names.items()}
    parts = {
        part: (keys[name], place)
        for name, expansion in state.parameter_expansion.items()
        for place, part in enumerate(expansion)
    }
    return state.statement, state.positiontup, parts, {**compiled._bind_processors, **state.processors}  # noqa: SLF001


@lru_cache(_TEXTS)
def in_one(texts: tuple[str, ...]) -> str:
    """Writes as one statement: PostgreSQL carries out what stands in WITH, whether or not it is asked for.

    It begins with the statement itself and goes on from the last of the WITH to the first: so they are written here the
    other way round, and rows are locked in the order in which the writes were asked for. Only deadlocks depend on
    that; what the writes do does not, as none of them sees another.
    """
    first, *others = _numbered_on(texts)
    written = ", ".join(f"w{number} AS ({text})" for number, text in reversed(list(enumerate(others))))
    return f"WITH {written} {first}" if others else first  # made of what SQLAlchemy wrote


@lru_cache(_TEXTS)
def side_by_side(texts: tuple[str, ...]) -> str:
    """Reads as one statement: a row of lists of rows."""
    lists = (f"ARRAY(SELECT r FROM ({text}) AS r)" for text in _numbered_on(texts))  # noqa: S608  # as above
    return f"SELECT {', '.join(lists)}"


def _numbered_on(texts: Sequence[str]) -> list[str]:
    """The same texts with their parameters numbered through."""
    found, before = [], 0
    for text in texts:
        numbers = [int(number) for number in _PARAMETER.findall(text)]
        found.append(_PARAMETER.sub(lambda match, before=before: f"${int(match[1]) + before}", text))  # type: ignore[misc]
        before += max(numbers, default=0)
    return found


_WORD = re.compile("[a-z-]*")
_PARAMETER = re.compile(r"\$(\d+)")
_WRITES = re.compile(
    r"\bFOR (NO KEY )?UPDATE\b|\bFOR (KEY )?SHARE\b|\bINSERT INTO\b|\bUPDATE \w+ SET\b|\bDELETE FROM\b"
)
