"""Hooks that are asked once a comment is there: what they say is heeded as long as nobody has decided meanwhile.

A program alone takes nothing away for good: of what it would reject, as of what it would hold, a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from service import comments, hooks, moderation, sites
from service.comments import Comment, CommentUnknown
from service.hooks import Asker, Hook, Opinion, Question, Subject
from service.kit import clock
from service.kit.db import Database, ReadTx, WriteTx
from service.outbox import Relay
from service.posting.consulting import subject_of

# Seconds between tries of one that is silent; then its silence counts.
_WAITS = (5, 30, 120)
# A hook that rests after failures is waited for no longer than this.
_PATIENCE = timedelta(minutes=10)


class Rejudging:
    """The work of asking afterwards, for one process; see kit.pump."""

    def __init__(self, db: Database, asker: Asker, relay: Relay) -> None:
        self._db = db
        self._asker = asker
        self._relay = relay

    async def parties(self) -> Sequence[int]:
        """Hooks with a question that is due."""
        return await self._db.read(hooks.due_hooks)

    async def take(self, party: int, most: int) -> Sequence[int]:
        """Claim questions of one hook."""
        return await self._db.transact(hooks.claim, party, most)

    async def work(self, piece: int) -> None:
        """Ask one question, and heed the answer."""
        found = await self._db.read(_asked, piece)
        if found is None:
            return
        question, hook, subject = found
        if subject is None or not hook.enabled:
            # Gone, or switched off since: nothing is asked, and nothing follows.
            moot = Opinion(hook.id, "resting", "publish", (), is_shadow=True, fault="there was nothing to ask any more")
            await self._db.transact(hooks.answered, piece, moot)
            return
        opinion = await self._asker.ask(hook, subject, question.id)
        if opinion.outcome in {"silent", "resting"} and await self._put_off(question, opinion):
            return
        await self._db.transact(_heed, question, opinion)
        self._relay.poke()

    async def _put_off(self, question: Question, opinion: Opinion) -> bool:
        """Whether the question is asked once more."""
        if clock.now() - question.created_at > _PATIENCE:
            return False
        if opinion.outcome == "resting":
            wait = timedelta(seconds=self._asker.breaker.rests_for(question.hook_id) + 1)
        elif question.attempts < len(_WAITS):
            wait = timedelta(seconds=_WAITS[question.attempts])
        else:
            return False
        await self._db.transact(hooks.put_off, question.id, wait, tried=opinion.outcome == "silent")
        return True


async def _asked(tx: ReadTx, question_id: int) -> tuple[Question, Hook, Subject | None] | None:
    found = await hooks.open_question(tx, question_id)
    if found is None:
        return None
    question, hook = found
    comment = (await comments.get_many(tx, [question.comment_id], comments.STAFF)).get(question.comment_id)
    if comment is None or not _is_the_text(comment, question):
        return question, hook, None
    site = await sites.by_id(tx, hook.site_id)
    return question, hook, await subject_of(tx, site, comment, is_edit=question.is_edit)


async def _heed(tx: WriteTx, question: Question, opinion: Opinion) -> None:
    if not await hooks.answered(tx, question.id, opinion) or opinion.is_shadow:
        return
    try:
        comment = await comments.get(tx, question.comment_id, comments.STAFF)
        if opinion.action != "publish" and comment.is_published and _is_the_text(comment, question):
            # Only of the very version that was asked about: a person may have approved it since.
            comment = await comments.set_state(tx, comment.id, question.comment_version, "held")
    except comments.VersionPassed:
        # Somebody was quicker, perhaps another hook: then this one's signals go to the same case.
        comment = await comments.get(tx, question.comment_id, comments.STAFF)
    except CommentUnknown:
        return
    if comment.state == "held" and opinion.signals and _is_the_text(comment, question):
        site = await sites.by_id(tx, comment.site_id)
        await moderation.open_case(tx, site, comment, "held", opinion.signals)


def _is_the_text(comment: Comment, question: Question) -> bool:
    """Whether the comment still says what was asked about, and is not decided against. Versions count decisions too."""
    if comment.state not in {"published", "held"}:
        return False
    return comment.edited_at is None or comment.edited_at <= question.created_at
