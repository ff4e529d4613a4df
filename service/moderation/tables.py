"""Cases, reports and decisions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, literal_column, text
from sqlmodel import Field, SQLModel, col

from service.kit.columns import Id, Json, UTCDateTime

_OPEN: dict[str, Any] = {"sqlite_where": text("state = 'open'"), "postgresql_where": text("state = 'open'")}

_CLOSED: dict[str, Any] = {"sqlite_where": text("state <> 'open'"), "postgresql_where": text("state <> 'open'")}

_NOTED: dict[str, Any] = {"sqlite_where": text("note <> ''"), "postgresql_where": text("note <> ''")}

_DETAILED: dict[str, Any] = {"sqlite_where": text("detail <> ''"), "postgresql_where": text("detail <> ''")}

_TO_DO: dict[str, Any] = {
    "sqlite_where": text("state IN ('waiting', 'running')"),
    "postgresql_where": text("state IN ('waiting', 'running')"),
}


class CaseRow(SQLModel, table=True):
    """A comment that needs a person. At most one case of a comment is open."""

    __tablename__ = "moderation_case"
    __table_args__ = (
        Index("uq_case_open_comment", "comment_id", unique=True, **_OPEN),
        # Queues are read by due order; counts are counted over this index and cannot drift.
        Index("ix_case_open_due", "site_id", "due_at", "id", **_OPEN),
        Index("ix_case_closed", "site_id", "id", **_CLOSED),
        Index("ix_case_comment", "comment_id"),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    thread_id: int = Field(sa_type=Id, foreign_key="thread.id")
    comment_id: int = Field(sa_type=Id, foreign_key="comment.id")
    comment_version: int
    reason: str = Field(max_length=20)  # held, reported, reopened, appealed, sampled
    signals: list[dict[str, Any]] = Field(sa_type=Json)
    # The names of the signals between bars, `|links|word-suspect|`, for queues to ask for.
    signal_names: str = Field(default="", max_length=1_000)
    section: str = Field(default="", max_length=60)
    language: str = Field(default="", max_length=12)
    state: str = Field(default="open", max_length=10)  # open, decided, withdrawn
    severity: float = 0.0
    reach: float = 1.0
    pressure: float = 0.0  # severity and reach together: what the due time goes by
    priority: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)  # how it came about, in words
    not_for: list[int] = Field(default_factory=list, sa_type=Json)  # accounts it is never offered to
    opened_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class SavedQueueRow(SQLModel, table=True):
    """A part of a site's queue under a name; `version` rises with each change of the filter."""

    __tablename__ = "moderation_queue"
    __table_args__ = (Index("uq_moderation_queue_name", "site_id", "name", unique=True),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    name: str = Field(max_length=60)
    filter: dict[str, Any] = Field(sa_type=Json)
    version: int = 1
    account_id: int = Field(sa_type=Id, foreign_key="account.id")  # who changed it last
    changed_at: datetime = Field(sa_type=UTCDateTime)


class RuleRow(SQLModel, table=True):
    """A word or a host a site wants noticed, or left alone."""

    __tablename__ = "screening_rule"
    __table_args__ = (Index("uq_screening_rule", "site_id", "kind", "pattern", "action", unique=True),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    kind: str = Field(max_length=10)  # word, host
    pattern: str = Field(max_length=255)
    action: str = Field(max_length=10)  # hold, reject, allow
    severity: float = 0.5
    whole_word: bool = True
    enabled: bool = True
    note: str = Field(default="", max_length=300)
    version: int = 1
    account_id: int = Field(sa_type=Id, foreign_key="account.id")  # who changed it last
    changed_at: datetime = Field(sa_type=UTCDateTime)


class RuleSetRow(SQLModel, table=True):
    """That a site's rules changed: the stamp is another one after each change."""

    __tablename__ = "screening_rule_set"

    site_id: int = Field(sa_type=Id, primary_key=True, foreign_key="site.id", sa_column_kwargs={"autoincrement": False})
    stamp: int = Field(sa_type=Id)


class ReportRow(SQLModel, table=True):
    """A reader's report; one per reporter and comment."""

    __tablename__ = "report"
    # Words by age, so that they are forgotten in time.
    __table_args__ = (Index("ix_report_words", "site_id", "created_at", **_DETAILED),)

    comment_id: int = Field(sa_type=Id, primary_key=True, foreign_key="comment.id")
    reporter: str = Field(max_length=64, primary_key=True)  # keyed hash of the person or address
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    reason: str = Field(max_length=30)
    detail: str = Field(default="", max_length=1_000)
    comment_version: int
    outcome: str | None = Field(default=None, max_length=5)  # right, wrong; None until somebody has decided
    # Whose capability came along, if any: so that it is found with them when they ask for it, or to be forgotten.
    person_id: int | None = Field(default=None, sa_type=Id, index=True)
    created_at: datetime = Field(sa_type=UTCDateTime)


class ReporterRow(SQLModel, table=True):
    """How often a reporter was right at a site: two counts beside a pseudonym, deleted with it."""

    __tablename__ = "reporter"

    site_id: int = Field(sa_type=Id, primary_key=True, foreign_key="site.id")
    reporter: str = Field(max_length=64, primary_key=True)
    right_count: int = 0
    wrong_count: int = 0
    # To the day: kept to forget the row in time, and not to say when somebody was there.
    touched_on: date = Field(index=True)


class SecondLookRow(SQLModel, table=True):
    """What a second moderator said of a decided comment without knowing the first decision. It changes no state."""

    __tablename__ = "second_look"
    __table_args__ = (Index("ix_second_look_site", "site_id", "id"),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    case_id: int = Field(sa_type=Id, foreign_key="moderation_case.id", unique=True)
    decision_id: int = Field(sa_type=Id, foreign_key="decision.id")  # the first one
    first_account_id: int = Field(sa_type=Id, foreign_key="account.id")
    second_account_id: int | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    first_action: str = Field(max_length=20)
    second_action: str | None = Field(default=None, max_length=20)
    agrees: bool | None = None
    created_at: datetime = Field(sa_type=UTCDateTime)
    looked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class DecisionRow(SQLModel, table=True):
    """What somebody with authority decided about one version of a comment. Never changed, never deleted."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_site_id", "site_id", "id"),
        Index("ix_decision_words", "site_id", "created_at", **_NOTED),
        Index("uq_decision_undoes", "undoes", unique=True),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    comment_id: int = Field(sa_type=Id, foreign_key="comment.id", index=True)
    case_id: int | None = Field(default=None, sa_type=Id, foreign_key="moderation_case.id")
    case_reason: str = Field(default="", max_length=20)
    section: str = Field(default="", max_length=60)
    waited_seconds: int | None = None  # from opening the case to this; None without a case
    batch_id: int | None = Field(default=None, sa_type=Id, index=True)  # the bulk job it was made by
    account_id: int = Field(sa_type=Id, foreign_key="account.id")
    action: str = Field(max_length=20)
    reason: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=1_000)
    state_before: str = Field(max_length=10)
    state_after: str = Field(max_length=10)
    undoes: int | None = Field(default=None, sa_type=Id)  # the decision this one took back; at most one does
    comment_version: int
    created_at: datetime = Field(sa_type=UTCDateTime)


class BulkJobRow(SQLModel, table=True):
    """One decision about many comments: previewed, then carried out piece by piece by whichever worker has it."""

    __tablename__ = "bulk_job"
    __table_args__ = (
        Index("ix_bulk_job_site", "site_id", "id"),
        Index("ix_bulk_job_to_do", "id", **_TO_DO),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    account_id: int = Field(sa_type=Id, foreign_key="account.id")
    token_hash: str | None = Field(default=None, max_length=64, unique=True)
    state: str = Field(max_length=10)  # previewed, waiting, running, done, cancelled, failed
    filter: dict[str, Any] = Field(sa_type=Json)
    action: str = Field(default="", max_length=20)
    reason: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=1_000)
    total: int
    position: int = Field(default=0, sa_type=Id)  # how far it has come: in the selection, or the last decision undone
    done: int = 0
    skipped: dict[str, int] = Field(default_factory=dict, sa_type=Json)  # by the type of the refusal
    undo_of: int | None = Field(default=None, sa_type=Id, foreign_key="bulk_job.id", unique=True)
    is_cancelled: bool = False
    worker: str = Field(default="", max_length=32)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class BulkSelectionRow(SQLModel, table=True):
    """What a preview found, as [comment, version] pairs; deleted when the job is over."""

    __tablename__ = "bulk_selection"

    job_id: int = Field(
        sa_type=Id, primary_key=True, foreign_key="bulk_job.id", sa_column_kwargs={"autoincrement": False}
    )
    items: list[list[int]] = Field(sa_type=Json)


def is_open() -> ColumnElement[bool]:
    """That a case is open, written out: a partial index is not used for a value that comes as a parameter."""
    return col(CaseRow.state) == literal_column("'open'")
