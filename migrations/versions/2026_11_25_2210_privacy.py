"""Erasures, the list of the erased, and what opens a person's own page; reports know whose capability came along.

expand

Old servers go on taking reports that name nobody.

Revision: 2026_11_25_2210, after 2026_11_25_2201
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import service.kit.columns

revision = "2026_11_25_2210"
down_revision = "2026_11_25_2201"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = service.kit.columns.UTCDateTime(timezone=True)
_OPEN = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    """Go up."""
    op.add_column("report", sa.Column("person_id", _ID, nullable=True))
    op.create_index(op.f("ix_report_person_id"), "report", ["person_id"])
    op.create_table(
        "erased",
        sa.Column("site_id", _ID, autoincrement=False, nullable=False),
        sa.Column("pseudonym", sa.String(length=22), nullable=False),
        sa.Column("erased_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_erased_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", "pseudonym", name=op.f("pk_erased")),
    )
    op.create_table(
        "erasure",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("asked_by", sa.String(length=10), nullable=False),
        sa.Column("account_id", _ID, nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("position", _ID, nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=32), nullable=False),
        sa.Column("lease_until", _TIME, nullable=True),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_erasure_account_id_account")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_person_id_person")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_erasure_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_person_id"), "erasure", ["person_id"])
    op.create_index("ix_erasure_site_id", "erasure", ["site_id", "id"])
    partial = {"sqlite_where": _OPEN, "postgresql_where": _OPEN}
    op.create_index("uq_erasure_open_person", "erasure", ["person_id"], unique=True, **partial)
    op.create_index("ix_erasure_due", "erasure", ["due_at", "id"], **partial)
    op.create_table(
        "own_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_own_link_person_id_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_own_link")),
    )
    op.create_index(op.f("ix_own_link_person_id"), "own_link", ["person_id"])
    op.create_index(op.f("ix_own_link_expires_at"), "own_link", ["expires_at"])
    op.create_table(
        "own_session",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_own_session_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_own_session_token_hash")),
    )
    op.create_index(op.f("ix_own_session_person_id"), "own_session", ["person_id"])
    op.create_index(op.f("ix_own_session_expires_at"), "own_session", ["expires_at"])
    op.create_table(
        "own_export",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("worker", sa.String(length=32), nullable=False),
        sa.Column("lease_until", _TIME, nullable=True),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("ready_at", _TIME, nullable=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_own_export_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_export")),
    )
    op.create_index(op.f("ix_own_export_person_id"), "own_export", ["person_id"])
    op.create_index(op.f("ix_own_export_expires_at"), "own_export", ["expires_at"])
    op.create_index("ix_own_export_to_do", "own_export", ["id"], **partial)


def downgrade() -> None:
    """Go back down. Erasures that wait and the list in the database are lost; the list beside it stays."""
    for table in ("own_export", "own_session", "own_link", "erasure", "erased"):
        op.drop_table(table)
    op.drop_index(op.f("ix_report_person_id"), table_name="report")
    with op.batch_alter_table("report") as table:
        table.drop_column("person_id")
