"""Alembic's entry: runs over the engine that `service.kit.migrate` hands in, on both floors, while others work.

Each migration is one transaction. It waits half a second for a lock and then gives way, because everybody else waits
behind it; `service.kit.migrate` tries again. An index on a table with rows in it is made when the transaction is over,
without keeping anybody from writing.
"""

from __future__ import annotations

import sys
from typing import Any

from alembic import context
from alembic.operations import Operations
from alembic.operations.ops import CreateIndexOp
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Index, text

from migrations.indexes import make, missing
from service.tables import metadata

LOCK_TIMEOUT = "500ms"
_later: list[Index] = []


@Operations.implementation_for(CreateIndexOp, replace=True)
def _create_index(operations: Operations, wanted: CreateIndexOp) -> None:
    index = wanted.to_index(operations.migration_context)
    if _is_in_use(operations.get_bind(), wanted.table_name):
        _later.append(index)
    else:
        operations.impl.create_index(index)


def _is_in_use(connection: Connection, table: str) -> bool:
    if connection.dialect.name != "postgresql":
        return False
    quoted = connection.dialect.identifier_preparer.quote(table)
    return bool(connection.execute(text(f"SELECT EXISTS (SELECT 1 FROM {quoted})")).scalar())  # noqa: S608  # our own


def _make_later(ctx: MigrationContext, **_: Any) -> None:
    """The version is noted: commit, then make the indexes. What is not made then the next `parley migrate` makes."""
    waiting, _later[:] = list(_later), []
    if waiting and ctx.connection is not None:
        with ctx.autocommit_block():
            for index in waiting:
                make(ctx.connection, index)


def _mend(connection: Connection) -> None:
    """Make what a migration was killed at."""
    for index in missing(connection, metadata):
        connection.rollback()
        connection.execution_options(isolation_level="AUTOCOMMIT")
        make(connection, index)
        connection.rollback()
        connection.execution_options(isolation_level=connection.default_isolation_level)
    connection.rollback()


def run(connection: Connection) -> None:
    """Bring the schema to the target revision in one transaction per migration."""
    is_postgresql = connection.dialect.name == "postgresql"
    _later.clear()
    if is_postgresql:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        render_as_batch=not is_postgresql,
        compare_type=True,
        on_version_apply=_make_later,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        if is_postgresql:
            connection.rollback()
            if context.config.attributes["is_to_head"] and sys.exc_info()[0] is None:
                _mend(connection)
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(text(f"RESET {name}"))
            connection.commit()


run(context.config.attributes["connection"])
