"""members of sites: pictures, pages, and when they signed out

expand

Revision: 2026_11_25_2201, after 2026_11_25_2200
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import service.kit.columns

revision = "2026_11_25_2201"
down_revision = "2026_11_25_2200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("person", sa.Column("avatar_url", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True))
    op.add_column("person", sa.Column("profile_url", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True))
    op.add_column("person", sa.Column("signed_out_at", service.kit.columns.UTCDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back down. Sessions of members are not known to what was there before, so none is left over.

    Column by column and not in a batch: a table that others point to cannot be made anew on SQLite.
    """
    for column in ("signed_out_at", "profile_url", "avatar_url"):
        op.drop_column("person", column)
