"""Bulk jobs and what they are about.

expand

Revision: 2026_11_25_1720, after 2026_11_25_1710
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import service.kit.columns

revision = "2026_11_25_1720"
down_revision = "2026_11_25_1710"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
_TIME = service.kit.columns.UTCDateTime(timezone=True)
_TO_DO = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "bulk_job",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("filter", _JSON, nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("position", _ID, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("skipped", _JSON, nullable=False),
        sa.Column("undo_of", _ID, nullable=True),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(length=32), nullable=False),
        sa.Column("lease_until", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME, nullable=True),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_bulk_job_site_id_site")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bulk_job_account_id_account")),
        sa.ForeignKeyConstraint(["undo_of"], ["bulk_job.id"], name=op.f("fk_bulk_job_undo_of_bulk_job")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_job")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_bulk_job_token_hash")),
        sa.UniqueConstraint("undo_of", name=op.f("uq_bulk_job_undo_of")),
    )
    op.create_index("ix_bulk_job_site", "bulk_job", ["site_id", "id"])
    op.create_index("ix_bulk_job_to_do", "bulk_job", ["id"], sqlite_where=_TO_DO, postgresql_where=_TO_DO)
    op.create_table(
        "bulk_selection",
        sa.Column("job_id", _ID, autoincrement=False, nullable=False),
        sa.Column("items", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["bulk_job.id"], name=op.f("fk_bulk_selection_job_id_bulk_job")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_bulk_selection")),
    )


def downgrade() -> None:
    """Go back down."""
    op.drop_table("bulk_selection")
    op.drop_table("bulk_job")
