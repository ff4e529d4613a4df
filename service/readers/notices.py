"""Mail about a change of the ways into an account, to every address that was one of them before or is one now.

What changed and to whom it is told is sealed in a row, and the fact names the row: an address that was just taken away
is known nowhere else any more, and it is the one that has to be told.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import timedelta
from typing import Literal

from sqlalchemy import delete
from sqlmodel import col

from service import outbox
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.said import N_
from service.kit.seal import Keeper
from service.pages.language import language
from service.readers.events import WaysChanged
from service.readers.tables import NoticeRow

Change = Literal["added", "removed", "joined"]
NOTICE_LIFE = timedelta(days=2)
_PURPOSE = "reader-notice"
_MOST = 5  # addresses that are told
_SUBJECT = N_("How you sign in at %(site)s has changed")
JOINED = N_("Two accounts, each proven as yours, have become one.")
_TEXTS: dict[Change, str] = {
    "added": N_("One more way into your account was added: %(way)s."),
    "removed": N_("A way into your account was taken away: %(way)s."),
    "joined": JOINED,
}
_IF_NOT_YOU = N_(
    "If that was not you, sign in at once, open your page from the discussion, end all sessions and take away what is"
    " not yours."
)


async def tell(
    tx: WriteTx, keeper: Keeper, emails: Collection[str], change: Change, way: str, *, site: str, tag: str
) -> None:
    """Have a change told, once it is committed; `way` in words, `site` the title of where it was made."""
    for email in sorted(emails)[:_MOST]:
        number = ids.new_id()
        sealed = keeper.seal(_PURPOSE, json.dumps([email, change, way[:200], site[:200]], ensure_ascii=False))
        tx.add(NoticeRow(id=number, sealed=sealed, language=tag[:20], ends_at=clock.now() + NOTICE_LIFE))
        await tx.flush()
        await outbox.add(tx, WaysChanged(notice=number))


async def notice_for(tx: ReadTx, keeper: Keeper, notice: int) -> tuple[str, str, str] | None:
    """(to, subject, text) of such a mail; None when it is over."""
    row = await tx.get(NoticeRow, notice)
    opened = keeper.unseal(_PURPOSE, row.sealed) if row is not None and row.ends_at > clock.now() else None
    if row is None or opened is None:
        return None
    email, change, way, site = json.loads(opened)
    spoken = language(row.language)
    said = (_TEXTS[change], _IF_NOT_YOU)
    lines = "\n\n".join(spoken.text(each, way=spoken.text(way)) for each in said)
    return email, spoken.text(_SUBJECT, site=site), lines + "\n"


async def forget_notices(tx: WriteTx) -> None:
    """Delete mails that were written, or could not be for two days."""
    await tx.exec(delete(NoticeRow).where(col(NoticeRow.ends_at) <= clock.now()))


async def noticed(tx: WriteTx, notice: int) -> None:
    """It was handed to the mail: the address need not be kept."""
    await tx.exec(delete(NoticeRow).where(col(NoticeRow.id) == notice))
