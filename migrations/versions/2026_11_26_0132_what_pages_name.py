"""The short name and the category a page named when its thread was begun.

expand

Revision: 2026_11_26_0132, after 2026_11_26_0131
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "2026_11_26_0132"
down_revision = "2026_11_26_0131"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    # One by one and not as a batch: SQLite would write the largest but one of all tables anew.
    op.add_column("thread", sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True))
    op.add_column("thread", sa.Column("category", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True))


def downgrade() -> None:
    """Go back down."""
    op.drop_column("thread", "category")
    op.drop_column("thread", "slug")
