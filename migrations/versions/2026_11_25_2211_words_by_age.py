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
    # Whoever is erased has the cases of each comment looked at, decided ones too.
    op.create_index("ix_case_comment", "moderation_case", ["comment_id"])
    op.create_index("ix_author_note_site", "author_note", ["site_id", "created_at"])


def downgrade() -> None:
    """Go back down."""
    op.drop_index("ix_author_note_site", table_name="author_note")
    op.drop_index("ix_case_comment", table_name="moderation_case")
    op.drop_index("ix_report_words", table_name="report")
    op.drop_index("ix_decision_words", table_name="decision")
