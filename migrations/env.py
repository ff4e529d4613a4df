"""Alembic's entry: runs over the engine that `service.kit.migrate` hands in, on both floors."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from service.tables import metadata

# 0x5061726c6579 spells "Parley": the advisory lock under which one migrator at a time works.
LOCK = 0x5061726C6579


def run(connection: Connection) -> None:
    """Bring the schema to the target revision in one transaction per migration."""
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        # A migration that cannot get its lock at once must give way to readers and be tried again.
        connection.execute(text("SET lock_timeout = '2s'"))
        connection.execute(text("SET statement_timeout = '0'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        render_as_batch=not is_postgresql,
        compare_type=True,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        if is_postgresql:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
            connection.execute(text("RESET lock_timeout"))
            connection.execute(text("RESET statement_timeout"))
            connection.commit()


run(context.config.attributes["connection"])
