"""How a column's values stand in the file, the same whichever database they come from and go to."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnClause,
    ColumnElement,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Text,
    bindparam,
    cast,
    column,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.kit.columns import UTCDateTime

# The file names a kind, so that what reads it needs no tables of the version that wrote it.
_KINDS: dict[str, tuple[type[Any], Callable[[], Any]]] = {
    "time": (UTCDateTime, UTCDateTime),
    "date": (Date, Date),
    "json": (JSON, Text),
    "bool": (Boolean, Boolean),
    "int": (Integer, BigInteger),  # BigInteger is an Integer too
    "float": (Float, Float),
    "bytes": (LargeBinary, LargeBinary),
    "text": (String, Text),
}


def kind_of(held: Column[Any]) -> str:
    """The name of a column's kind. Raises TypeError for one that no file can carry yet."""
    # SQLModel's strings wrap the database's.
    inner = getattr(held.type, "impl_instance", None)
    for name, (known, _) in _KINDS.items():
        if isinstance(held.type, known) or isinstance(inner, known):
            return name
    raise TypeError(f"{held.table.name}.{held.name}: no backup can carry a {type(held.type).__name__}")


def read(held: Column[Any]) -> ColumnElement[Any]:
    """What is selected for a column: JSON as its text, so that null and no value stay two things."""
    return cast(held, Text) if kind_of(held) == "json" else held


def written(name: str, kind: str, dialect: str) -> tuple[ColumnClause[Any], ColumnElement[Any]]:
    """A column to insert into, and the expression that stands for its value there."""
    _, make = _KINDS[kind]
    value: ColumnElement[Any] = bindparam(name, type_=make())
    if kind == "json" and dialect == "postgresql":
        value = cast(value, JSONB)
    return column(name), value


def to_file(kind: str, value: Any) -> Any:
    """A value of the database as JSON has it."""
    if value is None:
        return None
    if kind in {"time", "date"}:
        return value.isoformat()
    return base64.b64encode(value).decode() if kind == "bytes" else value


def from_file(kind: str, value: Any) -> Any:
    """The reverse. Raises ValueError for what is no time and no base64."""
    if value is None:
        return None
    if kind == "bytes":
        return base64.b64decode(value, validate=True)
    if kind == "date":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if kind == "time" else value
