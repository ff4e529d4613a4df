"""What a publisher does to one discussion: close, open, lock, name, move; each on record."""

from __future__ import annotations

from dataclasses import dataclass

from service import record, threads
from service.kit.db import WriteTx
from service.publishing.jobs import own
from service.record import Actor
from service.sites import Site
from service.threads import CanonicalURL, State, Thread

_ACTS: dict[State, str] = {"open": "thread-opened", "closed": "thread-closed", "locked": "thread-locked"}


@dataclass(frozen=True)
class Change:
    """What is to change; None: it stays. An empty title is none."""

    state: State | None = None
    title: str | None = None
    url: CanonicalURL | None = None


async def change(tx: WriteTx, site: Site, thread_id: int, wanted: Change, *, by: Actor) -> Thread:
    """Change a discussion of this site, all that is named or nothing. Raises ThreadUnknown, AddressTaken."""
    before = await own(tx, site, thread_id)
    if wanted.state is not None and wanted.state != before.state:
        await threads.set_state(tx, before.id, wanted.state)
        await _note(tx, before, by, _ACTS[wanted.state], {"before": before.state})
    if wanted.title is not None and (wanted.title or None) != before.title:
        await threads.set_title(tx, before.id, wanted.title or None)
        await _note(tx, before, by, "thread-named", {}, {"before": before.title or "", "after": wanted.title})
    if wanted.url is not None and wanted.url.text != before.url:
        moved = await threads.move(tx, site, before.id, wanted.url)
        await _note(tx, before, by, "thread-moved", {}, {"before": moved.before, "after": wanted.url.text})
    await tx.flush()
    return await threads.get(tx, before.id)


async def _note(
    tx: WriteTx, thread: Thread, by: Actor, act: str, detail: dict[str, str], words: dict[str, str] | None = None
) -> None:
    subject = f"thread:{thread.id}"
    await record.append(tx, thread.site_id, by, act, subject, detail, words=words, section=thread.section)
