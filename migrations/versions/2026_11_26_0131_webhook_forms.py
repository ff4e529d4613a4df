"""In which form a webhook is told.

expand

Old servers tell all in the one form they know.

Revision: 2026_11_26_0131, after 2026_11_26_0130
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "2026_11_26_0131"
down_revision = "2026_11_26_0130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    form = sa.Column("form", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False, server_default="parley")
    with op.batch_alter_table("webhook") as table:
        table.add_column(form)


def downgrade() -> None:
    """Go back down."""
    # What cannot be told as it is wanted is not told.
    op.execute("UPDATE webhook SET enabled = false WHERE form <> 'parley'")
    with op.batch_alter_table("webhook") as table:
        table.drop_column("form")
