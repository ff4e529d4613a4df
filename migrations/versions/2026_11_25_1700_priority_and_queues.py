"""Cases say why they are pressing and where they belong; saved queues, reporters' records, second looks.

expand

Revision: 2026_11_25_1700, after 2026_11_25_1610
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import service.kit.columns

revision = "2026_11_25_1700"
down_revision = "2026_11_25_1610"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
_TIME = service.kit.columns.UTCDateTime(timezone=True)


def _case() -> list[sa.Column[Any]]:
    # What old code does not write has a default, so that it runs on the new schema.
    return [
        sa.Column("signal_names", sa.String(length=1000), nullable=False, server_default=""),
        sa.Column("section", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("language", sa.String(length=12), nullable=False, server_default=""),
        sa.Column("reach", sa.Float(), nullable=False, server_default="1"),
        sa.Column("pressure", sa.Float(), nullable=False, server_default="0"),
        sa.Column("priority", _JSON, nullable=False, server_default="[]"),
        sa.Column("not_for", _JSON, nullable=False, server_default="[]"),
    ]


def _decision() -> list[sa.Column[Any]]:
    return [
        sa.Column("case_reason", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("section", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("waited_seconds", sa.Integer(), nullable=True),
        sa.Column("batch_id", _ID, nullable=True),
    ]


def upgrade() -> None:
    """Go up."""
    for column in _case():
        op.add_column("moderation_case", column)
    for column in _decision():
        op.add_column("decision", column)
    op.add_column("report", sa.Column("outcome", sa.String(length=5), nullable=True))
    op.create_index(
        "ix_case_closed",
        "moderation_case",
        ["site_id", "id"],
        sqlite_where=sa.text("state <> 'open'"),
        postgresql_where=sa.text("state <> 'open'"),
    )
    op.create_index("ix_decision_batch_id", "decision", ["batch_id"])
    op.create_table(
        "reporter",
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("right_count", sa.Integer(), nullable=False),
        sa.Column("wrong_count", sa.Integer(), nullable=False),
        sa.Column("touched_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_reporter_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", "reporter", name=op.f("pk_reporter")),
    )
    op.create_index("ix_reporter_touched_on", "reporter", ["touched_on"])
    op.create_table(
        "moderation_queue",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("filter", _JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_moderation_queue_site_id_site")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_moderation_queue_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_queue")),
    )
    op.create_index("uq_moderation_queue_name", "moderation_queue", ["site_id", "name"], unique=True)
    _second_looks()
    _name_signals()


def downgrade() -> None:
    """Go back down."""
    op.drop_table("second_look")
    op.drop_table("moderation_queue")
    op.drop_table("reporter")
    op.drop_index("ix_decision_batch_id", table_name="decision")
    op.drop_index("ix_case_closed", table_name="moderation_case")
    op.drop_column("report", "outcome")
    for column in reversed(_decision()):
        op.drop_column("decision", column.name)
    for column in reversed(_case()):
        op.drop_column("moderation_case", column.name)


def _second_looks() -> None:
    op.create_table(
        "second_look",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("decision_id", _ID, nullable=False),
        sa.Column("first_account_id", _ID, nullable=False),
        sa.Column("second_account_id", _ID, nullable=True),
        sa.Column("first_action", sa.String(length=20), nullable=False),
        sa.Column("second_action", sa.String(length=20), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("looked_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_second_look_site_id_site")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["moderation_case.id"], name=op.f("fk_second_look_case_id_moderation_case")
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_second_look_decision_id_decision")),
        sa.ForeignKeyConstraint(
            ["first_account_id"], ["account.id"], name=op.f("fk_second_look_first_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["second_account_id"], ["account.id"], name=op.f("fk_second_look_second_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
        sa.UniqueConstraint("case_id", name=op.f("uq_second_look_case_id")),
    )
    op.create_index("ix_second_look_site", "second_look", ["site_id", "id"])


def _name_signals() -> None:
    """Open cases of the old code are found by their signals, too, and are as pressing as they were."""
    connection = op.get_bind()
    cases = sa.table(
        "moderation_case",
        sa.column("id"), sa.column("state"), sa.column("signals", _JSON), sa.column("signal_names"),
        sa.column("severity"), sa.column("pressure"),
    )  # fmt: skip
    still_open = sa.select(cases.c.id, cases.c.signals).where(cases.c.state == "open")
    for case, signals in connection.execute(still_open).all():
        names = sorted({str(signal["name"]) for signal in _read(signals)})
        told = "".join(f"|{name}" for name in names) + "|"
        connection.execute(
            cases.update().where(cases.c.id == case).values(signal_names=told, pressure=cases.c.severity)
        )


def _read(signals: Any) -> list[dict[str, Any]]:
    return json.loads(signals) if isinstance(signals, str) else list(signals or ())
