"""Imports that are uploaded: their state, their counted plan, and the pieces of their files.

expand

Old servers go on writing runs of the terminal; what they leave out has a default.

Revision: 2026_11_25_1910, after 2026_11_25_1810
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import service.kit.columns

revision = "2026_11_25_1910"
down_revision = "2026_11_25_1810"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
_TIME = service.kit.columns.UTCDateTime(timezone=True)
_UNDER_WAY = sa.text("account_id IS NOT NULL AND state IN ('receiving', 'checking', 'ready', 'waiting', 'running')")


def upgrade() -> None:
    """Go up."""
    with op.batch_alter_table("import_run") as table:
        table.add_column(sa.Column("account_id", _ID, nullable=True))
        table.add_column(sa.Column("bytes", _ID, nullable=False, server_default="0"))
        table.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="running"))
        table.add_column(sa.Column("total", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("done", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("plan", _JSON, nullable=True))
        table.add_column(sa.Column("problem", _JSON, nullable=True))
        table.add_column(sa.Column("worker", sa.String(length=32), nullable=False, server_default=""))
        table.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("lease_until", _TIME, nullable=True))
        table.add_column(sa.Column("begun_at", _TIME, nullable=True))
        table.add_column(sa.Column("expires_at", _TIME, nullable=True))
        table.create_foreign_key(op.f("fk_import_run_account_id_account"), "account", ["account_id"], ["id"])
    op.execute("UPDATE import_run SET state = CASE WHEN finished_at IS NULL THEN 'cancelled' ELSE 'done' END")
    op.create_index(
        "ix_import_run_under_way",
        "import_run",
        ["site_id"],
        unique=True,
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    )
    op.create_table(
        "import_piece",
        sa.Column("run_id", _ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_piece_run_id_import_run")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_import_piece")),
    )


def downgrade() -> None:
    """Go back down. Uploads that were not begun are lost."""
    op.drop_table("import_piece")
    op.drop_index("ix_import_run_under_way", table_name="import_run")
    with op.batch_alter_table("import_run") as table:
        table.drop_constraint(op.f("fk_import_run_account_id_account"), type_="foreignkey")
        for name in (
            "expires_at",
            "begun_at",
            "lease_until",
            "tries",
            "worker",
            "problem",
            "plan",
            "done",
            "total",
            "state",
            "bytes",
            "account_id",
        ):
            table.drop_column(name)
