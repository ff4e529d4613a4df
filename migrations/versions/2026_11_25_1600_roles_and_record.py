"""roles and record

expand

Revision: 2026_11_25_1600, after 2026_11_25_1550
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import service.kit.columns

revision = "2026_11_25_1600"
down_revision = "2026_11_25_1550"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "address_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("sealed", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("created_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_key")),
    )
    op.create_table(
        "record_detail",
        sa.Column(
            "entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("searched", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_record_detail")),
    )
    with op.batch_alter_table("record_detail", schema=None) as batch_op:
        batch_op.create_index("ix_record_detail_created_at", ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_detail_person_id"), ["person_id"], unique=False)

    op.create_table(
        "record_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("chain", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", service.kit.columns.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("section", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("detail", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sealed", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("previous", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_entry")),
    )
    with op.batch_alter_table("record_entry", schema=None) as batch_op:
        batch_op.create_index("ix_record_entry_subject", ["chain", "subject", "seq"], unique=False)
        batch_op.create_index("uq_record_entry_chain_seq", ["chain", "seq"], unique=True)

    op.create_table(
        "record_head",
        sa.Column("chain", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_record_head")),
    )
    op.add_column("account", sa.Column("is_admin", sa.Boolean(), server_default=sa.false(), nullable=False))

    op.add_column("person", sa.Column("mark", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True))

    op.add_column(
        "role",
        sa.Column(
            "sections", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=True
        ),
    )

    op.add_column(
        "thread", sa.Column("section", sqlmodel.sql.sqltypes.AutoString(length=60), server_default="", nullable=False)
    )

    _keep_whole()


def downgrade() -> None:
    """Go back down."""
    op.drop_column("thread", "section")

    op.drop_column("role", "sections")

    op.drop_column("person", "mark")

    op.drop_column("account", "is_admin")

    op.drop_table("record_head")
    with op.batch_alter_table("record_entry", schema=None) as batch_op:
        batch_op.drop_index("uq_record_entry_chain_seq")
        batch_op.drop_index("ix_record_entry_subject")

    op.drop_table("record_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION record_is_kept()")
    with op.batch_alter_table("record_detail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_detail_person_id"))
        batch_op.drop_index("ix_record_detail_created_at")

    op.drop_table("record_detail")
    op.drop_table("address_key")


def _keep_whole() -> None:
    """Let the database itself refuse to change what is on record."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER record_entry_no_{act.lower()} BEFORE {act} ON record_entry "
                "BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION record_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the record is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER record_entry_kept BEFORE UPDATE OR DELETE ON record_entry "
        "FOR EACH ROW EXECUTE FUNCTION record_is_kept()"
    )
    op.execute(
        "CREATE TRIGGER record_entry_not_emptied BEFORE TRUNCATE ON record_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION record_is_kept()"
    )
