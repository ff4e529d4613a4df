"""From facts to events: looked up when they are told, so that what became hidden meanwhile is not told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from service import comments, sites, threads
from service.comments import Comment, CommentEdited, CommentPosted, CommentRemoved, CommentUnknown, VotesMoved
from service.kit.db import Database, ReadTx
from service.kit.errors import Unavailable
from service.kit.redis import Away, Redis
from service.live import stream
from service.live.standing import StateOf
from service.sites import Site
from service.threads import Thread, ThreadClosed, ThreadReopened, ThreadUnknown

_STORM = 1.0  # seconds over which votes of one thread are gathered
_MOST = 100  # comments in one event about votes
_AT_ONCE = 200  # comments looked up at once


class Announcer:
    """The reactions of the live room. With Redis away nothing is told: listeners find out when they come again."""

    def __init__(self, db: Database, redis: Redis, state_of: StateOf) -> None:
        self._db = db
        self._redis = redis
        self._state_of = state_of
        self._moved: dict[int, set[int]] = {}
        self._flushing: asyncio.Task[None] | None = None

    async def on_posted(self, fact: CommentPosted) -> None:
        """A comment can be read."""
        await self._about(fact.comment, "posted", is_published=True)

    async def on_all_posted(self, facts: Sequence[CommentPosted]) -> None:
        """The same for many: looked up in one read, told thread by thread in their order."""
        found, of = await self._db.read(_look_all, [fact.comment for fact in facts])
        by_thread: dict[int, list[Comment]] = {}
        for fact in facts:
            comment = found.get(fact.comment)
            if comment is not None and comment.is_published and comment.thread_id in of:
                by_thread.setdefault(comment.thread_id, []).append(comment)
        await asyncio.gather(*(self._tell_posted(of[thread_id], told) for thread_id, told in by_thread.items()))

    async def _tell_posted(self, thread: Thread, posted: Sequence[Comment]) -> None:
        for comment in posted:
            await self._tell(thread, _event(comment, "posted"))

    async def on_edited(self, fact: CommentEdited) -> None:
        """A comment's text is another."""
        await self._about(fact.comment, "edited", is_published=True)

    async def on_removed(self, fact: CommentRemoved) -> None:
        """A comment cannot be read any more; not said why, or by whom."""
        await self._about(fact.comment, "removed", is_published=False)

    async def on_thread(self, fact: ThreadClosed | ThreadReopened) -> None:
        """A discussion was closed or opened again."""
        with contextlib.suppress(ThreadUnknown):
            thread, site = await self._db.read(_standing, fact.thread)
            # Opened again it stays closed where the site has closed all.
            await self._tell(thread, {"type": "thread", "state": self._state_of(thread, site)})

    async def on_votes_moved(self, fact: VotesMoved) -> None:
        """Votes are gathered for a second and told as counts, or a storm of votes would be one of events."""
        self._moved.setdefault(fact.thread, set()).update(fact.comments)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_soon())

    async def flush(self) -> None:
        """Tell the votes gathered so far."""
        moved, self._moved = self._moved, {}
        told = [(thread_id, comment) for thread_id, comments_of in moved.items() for comment in sorted(comments_of)]
        for start in range(0, len(told), _AT_ONCE):
            by_thread: dict[int, list[int]] = {}
            for thread_id, comment in told[start : start + _AT_ONCE]:
                by_thread.setdefault(thread_id, []).append(comment)
            of, found = await self._db.read(_counts, by_thread)
            await asyncio.gather(*(self._tell_votes(of[each], found[each]) for each in by_thread if each in of))

    async def close(self) -> None:
        """Forget what was gathered."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)

    async def _flush_soon(self) -> None:
        while self._moved:
            await asyncio.sleep(_STORM)
            # A count that is not told now is told with the next vote, or read with the next page.
            with contextlib.suppress(Unavailable):
                await self.flush()

    async def _about(self, comment_id: int, kind: str, *, is_published: bool) -> None:
        try:
            comment, thread = await self._db.read(_look, comment_id)
        except CommentUnknown:
            return
        if comment.is_published != is_published:
            return  # the next fact tells what became of it
        await self._tell(thread, _event(comment, kind))

    async def _tell_votes(self, thread: Thread, found: dict[str, list[int]]) -> None:
        counts = list(found.items())
        for start in range(0, len(counts), _MOST):
            await self._tell(thread, {"type": "votes", "votes": dict(counts[start : start + _MOST])})

    async def _tell(self, thread: Thread, event: dict[str, Any]) -> None:
        event |= {"thread_version": thread.version, "count": thread.comment_count}
        # Not tried again: without Redis nobody listens, and whoever comes back compares versions.
        with contextlib.suppress(Away):
            await stream.tell(self._redis, thread.id, event)


def _event(comment: Comment, kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "comment": str(comment.id),
        "parent": str(comment.parent_id) if comment.parent_id else None,
        # A tombstone does not tell of what moderators decide about its text.
        "version": comment.version if comment.is_published else 0,
    }


async def _look_all(tx: ReadTx, comment_ids: Sequence[int]) -> tuple[dict[int, Comment], dict[int, Thread]]:
    found = await comments.get_many(tx, comment_ids, comments.STAFF)
    return found, await threads.all_of(tx, {comment.thread_id for comment in found.values()})


async def _look(tx: ReadTx, comment_id: int) -> tuple[Comment, Thread]:
    comment = await comments.get(tx, comment_id, comments.STAFF)
    return comment, await threads.get(tx, comment.thread_id)


async def _standing(tx: ReadTx, thread_id: int) -> tuple[Thread, Site]:
    thread = await threads.get(tx, thread_id)
    return thread, await sites.by_id(tx, thread.site_id)


async def _counts(
    tx: ReadTx, by_thread: Mapping[int, Sequence[int]]
) -> tuple[dict[int, Thread], dict[int, dict[str, list[int]]]]:
    """Threads, and of each the counts of these comments that can be read."""
    found = await comments.get_many(tx, [comment for some in by_thread.values() for comment in some])
    shown = {each: [found[comment] for comment in some if comment in found] for each, some in by_thread.items()}
    counts = {
        each: {str(comment.id): [comment.up, comment.down] for comment in some if comment.is_published}
        for each, some in shown.items()
    }
    return await threads.all_of(tx, by_thread.keys()), counts
