"""Discussions that are merged, jobs on discussions, sites that are erased.

expand

Old servers find a merged discussion empty, and a site that is being erased.

Revision: 2026_11_25_2220, after 2026_11_25_2211
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import service.kit.columns

revision = "2026_11_25_2220"
down_revision = "2026_11_25_2211"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
_TIME = service.kit.columns.UTCDateTime(timezone=True)
_TO_DO = sa.text("state IN ('planning', 'waiting', 'running', 'undoing')")
_MERGED = sa.text("merged_into IS NOT NULL")
_UNPUBLISHED = sa.text("state <> 'published'")


def upgrade() -> None:
    """Go up."""
    op.add_column("site", sa.Column("is_gone", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "site_erasure",
        sa.Column("site_id", _ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("account_id", _ID, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_site_erasure")),
    )
    op.add_column("thread", sa.Column("merged_into", _ID, nullable=True))
    op.create_index("ix_thread_site", "thread", ["site_id", "id"])
    op.create_index("ix_thread_merged", "thread", ["merged_into"], sqlite_where=_MERGED, postgresql_where=_MERGED)
    op.create_index(
        "ix_comment_thread_unpublished",
        "comment",
        ["thread_id", "id"],
        sqlite_where=_UNPUBLISHED,
        postgresql_where=_UNPUBLISHED,
    )
    op.create_table(
        "thread_job",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked", _JSON, nullable=False),
        sa.Column("counts", _JSON, nullable=False),
        sa.Column("samples", _JSON, nullable=False),
        sa.Column("position", _ID, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(length=20), nullable=False),
        sa.Column("lease_until", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_thread_job_site_id_site")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_thread_job_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_job")),
    )
    op.create_index("ix_thread_job_site", "thread_job", ["site_id", "id"])
    op.create_index("ix_thread_job_to_do", "thread_job", ["id"], sqlite_where=_TO_DO, postgresql_where=_TO_DO)
    op.create_table(
        "thread_job_item",
        sa.Column("job_id", _ID, nullable=False),
        sa.Column("number", _ID, autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=2000), nullable=False),
        sa.Column("after", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["thread_job.id"], name=op.f("fk_thread_job_item_job_id_thread_job")),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_thread_job_item")),
    )


def downgrade() -> None:
    """Go back down."""
    op.drop_table("thread_job_item")
    op.drop_table("thread_job")
    op.drop_index("ix_comment_thread_unpublished", "comment")
    op.drop_index("ix_thread_merged", "thread")
    op.drop_index("ix_thread_site", "thread")
    op.drop_column("thread", "merged_into")
    op.drop_table("site_erasure")
    op.drop_column("site", "is_gone")
