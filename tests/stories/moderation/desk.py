"""A moderators' desk: a site whose comments are all held, its team and its readers, through the product's own acts."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from service import comments, identity, moderation, posting, sites
from service.comments import Comment
from service.delivery import EVENT_OF
from service.identity import Staff, Visitor
from service.identity.events import SignInAsked
from service.kit.db import Database, WriteTx
from service.kit.seal import Keeper
from service.moderation import (
    Action,
    CaseClosed,
    CaseOpened,
    CaseRaised,
    Claim,
    Item,
    Outcome,
    Queue,
    ReportReason,
)
from service.outbox import Relay
from service.sites import Site

NEWS = "https://news.test"
HELD = {"screening": {"pre_moderate": True}}
OPEN = {"screening": {"hold_first_comments": False}}
_numbers = itertools.count(1)


@dataclass
class Author:
    """A reader who wrote a comment, and the comment as it was then."""

    visitor: Visitor
    comment: Comment


@dataclass
class Desk:
    """One site with its queue."""

    db: Database
    queue: Queue
    keeper: Keeper
    site: Site

    @classmethod
    async def new(cls, db: Database, queue: Queue, keeper: Keeper, settings: dict[str, Any] | None = None) -> Desk:
        """A site; `settings` are laid over HELD, section by section."""
        name = f"desk{next(_numbers)}-{os.getpid()}"
        site = await db.transact(sites.create, name, name, [NEWS], HELD | (settings or {}))
        return cls(db, queue, keeper, site)

    async def moderator(self, name: str = "Ada") -> Staff:
        """Somebody new on the team."""
        return await self.joins(f"{name.lower()}{next(_numbers)}@{self.site.name}.test", name)

    async def joins(self, email: str, name: str, sections: list[str] | None = None) -> Staff:
        """Somebody joins the team; who it is with the roles of this moment."""
        account = await self.db.transact(identity.grant, email, name, self.site.id, "moderator", sections=sections)
        return await self.staff(account.id)

    async def staff(self, account_id: int) -> Staff:
        """An account with the roles of this moment, as a request finds it."""
        found = await self.db.read(identity.staff_of, account_id)
        assert found is not None
        return found

    async def post(self, body: str = "A comment.", *, page: str = "article", parent: int | None = None) -> Author:
        """A new reader posts."""
        return (await self.post_many([body], page=page, parent=parent))[0]

    async def post_many(
        self, bodies: Sequence[str], *, page: str = "article", parent: int | None = None, section: str | None = None
    ) -> list[Author]:
        """As many new readers post, in one transaction; the index hears of it. `section` is the article's folder."""
        drafts = [self._draft(body, page, parent, section) for body in bodies]
        authors = await self.db.transact(self._post, drafts)
        await self.settle()
        return authors

    async def publish(self, body: str = "A comment.") -> Comment:
        """A comment that a moderator approved."""
        author = await self.post(body)
        await self.decide(await self.moderator("Grace"), author.comment, "approve")
        await self.settle()
        return await self.see(author.comment.id)

    async def claim(self, staff: Staff, limit: int = 10, which: str | None = None) -> list[Claim]:
        """A moderator takes the next cases, of one queue or of all."""
        return await moderation.claim(self.db, self.queue, staff, self.site, limit, which=which)

    async def decide(self, staff: Staff, about: Comment | Claim, action: Action, **words: str) -> Outcome:
        """A moderator decides, by version or by claim."""
        return (await self.decide_many(staff, [about], action, **words))[0]

    async def decide_many(
        self, staff: Staff, about: Sequence[Comment | Claim], action: Action, **words: Any
    ) -> list[Outcome]:
        """A moderator decides about several in one call."""
        return await moderation.decide_each(self.db, self.queue, staff, [_item(it) for it in about], action, **words)

    async def report(self, comment: Comment, reporter: str, reason: ReportReason = "abuse") -> moderation.Case | None:
        """A reader reports, and the index hears of it."""
        case = await self.db.transact(moderation.report, self.site, comment, reporter, reason, "")
        await self.settle()
        return case

    async def see(self, comment_id: int) -> Comment:
        """A comment as staff sees it."""
        return await self.db.read(comments.get, comment_id, comments.STAFF)

    async def count(self) -> int:
        """Open cases, as SQL has them."""
        return (await self.db.read(moderation.count_open, [self.site.id]))[self.site.id]

    async def settle(self) -> None:
        """Let everything follow from what happened."""
        relay = Relay(self.db)
        relay.follow(
            {
                **dict.fromkeys(EVENT_OF, ()),
                CaseOpened: [self.queue.on_case_opened],
                CaseRaised: [self.queue.on_case_raised],
                CaseClosed: [self.queue.on_case_closed],
                SignInAsked: [],
            }
        )
        await relay.drain()

    async def _post(self, tx: WriteTx, drafts: list[posting.Draft]) -> list[Author]:
        written = []
        for draft in drafts:
            stranger = Visitor(address="10.0.0.0/24")
            posted = await posting.post(tx, self.keeper, self.site, stranger, draft)
            written.append(Author(Visitor(address="10.0.0.0/24", person=posted.author), posted.comment))
        return written

    def _draft(self, body: str, page: str, parent: int | None, section: str | None) -> posting.Draft:
        path = f"{section or self.site.name}/{self.site.name}/{page}"
        new = posting.NewComment(body, url=f"{NEWS}/{path}", parent=parent, name="A Reader")
        return posting.weigh(new, posting.PostingRules())


def _item(about: Comment | Claim) -> Item:
    if isinstance(about, Comment):
        return Item(about.id, version=about.version)
    return Item(about.comment.id, version=None if about.token else about.comment.version, claim=about.token)


async def eventually(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = 20.0) -> None:
    """Return as soon as the condition holds. Raises AssertionError naming what was awaited."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain for {what}"
        await asyncio.sleep(0.01)
