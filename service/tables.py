"""Every room's tables, gathered for migrations and doctor; nothing else."""

from __future__ import annotations

from sqlmodel import SQLModel

import service.comments.tables
import service.delivery.tables
import service.desk.tables
import service.hooks.tables
import service.identity.tables
import service.keys.tables
import service.mailing.tables
import service.moderation.tables
import service.outbox.tables
import service.posting.tables
import service.privacy.tables
import service.publishing.tables
import service.readers.tables
import service.record.tables
import service.redress.tables
import service.sanctions.tables
import service.sites.tables
import service.threads.tables
import service.transfer.tables
import service.votes.tables  # noqa: F401  # imported for what they register

metadata = SQLModel.metadata
