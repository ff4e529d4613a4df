"""decisions and sanctions

expand

Revision: 2026_11_25_1610, after 2026_11_25_1600
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import service.kit.columns

revision = "2026_11_25_1610"
down_revision = "2026_11_25_1600"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "author_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("created_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_author_note_account_id_account")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_author_note_person_id_person")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_author_note_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author_note")),
    )
    with op.batch_alter_table("author_note", schema=None) as batch_op:
        batch_op.create_index("ix_author_note_person", ["person_id", "id"], unique=False)

    op.create_table(
        "sanction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("target_type", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("target", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("slow_seconds", sa.Integer(), nullable=True),
        sa.Column("created_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.Column("until", service.kit.columns.UTCDateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", service.kit.columns.UTCDateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sanction_account_id_account")),
        sa.ForeignKeyConstraint(["lifted_by"], ["account.id"], name=op.f("fk_sanction_lifted_by_account")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sanction_person_id_person")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_sanction_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
    )
    with op.batch_alter_table("sanction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sanction_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sanction_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_sanction_site_id", ["site_id", "id"], unique=False)
        batch_op.create_index("ix_sanction_target", ["site_id", "target_type", "target"], unique=False)

    op.create_table(
        "appeal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("against", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("created_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", service.kit.columns.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_appeal_comment_id_comment")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_appeal_person_id_person")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_appeal_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("against", name=op.f("uq_appeal_against")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_site_id"), ["site_id"], unique=False)

    op.create_table(
        "comment_revision",
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("html", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_comment_revision_comment_id_comment")),
        sa.PrimaryKeyConstraint("comment_id", "version", name=op.f("pk_comment_revision")),
    )
    with op.batch_alter_table("comment_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comment_revision_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sanction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("restriction", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("ground", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("dsa_category", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("facts", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("automated_detection", sa.Boolean(), nullable=False),
        sa.Column("content_at", service.kit.columns.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", service.kit.columns.UTCDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", service.kit.columns.UTCDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_statement_comment_id_comment")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_statement_person_id_person")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_statement_site_id_site")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_statement_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_sanction_id"), ["sanction_id"], unique=False)
        batch_op.create_index("ix_statement_site_id", ["site_id", "id"], unique=False)

    # No table is made anew: each of these is an ALTER TABLE on both databases.
    for mark in ("featured", "pinned", "replies_closed"):
        op.add_column("comment", sa.Column(mark, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("comment", sa.Column("address_hash", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True))
    op.create_index(
        "ix_comment_address",
        "comment",
        ["site_id", "address_hash", "id"],
        unique=False,
        sqlite_where=sa.text("address_hash IS NOT NULL"),
        postgresql_where=sa.text("address_hash IS NOT NULL"),
    )
    op.add_column("decision", sa.Column("undoes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
    op.create_index("uq_decision_undoes", "decision", ["undoes"], unique=True)


def downgrade() -> None:
    """Go back down."""
    op.drop_index("uq_decision_undoes", "decision")
    op.drop_column("decision", "undoes")
    op.drop_index("ix_comment_address", "comment")
    for column in ("address_hash", "replies_closed", "pinned", "featured"):
        op.drop_column("comment", column)
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.drop_index("ix_statement_site_id")
        batch_op.drop_index(batch_op.f("ix_statement_sanction_id"))
        batch_op.drop_index(batch_op.f("ix_statement_person_id"))
        batch_op.drop_index(batch_op.f("ix_statement_decision_id"))
        batch_op.drop_index(batch_op.f("ix_statement_comment_id"))

    op.drop_table("statement")
    with op.batch_alter_table("comment_revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_revision_expires_at"))

    op.drop_table("comment_revision")
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appeal_site_id"))
        batch_op.drop_index(batch_op.f("ix_appeal_person_id"))
        batch_op.drop_index(batch_op.f("ix_appeal_decision_id"))
        batch_op.drop_index(batch_op.f("ix_appeal_comment_id"))

    op.drop_table("appeal")
    with op.batch_alter_table("sanction", schema=None) as batch_op:
        batch_op.drop_index("ix_sanction_target")
        batch_op.drop_index("ix_sanction_site_id")
        batch_op.drop_index(batch_op.f("ix_sanction_person_id"))
        batch_op.drop_index(batch_op.f("ix_sanction_decision_id"))

    op.drop_table("sanction")
    with op.batch_alter_table("author_note", schema=None) as batch_op:
        batch_op.drop_index("ix_author_note_person")

    op.drop_table("author_note")
