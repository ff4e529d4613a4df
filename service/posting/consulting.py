"""Asking hooks before the act, and heeding what they said in it. No transaction is open while they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service import comments, hooks, identity, threads
from service.comments import Comment
from service.hooks import Action, Article, Asker, Author, Hook, Opinion, Parent, Roster, Subject
from service.identity import Person, Visitor
from service.kit import text
from service.kit.db import Database, ReadTx
from service.kit.said import Said
from service.kit.text import Rendered
from service.posting.draft import Draft
from service.posting.rules import PostingRules
from service.screening import Verdict
from service.sites import Site
from service.threads import Thread

_SEVERITY: dict[Action, int] = {"publish": 0, "hold": 1, "reject": 2}
_REASONS: dict[Action, str] = {
    "hold": Said("Held because a moderator has to look at it first."),
    "reject": Said("Not published because this site's checks refused it."),
}


@dataclass(frozen=True)
class Consulted:
    """What was said before the act, and whom to ask once the comment is there."""

    opinions: tuple[Opinion, ...] = ()
    later: tuple[Hook, ...] = ()


NOBODY = Consulted()


async def consult(
    asker: Asker, roster: Roster, db: Database, site: Site, who: Visitor, draft: Draft
) -> Consulted:  # fmt: skip
    """Ask about a new comment, for as long as the slowest hook that is waited for may take."""
    if not await roster.has_hooks(site.id):
        return NOBODY
    found = await db.read(_about_new, site, who, draft)
    return await _consulted(asker, *found) if found else NOBODY


async def consult_edit(
    asker: Asker, db: Database, site: Site, who: Visitor, comment_id: int, body: str
) -> Consulted:  # fmt: skip
    """The same about a new text of one's own comment. What `edit` will refuse is not asked about."""
    rules = site.section("posting", PostingRules)
    cleaned = text.clean_source(body, max_chars=rules.max_length)
    found = await db.read(_about_edit, site, who, comment_id, cleaned, text.render(cleaned))
    return await _consulted(asker, *found) if found else NOBODY


def heed(verdict: Verdict, opinions: Sequence[Opinion]) -> Verdict:
    """What is to become of a text when hooks have been heard: the strictest of all, with everybody's signals."""
    heard = [opinion for opinion in opinions if not opinion.is_shadow]
    if not heard:
        return verdict
    signals = tuple(signal for opinion in heard for signal in opinion.signals)
    worst: Action = max((opinion.action for opinion in heard), key=_SEVERITY.__getitem__, default="publish")
    if _SEVERITY[worst] <= _SEVERITY[verdict.action]:
        return replace(verdict, signals=(*verdict.signals, *signals))
    return replace(verdict, action=worst, signals=(*verdict.signals, *signals), reasons=(_REASONS[worst],))


async def subject_of(tx: ReadTx, site: Site, comment: Comment, *, is_edit: bool) -> Subject:
    """What a hook is told of a comment that is there; `comment` was read for staff."""
    thread = await threads.get(tx, comment.thread_id)
    person = await identity.person(tx, comment.person_id or 0)
    # As readers see it: also what was written under other bounds, or came in as HTML.
    rendered = text.read_back(comment.html or "")
    return await _subject(
        tx, site, comment.body or "", rendered, thread, person, comment.parent_id, comment=comment.id, is_edit=is_edit
    )


async def _consulted(asker: Asker, asked: Sequence[Hook], subject: Subject) -> Consulted:
    now = [hook for hook in asked if hook.timing == "wait"]
    later = tuple(hook for hook in asked if hook.timing == "after")
    return Consulted(await asker.ask_all(now, subject) if now else (), later)


async def _about_new(tx: ReadTx, site: Site, who: Visitor, draft: Draft) -> tuple[list[Hook], Subject] | None:
    if not (asked := await _asked(tx, site, who)):
        return None
    thread = await _thread(tx, site, draft)
    person = who.person
    if person is not None and person.kind != "member":
        person = replace(person, name=draft.name or person.name)
    subject = await _subject(
        tx, site, draft.body, draft.rendered, thread, person, draft.parent, name=draft.name, url=_url(draft)
    )
    return asked, subject


async def _about_edit(
    tx: ReadTx, site: Site, who: Visitor, comment_id: int, body: str, rendered: Rendered
) -> tuple[list[Hook], Subject] | None:
    if who.person is None or not (asked := await _asked(tx, site, who)):
        return None
    found = (await comments.get_many(tx, [comment_id], comments.Audience(person_id=who.person.id))).get(comment_id)
    if found is None or found.person_id != who.person.id or found.site_id != site.id:
        return None
    thread = await threads.get(tx, found.thread_id)
    person = await identity.person(tx, who.person.id)
    subject = await _subject(
        tx, site, body, rendered, thread, person, found.parent_id, comment=found.id, is_edit=True
    )  # fmt: skip
    return asked, subject


async def _asked(tx: ReadTx, site: Site, who: Visitor) -> list[Hook]:
    """The hooks that hear of this; of the site's own staff nobody is asked what to think."""
    if who.staff is not None and who.staff.is_moderator_at(site.id):
        return []
    return [hook for hook in await hooks.of_site(tx, site.id) if hook.enabled]


async def _subject(
    tx: ReadTx,
    site: Site,
    body: str,
    rendered: Rendered,
    thread: Thread | None,
    person: Person | None,
    parent_id: int | None,
    *,
    name: str | None = None,
    url: str = "",
    comment: int | None = None,
    is_edit: bool = False,
) -> Subject:
    # With the public's eyes: of a parent that is hidden nothing is told.
    parent = (await comments.get_many(tx, [parent_id])).get(parent_id) if parent_id else None
    records = await comments.records(tx, [person.id]) if person else {}
    author = (
        Author(person.name, person.id, person.created_at, records.get(person.id, {})) if person else Author(name or "")
    )
    return Subject(
        site=site.name,
        body=body,
        plain=rendered.plain,
        links=rendered.links,
        article=Article(thread.url, thread.title) if thread else Article(url, None),
        author=author,
        parent=Parent(parent.id, parent.body or "") if parent is not None and parent.is_published else None,
        comment=comment,
        is_edit=is_edit,
    )


async def _thread(tx: ReadTx, site: Site, draft: Draft) -> Thread | None:
    if draft.thread is not None:
        found = (await threads.get_many(tx, [draft.thread])).get(draft.thread)
        return found if found is not None and found.site_id == site.id else None
    return await threads.find(tx, site, draft.url, draft.identifier) if draft.url is not None else None


def _url(draft: Draft) -> str:
    return draft.url.text if draft.url is not None else ""
