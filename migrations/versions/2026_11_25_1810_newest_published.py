"""newest published

expand

What is published, by time, of a thread and of a site: for feeds and for the search in a thread. Old servers write the
same rows and need nothing new.

Revision: 2026_11_25_1810, after 2026_11_25_1803
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_1810"
down_revision = "2026_11_25_1803"
branch_labels = None
depends_on = None

_PUBLISHED = sa.text("state = 'published'")


def upgrade() -> None:
    """Go up."""
    for of in ("thread", "site"):
        op.create_index(
            f"ix_comment_{of}_published",
            "comment",
            [f"{of}_id", "id"],
            unique=False,
            sqlite_where=_PUBLISHED,
            postgresql_where=_PUBLISHED,
        )


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_comment_site_published", table_name="comment")
    op.drop_index("ix_comment_thread_published", table_name="comment")
