"""passkeys, proofs and sessions one can recognise; keys whose sessions ended

expand

Revision: 2026_11_26_0110, after 2026_11_26_0150
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import service.kit.columns

revision = "2026_11_26_0110"
down_revision = "2026_11_26_0150"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_NEW = {
    "reader_way": ("counter", "used_at"),
    "reader_code": ("purpose",),
    "reader_window": ("purpose", "reader_id"),
    "reader_session": ("way", "way_id", "sealed"),
}


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _time() -> service.kit.columns.UTCDateTime:
    return service.kit.columns.UTCDateTime(timezone=True)


def upgrade() -> None:
    """Go up."""
    with op.batch_alter_table("reader_way", schema=None) as batch_op:
        batch_op.add_column(sa.Column("counter", _id(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("used_at", _time(), nullable=True))
        batch_op.alter_column("sealed", existing_type=_TEXT(length=600), type_=_TEXT(length=4_000))
    for table in ("reader_code", "reader_window"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("purpose", _TEXT(length=10), server_default="sign-in", nullable=False))
    with op.batch_alter_table("reader_window", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reader_id", _id(), nullable=True))
    with op.batch_alter_table("reader_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("way", _TEXT(length=10), nullable=True))
        batch_op.add_column(sa.Column("way_id", _id(), nullable=True))
        batch_op.add_column(sa.Column("sealed", _TEXT(length=600), nullable=True))
    op.add_column("site", sa.Column("ended_keys", service.kit.columns.Json, nullable=True))
    op.create_table(
        "reader_proof",
        sa.Column("token_hash", _TEXT(length=64), nullable=False),
        sa.Column("reader_id", _id(), nullable=False),
        sa.Column("other_id", _id(), nullable=True),
        sa.Column("ends_at", _time(), nullable=False),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name=op.f("fk_reader_proof_reader_id_reader")),
        sa.ForeignKeyConstraint(["other_id"], ["reader.id"], name=op.f("fk_reader_proof_other_id_reader")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_reader_proof")),
    )
    with op.batch_alter_table("reader_proof", schema=None) as batch_op:
        for column in ("reader_id", "other_id", "ends_at"):
            batch_op.create_index(batch_op.f(f"ix_reader_proof_{column}"), [column], unique=False)
    op.create_table(
        "reader_notice",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        sa.Column("sealed", _TEXT(length=1_200), nullable=False),
        sa.Column("language", _TEXT(length=20), nullable=False),
        sa.Column("ends_at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_notice")),
    )
    with op.batch_alter_table("reader_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reader_notice_ends_at"), ["ends_at"], unique=False)


def downgrade() -> None:
    """Go back down. Passkeys go: nothing before could read them, and the column would be too short for them."""
    op.drop_table("reader_notice")
    op.drop_table("reader_proof")
    op.execute(sa.text("DELETE FROM reader_way WHERE kind = 'passkey'"))
    # As it is: SQLite would make the table anew, and everything points to it.
    op.drop_column("site", "ended_keys")
    for table, columns in _NEW.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
    with op.batch_alter_table("reader_way", schema=None) as batch_op:
        batch_op.alter_column("sealed", existing_type=_TEXT(length=4_000), type_=_TEXT(length=600))
