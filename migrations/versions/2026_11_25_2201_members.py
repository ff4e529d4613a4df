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
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("avatar_url", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True))
        batch_op.add_column(sa.Column("profile_url", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True))
        batch_op.add_column(sa.Column("signed_out_at", service.kit.columns.UTCDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back down. Sessions of members are not known to what was there before, so none is left over."""
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("signed_out_at")
        batch_op.drop_column("profile_url")
        batch_op.drop_column("avatar_url")
