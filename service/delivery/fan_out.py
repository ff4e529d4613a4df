"""From a fact to one delivery for each webhook that listens to it. All the outbox has to wait for is this insert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlmodel import col, select

from service.comments import CommentEdited, CommentPosted, CommentRemoved
from service.delivery import deliveries
from service.delivery.tables import WebhookRow
from service.delivery.webhooks import Event
from service.kit.db import Database, WriteTx
from service.kit.pump import Pump
from service.moderation import CaseDecided, CaseOpened
from service.outbox import Fact
from service.threads import ThreadClosed

EVENT_OF: Mapping[type[Fact], Event] = {
    CaseOpened: "case.opened",
    CaseDecided: "case.decided",
    CommentPosted: "comment.posted",
    CommentEdited: "comment.edited",
    CommentRemoved: "comment.removed",
    ThreadClosed: "thread.closed",
}


class FanOut:
    """The reaction to every fact that webhooks can listen to."""

    def __init__(self, db: Database, sending: Pump) -> None:
        self._db = db
        self._sending = sending

    async def on_fact(self, fact: Fact) -> None:
        """Note what is to be sent to whom; a fact that comes twice is noted once."""
        about = asdict(fact)
        if await self._db.transact(_note, EVENT_OF[type(fact)], about):
            self._sending.poke()


async def _note(tx: WriteTx, event: Event, about: Mapping[str, Any]) -> int:
    listening = await tx.exec(
        select(WebhookRow.id, WebhookRow.events).where(
            WebhookRow.site_id == about["site"],
            col(WebhookRow.enabled),
        )
    )
    wanted = [webhook for webhook, events in listening.all() if event in events]
    for webhook in wanted:
        await deliveries.add(tx, webhook, event, about, key=_key(event, about))
    return len(wanted)


def _key(event: str, about: Mapping[str, Any]) -> str:
    """The same for the same fact, whoever hands it on and however often."""
    return ".".join([event, *(str(about[name]) for name in sorted(about) if name != "site")])
