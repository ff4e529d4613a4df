"""Mail to readers: addresses and what is known of mailboxes, links that confirm, subscriptions, what is to be told.

expand

Old servers know nothing of it, and tell nobody.

Revision: 2026_11_26_0100, after 2026_11_25_2203
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0100"
down_revision = "2026_11_25_2203"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "mailbox",
        sa.Column("pseudonym", sa.String(length=22), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", _AT, nullable=True),
        sa.Column("request", _ID, nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("soft", sa.Integer(), nullable=False),
        sa.Column("changed_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_mailbox")),
    )
    op.create_index(op.f("ix_mailbox_changed_at"), "mailbox", ["changed_at"])
    _addresses()
    _subscriptions()
    _notices()


def _addresses() -> None:
    op.create_table(
        "mail_address",
        sa.Column("person_id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("sealed", sa.String(length=600), nullable=False),
        sa.Column("mailbox", sa.String(length=22), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("pace", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("asked_at", _AT, nullable=False),
        sa.Column("confirmed_at", _AT, nullable=True),
        sa.Column("sent_at", _AT, nullable=True),
        sa.Column("due_at", _AT, nullable=True),
        sa.Column("claimed_until", _AT, nullable=True),
        sa.Column("batch", _ID, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_address_person_id_person")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_mail_address_site_id_site")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_address")),
    )
    op.create_index(op.f("ix_mail_address_site_id"), "mail_address", ["site_id"])
    op.create_index(op.f("ix_mail_address_mailbox"), "mail_address", ["mailbox"])
    op.create_index(op.f("ix_mail_address_asked_at"), "mail_address", ["asked_at"])
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_mail_address_due", "mail_address", ["due_at"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "mail_confirm",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("mailbox", sa.String(length=22), nullable=False),
        sa.Column("expires_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_confirm_person_id_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_mail_confirm")),
    )
    op.create_index(op.f("ix_mail_confirm_person_id"), "mail_confirm", ["person_id"])
    op.create_index(op.f("ix_mail_confirm_expires_at"), "mail_confirm", ["expires_at"])


def _subscriptions() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("thread_id", _ID, nullable=True),
        sa.Column("author_id", _ID, nullable=True),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("ended_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_subscription_author_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_subscription_person_id_person")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_subscription_site_id_site")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_subscription_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index(op.f("ix_subscription_site_id"), "subscription", ["site_id"])
    op.create_index(op.f("ix_subscription_ended_at"), "subscription", ["ended_at"])
    op.create_index("ix_subscription_thread_id_kind", "subscription", ["thread_id", "kind"])
    op.create_index("ix_subscription_author_id", "subscription", ["author_id"])
    op.create_index("uq_subscription_thread", "subscription", ["person_id", "kind", "thread_id"], unique=True)
    op.create_index("uq_subscription_author", "subscription", ["person_id", "kind", "author_id"], unique=True)
    of_all = sa.text("thread_id IS NULL AND author_id IS NULL")
    op.create_index(
        "uq_subscription_all",
        "subscription",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=of_all,
        postgresql_where=of_all,
    )


def _notices() -> None:
    op.create_table(
        "mail_notice",
        sa.Column("person_id", _ID, autoincrement=False, nullable=False),
        sa.Column("comment_id", _ID, autoincrement=False, nullable=False),
        sa.Column("site_id", _ID, nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("mail_id", _ID, nullable=True),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("sent_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_mail_notice_comment_id_comment")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_notice_person_id_person")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_mail_notice_site_id_site")),
        sa.PrimaryKeyConstraint("person_id", "comment_id", name=op.f("pk_mail_notice")),
    )
    op.create_index(op.f("ix_mail_notice_site_id"), "mail_notice", ["site_id"])
    op.create_index(op.f("ix_mail_notice_created_at"), "mail_notice", ["created_at"])
    op.create_index("ix_mail_notice_comment_id", "mail_notice", ["comment_id"])
    untold = sa.text("sent_at IS NULL")
    op.create_index("ix_mail_notice_untold", "mail_notice", ["person_id"], sqlite_where=untold, postgresql_where=untold)


def downgrade() -> None:
    """Go back down. Nobody is mailed any more, and what was asked for is forgotten."""
    for name in ("mail_notice", "subscription", "mail_confirm", "mail_address", "mailbox"):
        op.drop_table(name)
