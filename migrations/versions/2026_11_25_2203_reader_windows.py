"""windows in which readers sign in at a provider

expand

Revision: 2026_11_25_2203, after 2026_11_25_2202
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import service.kit.columns

revision = "2026_11_25_2203"
down_revision = "2026_11_25_2202"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Go up."""
    for table, key, sealed in (("reader_window", "state_hash", 400), ("reader_handover", "code_hash", 3000)):
        more = [sa.Column("provider", _TEXT(length=40), nullable=False)] if table == "reader_window" else []
        op.create_table(
            table,
            sa.Column(key, _TEXT(length=64), nullable=False),
            sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
            *more,
            sa.Column("challenge", _TEXT(length=64), nullable=False),
            sa.Column("sealed", _TEXT(length=sealed), nullable=False),
            sa.Column("ends_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
            sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f(f"fk_{table}_site_id_site")),
            sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
        )
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_ends_at"), ["ends_at"], unique=False)


def downgrade() -> None:
    """Go back down."""
    op.drop_table("reader_handover")
    op.drop_table("reader_window")
