"""The language of mail about cases.

expand

Old servers go on writing English.

Revision: 2026_11_25_1911, after 2026_11_25_1910
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_1911"
down_revision = "2026_11_25_1910"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("alert", sa.Column("language", sa.String(length=5), nullable=False, server_default="en"))


def downgrade() -> None:
    """Go back down."""
    op.drop_column("alert", "language")
