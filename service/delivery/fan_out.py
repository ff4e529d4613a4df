"""From a fact to one delivery for each webhook that listens to it. All the outbox has to wait for is this insert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, select

from service.comments import CommentEdited, CommentPosted, CommentRemoved
from service.delivery import deliveries
from service.delivery.tables import WebhookRow
from service.delivery.webhooks import Event
from service.kit.db import Database, ReadTx, WriteTx
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


_WEBHOOKS = WebhookRow.metadata.tables[str(WebhookRow.__tablename__)]
_ENABLED = select(_WEBHOOKS.c.id, _WEBHOOKS.c.events).where(
    _WEBHOOKS.c.site_id == bindparam("site"), _WEBHOOKS.c.enabled
)


class FanOut:
    """The reaction to every fact that webhooks can listen to."""

    def __init__(self, db: Database, sending: Pump) -> None:
        self._db = db
        self._sending = sending

    async def on_fact(self, fact: Fact) -> None:
        """Note what is to be sent to whom; a fact that comes twice is noted once."""
        await self.on_facts([fact])

    async def on_facts(self, facts: Sequence[Fact]) -> None:
        """The same for facts of one kind: each site is looked at once, and what is noted is noted together."""
        event = EVENT_OF[type(facts[0])]
        abouts = [asdict(fact) for fact in facts]
        by_webhook: dict[int, dict[str, Mapping[str, Any]]] = {}
        for site in sorted({about["site"] for about in abouts}):
            told: dict[str, Mapping[str, Any]] = {
                _key(event, about): about for about in abouts if about["site"] == site
            }
            # Most sites have no webhook: then nobody waits for the writer.
            by_webhook |= dict.fromkeys(await self._db.glance(_listening, event, site), told)
        if by_webhook:
            await self._db.transact(_note, event, by_webhook)
            self._sending.poke()


async def _listening(tx: ReadTx, event: Event, site_id: int) -> list[int]:
    return [webhook for webhook, events in await tx.run(_ENABLED, {"site": site_id}) if event in events]


async def _note(tx: WriteTx, event: Event, by_webhook: Mapping[int, Mapping[str, Mapping[str, Any]]]) -> None:
    for webhook, abouts in by_webhook.items():
        await deliveries.add_all(tx, webhook, event, abouts)


def _key(event: str, about: Mapping[str, Any]) -> str:
    """The same for the same fact, whoever hands it on and however often."""
    return ".".join([event, *(str(about[name]) for name in sorted(about) if name != "site")])
