"""The act of posting: the one door by which words come in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, select
from sqlmodel import col

from service import comments, hooks, identity, moderation, sanctions, screening, threads
from service.identity import Person, Visitor
from service.kit import clock
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, Forbidden, Invalid
from service.kit.said import Said
from service.kit.seal import Keeper
from service.kit.statements import Question
from service.kit.text import Rendered
from service.posting.closing import refuse_closed
from service.posting.consulting import NOBODY, Consulted, heed
from service.posting.draft import Draft
from service.posting.rules import PostingRules
from service.posting.standing import standing, take_turn
from service.posting.tables import RetryRow
from service.posting.taking_part import refuse_outsiders
from service.sanctions import Standing
from service.screening import Verdict
from service.sites import Site
from service.threads import Thread
from service.votes import ranking

# A phone that was offline over the weekend may still try again.
RETRY_LIFE = timedelta(hours=72)


_RETRIES = RetryRow.metadata.tables[str(RetryRow.__tablename__)]
_SEEN = select(_RETRIES).where(_RETRIES.c.site_id == bindparam("site"), _RETRIES.c.key_hash == bindparam("key"))
_REMEMBER = insert(_RETRIES)


class ParentUnknown(Invalid):
    """The comment you answer is not there any more. Your text is kept; you can post it as a new comment."""

    type = "parent-unknown"


class DepthReached(Invalid):
    """This branch is as deep as it can get. Answer a comment further up."""

    type = "depth-reached"


class RepliesClosed(Forbidden):
    """Replies below this comment are closed. Your text is kept; you can post it as a new comment."""

    type = "replies-closed"


class NameNeeded(Invalid):
    """Please sign your comment with a name."""

    type = "name-needed"


class Refusal(Forbidden):
    """This comment cannot be posted here. Change what is named below and try again."""

    type = "comment-refused"


class KeyReused(Conflict):
    """This Idempotency-Key was used for another comment. Use a new key for a new comment."""

    type = "idempotency-key-reused"
    status = 422


@dataclass(frozen=True)
class Posted:
    """What became of a post."""

    comment: comments.Comment
    thread: Thread
    author: Person
    reasons: tuple[str, ...] = ()
    is_repeat: bool = False


async def post(
    tx: WriteTx,
    keeper: Keeper,
    site: Site,
    who: Visitor,
    draft: Draft,
    *,
    key: str | None = None,
    asked: Consulted = NOBODY,
) -> Posted:
    """Post a comment, or say again what became of it when `key` was used for the same request before.

    `asked` is what hooks said of it.

    Raises KeyReused, Banned, Suspended, SlowMode, ThreadUnknown, ForeignHost, ThreadClosed, OutOfHours,
    ParentUnknown, RepliesClosed, DepthReached, NameNeeded, GuestsRefused, SiteAccountNeeded, Refusal.
    """
    await _ask_ahead(tx, keeper, site, who, draft, key)
    if key is not None and (earlier := await _earlier(tx, site, key, who, draft)) is not None:
        return earlier
    refuse_outsiders(site, who)
    found = await standing(tx, keeper, site, who, draft.email)
    rules = site.section("posting", PostingRules)
    thread = await _thread(tx, site, draft)
    refuse_closed(site, thread)
    parent = await _parent(tx, thread, draft, rules, who)
    await take_turn(tx, keeper, site, who, found)
    author = _author(site, who, draft)
    rules_now = await moderation.rule_set(tx, site.id)
    looked = judge(site, who, author, draft.body, draft.rendered, rules_now, section=thread.section)
    verdict = first_looked_at(heed(looked, asked.opinions), found)
    if verdict.action == "reject":
        raise Refusal(reasons=list(verdict.reasons))
    is_shadowed = found.is_shadowed or (parent is not None and parent.state == "shadowed")
    is_published = verdict.action == "publish" and not is_shadowed
    address_hash = await identity.address_pseudonym(tx, keeper, site.id, who.address)
    state: comments.State = "shadowed" if is_shadowed else "published" if is_published else "held"
    is_renamed = is_published and _is_signed_anew(who, author, draft)
    is_all = state != "held" and not is_renamed and asked == NOBODY and who.staff is None
    async with tx.together(last=is_all):
        if who.person is None:
            await identity.add_guest(tx, keeper, author, draft.email, published=int(is_published))
        comment = await comments.add(
            tx,
            thread,
            parent,
            author.id,
            draft.body,
            draft.rendered,
            state=state,
            ranking=ranking,
            address_hash=address_hash,
            author_counts=who.person is None,
        )
        if key is not None:
            await _remember(tx, site, key, who, draft, comment, author)
    if is_renamed:
        # Only with what readers may see: a held comment must not rename what its author wrote before.
        await identity.rename(tx, keeper, author.id, author.name, draft.email)
    if comment.state == "held":
        await moderation.open_case(tx, site, comment, "held", verdict.signals)
    if asked != NOBODY:
        await hooks.record(tx, comment.id, comment.version, asked.opinions, asked.later)
    if who.staff is not None and (role := who.staff.roles.get(site.id)):
        author = await identity.link_account(tx, author, who.staff.account.id, role)
    return Posted(comment, thread, author, () if is_shadowed else tuple(verdict.reasons))


async def _ask_ahead(
    tx: WriteTx, keeper: Keeper, site: Site, who: Visitor, draft: Draft, key: str | None
) -> None:  # fmt: skip
    """All that nearly every post asks, in one round trip."""
    questions = [
        await sanctions.asking(tx, keeper, site.id, person=who.person, address=who.address),
        *threads.asking(site, draft.url, draft.thread),
        moderation.asking_rules(site.id),
    ]
    if key is not None:
        questions.append(Question(_SEEN, {"site": site.id, "key": _key_hash(key)}))
    if draft.parent is not None:
        questions.append(comments.asking([draft.parent]))
    await tx.ask_ahead(*questions)


def judge(
    site: Site,
    who: Visitor,
    author: Person,
    body: str,
    rendered: Rendered,
    rules: screening.RuleSet,
    *,
    section: str = "",
) -> Verdict:
    """What the site's screening says of a text, new or edited, in a discussion of this section."""
    return screening.judge(
        screening.Draft(plain=rendered.plain, source=body, name=author.name, links=rendered.links),
        screening.Facts(
            published_before=author.published_count,
            is_staff=who.staff is not None and who.staff.is_moderator_at(site.id),
            section=section,
        ),
        site.section("screening", screening.Policy),
        rules=rules,
    )


