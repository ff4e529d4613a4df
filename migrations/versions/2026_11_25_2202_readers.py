"""accounts that readers make themselves

expand

Revision: 2026_11_25_2202, after 2026_11_25_2240
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import service.kit.columns

revision = "2026_11_25_2202"
down_revision = "2026_11_25_2240"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _time() -> service.kit.columns.UTCDateTime:
    return service.kit.columns.UTCDateTime(timezone=True)


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "reader",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        sa.Column("created_at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader")),
    )
    op.create_table(
        "reader_way",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        sa.Column("reader_id", _id(), nullable=False),
        sa.Column("kind", _TEXT(length=10), nullable=False),
        sa.Column("subject", _TEXT(length=64), nullable=False),
        sa.Column("sealed", _TEXT(length=600), nullable=False),
        sa.Column("created_at", _time(), nullable=False),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name=op.f("fk_reader_way_reader_id_reader")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_way")),
    )
    with op.batch_alter_table("reader_way", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reader_way_reader_id"), ["reader_id"], unique=False)
        batch_op.create_index("uq_reader_way_kind_subject", ["kind", "subject"], unique=True)
    op.create_table(
        "reader_code",
        sa.Column("ask_hash", _TEXT(length=64), nullable=False),
        sa.Column("site_id", _id(), nullable=False),
        sa.Column("sealed", _TEXT(length=700), nullable=False),
        sa.Column("language", _TEXT(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", _time(), nullable=False),
        sa.Column("ends_at", _time(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reader_code_site_id_site")),
        sa.PrimaryKeyConstraint("ask_hash", name=op.f("pk_reader_code")),
    )
    with op.batch_alter_table("reader_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reader_code_ends_at"), ["ends_at"], unique=False)
    op.create_table(
        "reader_session",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        sa.Column("token_hash", _TEXT(length=64), nullable=False),
        sa.Column("reader_id", _id(), nullable=False),
        sa.Column("site_id", _id(), nullable=False),
        sa.Column("person_id", _id(), nullable=False),
        sa.Column("created_at", _time(), nullable=False),
        sa.Column("ends_at", _time(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reader_session_person_id_person")),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name=op.f("fk_reader_session_reader_id_reader")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reader_session_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_reader_session_token_hash")),
    )
    with op.batch_alter_table("reader_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reader_session_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_reader_session_reader_id"), ["reader_id"], unique=False)


def downgrade() -> None:
    """Go back down."""
    for table in ("reader_session", "reader_code", "reader_way", "reader"):
        op.drop_table(table)
