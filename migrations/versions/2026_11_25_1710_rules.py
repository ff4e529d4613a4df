"""Screening rules as rows; a site's comments by time.

expand

Revision: 2026_11_25_1710, after 2026_11_25_1700
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import service.kit.columns

revision = "2026_11_25_1710"
down_revision = "2026_11_25_1700"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "screening_rule",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("pattern", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("severity", sa.Float(), nullable=False),
        sa.Column("whole_word", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("changed_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_screening_rule_site_id_site")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_screening_rule_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_rule")),
    )
    op.create_index("uq_screening_rule", "screening_rule", ["site_id", "kind", "pattern", "action"], unique=True)
    op.create_table(
        "screening_rule_set",
        sa.Column("site_id", _ID, autoincrement=False, nullable=False),
        sa.Column("stamp", _ID, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_screening_rule_set_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_screening_rule_set")),
    )
    op.create_index("ix_comment_site", "comment", ["site_id", "id"])


def downgrade() -> None:
    """Go back down."""
    op.drop_index("ix_comment_site", table_name="comment")
    op.drop_table("screening_rule_set")
    op.drop_table("screening_rule")
