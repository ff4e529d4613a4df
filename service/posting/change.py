"""Editing and deleting one's own: the second way in, through the same checks as the first."""

from __future__ import annotations

from datetime import datetime, timedelta

from service import comments, hooks, identity, moderation, screening, threads
from service.identity import Visitor
from service.kit import clock, text
from service.kit.db import WriteTx
from service.kit.errors import Forbidden
from service.kit.seal import Keeper
from service.posting.closing import refuse_closed, refuse_locked
from service.posting.consulting import NOBODY, Consulted, heed
from service.posting.post import Posted, Refusal, first_looked_at, judge
from service.posting.rules import PostingRules
from service.posting.standing import standing
from service.posting.taking_part import refuse_outsiders
from service.sanctions import Standing
from service.screening import Verdict
from service.sites import Site


class NotYours(Forbidden):
    """Only its author can change this comment."""

    type = "not-yours"


class EditWindowOver(Forbidden):
    """The time to change this comment is over."""

    type = "edit-window-over"


def may_change_until(comment: comments.Comment, rules: PostingRules) -> datetime | None:
    """Until when the author may edit and delete; None when that is over or the comment was decided about."""
    until = comment.created_at + timedelta(seconds=rules.edit_seconds)
    return until if comment.state in {"published", "held", "shadowed"} and until > clock.now() else None


async def edit(
    tx: WriteTx,
    keeper: Keeper,
    site: Site,
    who: Visitor,
    comment_id: int,
    body: str,
    *,
    asked: Consulted = NOBODY,
) -> Posted:
    """Replace the text of one's own comment; it is screened like a new one, and what is held stays held.

    Raises Banned, Suspended, GuestsRefused, SiteAccountNeeded, CommentUnknown, NotYours, EditWindowOver, ThreadClosed,
    OutOfHours, Refusal, Invalid.
    """
    rules = site.section("posting", PostingRules)
    found = await standing(tx, keeper, site, who)
    refuse_outsiders(site, who)
    comment = await _own(tx, site, who, comment_id, rules)
    thread = await threads.get(tx, comment.thread_id)
    refuse_closed(site, thread)
    cleaned = text.clean_source(body, max_chars=rules.max_length)
    rendered = text.render(cleaned)
    author = (await identity.people(tx, [comment.person_id or 0]))[comment.person_id or 0]
    rules_now = await moderation.rule_set(tx, site.id)
    looked = judge(site, who, author, cleaned, rendered, rules_now, section=thread.section)
    verdict = first_looked_at(heed(looked, asked.opinions), found)
    if verdict.action == "reject":
        raise Refusal(reasons=list(verdict.reasons))
    state = _state_after(comment, verdict, found)
    edited = await comments.edit(tx, comment.id, comment.version, cleaned, rendered, state)
    if state == "held":
        signals = verdict.signals or (screening.Signal("edited", 0.1, "Edited by its author while held"),)
        await moderation.open_case(tx, site, edited, "held", signals)
    await hooks.record(tx, edited.id, edited.version, asked.opinions, asked.later, is_edit=True)
    return Posted(edited, thread, author, () if state == "shadowed" else tuple(verdict.reasons))


def _state_after(comment: comments.Comment, verdict: Verdict, found: Standing) -> comments.State:
    """What an edit makes of a comment. It never lifts a hold, nor a shadow: only a moderator does."""
    if comment.state == "held":
        return "held"
    if comment.state == "shadowed" or found.is_shadowed:
        return "shadowed"
    return "held" if verdict.action == "hold" else "published"


async def delete(tx: WriteTx, site: Site, who: Visitor, comment_id: int) -> comments.Comment:
    """Take one's own comment back; a tombstone stays where replies hang on it. Deleting twice is the same as once.

    Raises CommentUnknown, NotYours, EditWindowOver, ThreadLocked.
    """
    rules = site.section("posting", PostingRules)
    comment = await _own(tx, site, who, comment_id, rules)
    refuse_locked(await threads.get(tx, comment.thread_id))
    deleted = await comments.set_state(tx, comment.id, comment.version, "deleted")
    await moderation.withdraw(tx, comment.id)
    return deleted


async def _own(tx: WriteTx, site: Site, who: Visitor, comment_id: int, rules: PostingRules) -> comments.Comment:
    if who.person is None:
        # Whether the comment exists is nobody's business who cannot see it: asked with the public's eyes.
        await comments.get(tx, comment_id)
        raise NotYours
    comment = await comments.get(tx, comment_id, comments.Audience(person_id=who.person.id))
    if comment.site_id != site.id:
        raise comments.CommentUnknown
    if comment.person_id != who.person.id:
        raise NotYours
    if may_change_until(comment, rules) is None:
        raise EditWindowOver
    return comment
