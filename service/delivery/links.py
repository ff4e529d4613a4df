"""Links that decide, for mail: each bound to one moderator, case, version of the comment, action and time.

A token is the number of a row and a signature over all of that. It is made again from the row when it is needed and
stored nowhere, so a stolen database holds none. It opens no session: whoever has it can do this one thing, with the
rights its moderator has at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import delete, update
from sqlmodel import col, select

from service.delivery.tables import MailLinkRow
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden
from service.kit.seal import Keeper
from service.moderation import Case

LinkAction = Literal["approve", "reject", "remove"]
LINK_ACTIONS: tuple[LinkAction, ...] = get_args(LinkAction)
LINK_LIFE = timedelta(hours=48)
# How long it is remembered what a link did, for whoever opens it again.
_KEPT = timedelta(days=7)
_PURPOSE = "mail-link"


class LinkInvalid(Forbidden):
    """This link is not a true one, or it is too old. What waits for a decision is in the console."""

    type = "mail-link-invalid"


@dataclass(frozen=True)
class MailLink:
    """What the links of one case in one moderator's mail are bound to."""

    id: int
    account_id: int
    site_id: int
    case_id: int
    comment_id: int
    comment_version: int
    expires_at: datetime
    sent_at: datetime | None
    used_at: datetime | None
    used_for: str


async def make(tx: WriteTx, account_id: int, case: Case) -> MailLink:
    """The links of a case for a moderator: those there are, or new ones where those are too old."""
    found = await tx.exec(
        select(MailLinkRow).where(
            MailLinkRow.account_id == account_id,
            MailLinkRow.case_id == case.id,
            MailLinkRow.comment_version == case.comment_version,
        )
    )
    now = clock.now()
    if (row := found.first()) is None:
        row = MailLinkRow(
            id=ids.new_id(),
            account_id=account_id,
            site_id=case.site_id,
            case_id=case.id,
            comment_id=case.comment_id,
            comment_version=case.comment_version,
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
        tx.add(row)
        await tx.flush()
    elif row.expires_at < now + LINK_LIFE / 2:
        # Told of once more, in a digest: the links of the mail before end, these last as long as new ones.
        row.expires_at = now + LINK_LIFE
        await tx.flush()
    return _link(row)


def token(keeper: Keeper, link: MailLink, action: LinkAction) -> str:
    """What stands in the link that does `action`."""
    return f"{link.id}.{action}.{keeper.sign(_PURPOSE, _bound(link, action))}"


async def read(tx: ReadTx, keeper: Keeper, token: str) -> tuple[MailLink, LinkAction]:
    """What a token is for. Raises LinkInvalid for one that is forged, changed, too old or forgotten."""
    number, _, rest = token.partition(".")
    name, _, signature = rest.partition(".")
    action = next((known for known in LINK_ACTIONS if known == name), None)
    if action is None or not (number.isascii() and number.isdigit() and len(number) < 20) or int(number) >= 2**63:
        raise LinkInvalid
    row = await tx.get(MailLinkRow, int(number))
    if row is None:
        raise LinkInvalid
    link = _link(row)
    if not keeper.is_signed(_PURPOSE, _bound(link, action), signature) or link.expires_at <= clock.now():
        raise LinkInvalid
    return link, action


async def use(tx: WriteTx, link_id: int, action: LinkAction) -> None:
    """Note that a link did what it is for; none of its case's links in that mail does anything any more."""
    await tx.exec(
        update(MailLinkRow)
        .where(col(MailLinkRow.id) == link_id, col(MailLinkRow.used_at).is_(None))
        .values(used_at=clock.now(), used_for=action)
    )


async def sent(tx: WriteTx, link_ids: list[int]) -> None:
    """Note that these went out."""
    await tx.exec(update(MailLinkRow).where(col(MailLinkRow.id).in_(link_ids)).values(sent_at=clock.now()))


async def unsent(tx: ReadTx, account_id: int, site_id: int) -> list[MailLink]:
    """What a moderator is still to be told of, the oldest first."""
    rows = await tx.exec(
        select(MailLinkRow)
        .where(MailLinkRow.account_id == account_id, MailLinkRow.site_id == site_id, col(MailLinkRow.sent_at).is_(None))
        .order_by(col(MailLinkRow.id))
        .limit(200)
    )
    return [_link(row) for row in rows]


async def drop(tx: WriteTx, link_ids: list[int]) -> None:
    """Forget links that never went out, because there is nothing to decide any more."""
    await tx.exec(delete(MailLinkRow).where(col(MailLinkRow.id).in_(link_ids)))


async def forget_old(tx: WriteTx) -> None:
    """Delete links that ended long ago."""
    await tx.exec(delete(MailLinkRow).where(col(MailLinkRow.expires_at) < clock.now() - _KEPT))


def _bound(link: MailLink, action: LinkAction) -> str:
    parts = (link.id, action, link.account_id, link.site_id, link.case_id, link.comment_id, link.comment_version)
    return ".".join(map(str, (*parts, int(link.expires_at.timestamp()))))


def _link(row: MailLinkRow) -> MailLink:
    return MailLink(
        row.id,
        row.account_id,
        row.site_id,
        row.case_id,
        row.comment_id,
        row.comment_version,
        row.expires_at,
        row.sent_at,
        row.used_at,
        row.used_for,
    )
