"""Indexes of PostgreSQL made while others read and write, and found when they are missing."""

from __future__ import annotations

from sqlalchemy import Connection, Index, MetaData, text
from sqlalchemy.schema import CreateIndex

_BROKEN = text(
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace"
)
_THERE = text("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")


def make(connection: Connection, index: Index) -> None:
    """Make an index on a connection that is in no transaction; nobody who writes has to wait.

    Takes the place of one that an earlier try has left unfinished: PostgreSQL keeps those, marked as not valid.
    """
    # It waits for everybody who began before it, which is no harm: nobody waits behind it.
    connection.execute(text("SET lock_timeout = 0"))
    if index.name in set(connection.execute(_BROKEN).scalars()):
        connection.execute(text(f'DROP INDEX CONCURRENTLY "{index.name}"'))
    index.dialect_options["postgresql"]["concurrently"] = True
    try:
        connection.execute(CreateIndex(index, if_not_exists=True))
    finally:
        index.dialect_options["postgresql"]["concurrently"] = False
        connection.execute(text("SET lock_timeout = '500ms'"))


def missing(connection: Connection, metadata: MetaData) -> list[Index]:
    """Indexes that the code names and the database has not, or has unfinished: a migration was killed making them."""
    whole = set(connection.execute(_THERE).scalars()) - set(connection.execute(_BROKEN).scalars())
    return [index for table in metadata.sorted_tables for index in table.indexes if index.name not in whole]