def first_looked_at(verdict: Verdict, found: Standing) -> Verdict:
    """The verdict about somebody whose comments are looked at before they appear."""
    if not found.is_premoderated or verdict.action != "publish":
        return verdict
    signal = screening.Signal("author-premoderated", 0.1, "A moderator wants to see this author's comments first")
    reason = Said("Held because a moderator looks at your comments first.")
    return Verdict("hold", (*verdict.signals, signal), (reason,))


async def _thread(tx: WriteTx, site: Site, draft: Draft) -> Thread:
    if draft.thread is not None:
        thread = await threads.get(tx, draft.thread)
        if thread.site_id != site.id:
            raise threads.ThreadUnknown(field="thread")
        return thread
    if draft.url is None:
        raise Invalid("say which page is discussed: `url` or `thread`", field="url")
    return await threads.open_thread(
        tx, site, draft.url, draft.identifier, draft.title, slug=draft.slug, category=draft.category
    )


async def _parent(
    tx: WriteTx, thread: Thread, draft: Draft, rules: PostingRules, who: Visitor
) -> comments.Comment | None:
    if draft.parent is None:
        return None
    audience = comments.Audience(person_id=who.person.id if who.person else None)
    parent = (await comments.get_many(tx, [draft.parent], audience)).get(draft.parent)
    # Nothing is hung below what was removed: that would carry on a discussion nobody sees the start of.
    if parent is None or parent.thread_id != thread.id or parent.state not in {"published", "shadowed"}:
        raise ParentUnknown(field="parent")
    if parent.depth + 1 > rules.max_depth:
        raise DepthReached(field="parent")
    if await comments.is_branch_closed(tx, parent):
        raise RepliesClosed(field="parent")
    return parent


def _is_signed_anew(who: Visitor, author: Person, draft: Draft) -> bool:
    known = who.person
    return known is not None and known.kind != "member" and (author.name != known.name or draft.email is not None)


def _author(site: Site, who: Visitor, draft: Draft) -> Person:
    if who.person is not None and who.person.kind == "member":
        return who.person  # signs as whoever vouches for them says
    name = draft.name or (who.person.name if who.person else "")
    if not name:
        raise NameNeeded(field="author.name")
    if who.person is None:
        return identity.stranger(site.id, name)
    return replace(who.person, name=name)


def _key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _request_hash(draft: Draft, sender: Person | None) -> str:
    """What a key is bound to: the words, and who sends them. A stranger's key must hand out nobody's capability."""
    return hashlib.sha256(f"{draft.fingerprint}.{sender.id if sender else ''}".encode()).hexdigest()


async def _earlier(tx: WriteTx, site: Site, key: str, who: Visitor, draft: Draft) -> Posted | None:
    seen = (await tx.run(_SEEN, {"site": site.id, "key": _key_hash(key)})).first()
    if seen is None:
        return None
    allowed = {_request_hash(draft, who.person)}
    if who.person is not None and who.person.id == seen.person_id:
        # Whoever became a guest by the first try may know it by the second.
        allowed.add(_request_hash(draft, None))
    if seen.request_hash not in allowed:
        raise KeyReused(field="Idempotency-Key")
    comment = await comments.get(tx, seen.comment_id, comments.STAFF)
    if comment.thread_id != await _thread_meant(tx, site, draft):
        raise KeyReused(field="Idempotency-Key")
    author = (await identity.people(tx, [seen.person_id]))[seen.person_id]
    return Posted(comment, await threads.get(tx, comment.thread_id), author, is_repeat=True)


async def _thread_meant(tx: ReadTx, site: Site, draft: Draft) -> int | None:
    if draft.thread is not None or draft.url is None:
        return draft.thread
    found = await threads.find(tx, site, draft.url, draft.identifier)
    return found.id if found else None


async def _remember(
    tx: WriteTx, site: Site, key: str, who: Visitor, draft: Draft, comment: comments.Comment, author: Person
) -> None:
    row = {
        "site_id": site.id,
        "key_hash": _key_hash(key),
        "request_hash": _request_hash(draft, who.person),
        "comment_id": comment.id,
        "person_id": author.id,
        "created_at": clock.now(),
    }
    # A second request with the same key collides here, is run again and finds the first one's answer.
    await tx.run(_REMEMBER, row)


async def forget_retries(tx: WriteTx) -> None:
    """Delete keys nobody retries any more."""
    await tx.exec(delete(RetryRow).where(col(RetryRow.created_at) < clock.now() - RETRY_LIFE))
