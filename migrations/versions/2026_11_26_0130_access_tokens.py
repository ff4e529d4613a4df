"""Access tokens of a site's applications, by their hashes.

expand

Revision: 2026_11_26_0130, after 2026_11_26_0100
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import service.kit.columns

revision = "2026_11_26_0130"
down_revision = "2026_11_26_0100"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
_TIME = service.kit.columns.UTCDateTime(timezone=True)
_HASH = sqlmodel.sql.sqltypes.AutoString(length=64)
_POINTS = ("site_id", "key_id", "account_id")


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "access_token",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("key_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("scopes", _JSON, nullable=False),
        sa.Column("code_hash", _HASH, nullable=True),
        sa.Column("leads_to", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("token_hash", _HASH, nullable=True),
        sa.Column("refresh_hash", _HASH, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=True),
        sa.Column("renewed_until", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_access_token_site_id_site")),
        sa.ForeignKeyConstraint(["key_id"], ["site_key.id"], name=op.f("fk_access_token_key_id_site_key")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_access_token_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_access_token_code_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
        sa.UniqueConstraint("refresh_hash", name=op.f("uq_access_token_refresh_hash")),
    )
    for column in _POINTS:
        op.create_index(op.f(f"ix_access_token_{column}"), "access_token", [column])


def downgrade() -> None:
    """Go back down."""
    for column in _POINTS:
        op.drop_index(op.f(f"ix_access_token_{column}"), "access_token")
    op.drop_table("access_token")
