"""Words of decisions, reports and notes are found by age, so that they can be forgotten in time.

expand

Old servers notice nothing.

Revision: 2026_11_25_2211, after 2026_11_25_2210
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_2211"
down_revision = "2026_11_25_2210"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    note, detail = sa.text("note <> ''"), sa.text("detail <> ''")
    op.create_index(
        "ix_decision_words", "decision", ["site_id", "created_at"], sqlite_where=note, postgresql_where=note
    )
    op.create_index(
        "ix_report_words", "report", ["site_id", "created_at"], sqlite_where=detail, postgresql_where=detail
    )
    op.create_index("ix_author_note_site", "author_note", ["site_id", "created_at"])


def downgrade() -> None:
    """Go back down."""
    op.drop_index("ix_author_note_site", table_name="author_note")
    op.drop_index("ix_report_words", table_name="report")
    op.drop_index("ix_decision_words", table_name="decision")
