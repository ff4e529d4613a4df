"""What each batch of an import brought, so that it can be taken back; rules about addresses; imports being taken back.

expand

Old servers go on importing; what they bring cannot be taken back.

Revision: 2026_11_25_2240, after 2026_11_25_2220
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_2240"
down_revision = "2026_11_25_2220"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
_BEFORE = "account_id IS NOT NULL AND state IN ('receiving', 'checking', 'ready', 'waiting', 'running')"
_AFTER = f"state = 'undoing' OR {_BEFORE}"


def upgrade() -> None:
    """Go up."""
    with op.batch_alter_table("import_run") as table:
        table.add_column(sa.Column("moves", _JSON, nullable=True))
        table.add_column(sa.Column("undone_by", _ID, nullable=True))
        table.create_foreign_key(op.f("fk_import_run_undone_by_account"), "account", ["undone_by"], ["id"])
    _index(_AFTER)
    op.create_table(
        "import_batch",
        sa.Column("run_id", _ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("comments", sa.LargeBinary(), nullable=False),
        sa.Column("threads", sa.LargeBinary(), nullable=False),
        sa.Column("people", sa.LargeBinary(), nullable=False),
        sa.Column("keys", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_batch_run_id_import_run")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_import_batch")),
    )


def downgrade() -> None:
    """Go back down. What imports brought stays, and cannot be taken back any more."""
    op.drop_table("import_batch")
    op.execute("UPDATE import_run SET state = 'cancelled' WHERE state IN ('undoing', 'undone')")
    _index(_BEFORE)
    with op.batch_alter_table("import_run") as table:
        table.drop_constraint(op.f("fk_import_run_undone_by_account"), type_="foreignkey")
        table.drop_column("undone_by")
        table.drop_column("moves")


def _index(where: str) -> None:
    op.drop_index("ix_import_run_under_way", table_name="import_run")
    op.create_index(
        "ix_import_run_under_way",
        "import_run",
        ["site_id"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
