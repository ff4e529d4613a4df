"""votes are folded

expand

Old servers go on beside new ones: a vote they write is counted by them, and `counted` stays empty for it. The moves
they make leave no past ranks, so until the last of them is gone a walk may miss or repeat a comment, as before.

Revision: 2026_11_25_1550, after 2026_11_24_1750
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import service.kit.columns

revision = "2026_11_25_1550"
down_revision = "2026_11_24_1750"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go up. Nothing is rewritten: every vote that is there has been counted."""
    op.add_column("comment", sa.Column("moved", _ID, server_default=sa.text("0"), nullable=False))
    op.add_column("vote", sa.Column("counted", sa.Integer(), nullable=True))
    op.create_index(
        "ix_vote_waiting",
        "vote",
        ["thread_id", "comment_id"],
        unique=False,
        sqlite_where=sa.text("counted IS NOT NULL"),
        postgresql_where=sa.text("counted IS NOT NULL"),
    )
    op.create_table(
        "rank_clock",
        sa.Column("thread_id", _ID, autoincrement=False, nullable=False),
        sa.Column("moves", _ID, nullable=False),
        sa.Column("kept_from", _ID, nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_rank_clock_thread_id_thread")),
        sa.PrimaryKeyConstraint("thread_id", name=op.f("pk_rank_clock")),
    )
    op.create_table(
        "past_rank",
        sa.Column("comment_id", _ID, autoincrement=False, nullable=False),
        sa.Column("span", _ID, autoincrement=False, nullable=False),
        sa.Column("thread_id", _ID, nullable=False),
        sa.Column("under", _ID, nullable=False),
        sa.Column("best", sa.Float(), nullable=False),
        sa.Column("hot", sa.Float(), nullable=False),
        sa.Column("controversy", sa.Float(), nullable=False),
        sa.Column("until", _ID, nullable=False),
        sa.Column("moved_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", "span", name=op.f("pk_past_rank")),
    )
    for rank in ("best", "hot", "controversy"):
        op.create_index(
            f"ix_past_rank_by_{rank}", "past_rank", ["thread_id", "under", "span", rank, "comment_id"], unique=False
        )
    op.create_index("ix_past_rank_moved_at", "past_rank", ["moved_at"], unique=False)


def downgrade() -> None:
    """Go down. Votes that wait are counted; their comments' ranks follow with the next vote."""
    op.drop_table("past_rank")
    op.drop_table("rank_clock")
    op.execute(_counted("up", 1))
    op.execute(_counted("down", -1))
    op.execute("DELETE FROM vote WHERE value = 0")
    op.drop_index("ix_vote_waiting", table_name="vote")
    op.drop_column("vote", "counted")
    op.drop_column("comment", "moved")


def _counted(column: str, value: int) -> str:
    change = (
        f"SELECT SUM(CASE WHEN v.value = {value} THEN 1 ELSE 0 END - CASE WHEN v.counted = {value} THEN 1 ELSE 0 END)"  # noqa: S608  # our own words
        " FROM vote v WHERE v.comment_id = comment.id AND v.counted IS NOT NULL"
    )
    waiting = "SELECT comment_id FROM vote WHERE counted IS NOT NULL"
    return f"UPDATE comment SET {column} = {column} + ({change}) WHERE id IN ({waiting})"  # noqa: S608  # our own words
