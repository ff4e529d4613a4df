"""Facts carry the trace of what made them true.

expand

Revision: 2026_11_26_0150, after 2026_11_26_0132
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0150"
down_revision = "2026_11_26_0132"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("outbox", sa.Column("trace", sa.String(length=55), nullable=True))


def downgrade() -> None:
    """Go back down."""
    op.drop_column("outbox", "trace")
