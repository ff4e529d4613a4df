"""Screening hooks over HTTP: set up by owners, and what they said, for moderators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from service import hooks, moderation, record
from service.comments import CommentUnknown
from service.hooks import Article, Author, Hook, Question, Subject
from service.hooks.hook import LONGEST_WAIT_MS, Timing, Wanted, WhenSilent
from service.identity import Staff
from service.kit import ids, text
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.http import URLRefused
from service.kit.ids import parse_id
from service.kit.paging import InvalidCursor
from service.limits import LimitReached
from service.limits.rules import Limit, ScopeLimits
from service.pages.views import View
from service.record import Actor
from service.screening import Signal
from service.sites import Site, SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.owned import owned_site
from service.web.parts import Parts
from service.web.problem import raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1", tags=["screening hooks"])

_TESTS = ScopeLimits(author=(Limit(10, 60), Limit(100, 3_600)))
_LONGEST_MS = 10_000

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
HookId = Annotated[PublicId, Path(description="A hook's id")]
CommentId = Annotated[PublicId, Path(description="A comment's id")]
CursorText = Annotated[Text | None, Query(max_length=60, description="`next_cursor` of the page before")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)


class HookBody(Body):
    """Whom to ask, and what follows."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,29}$", description="Stands before its signals", examples=["toxicity"])
    url: Text = Field(max_length=2_000, examples=["https://hooks.news.example/screen"])
    timing: Timing = Field(description="`wait`: before the comment is taken; `after`: once it is there")
    timeout_ms: int = Field(
        default=800, ge=50, le=_LONGEST_MS, description=f"How long it may take; for `wait` at most {LONGEST_WAIT_MS}"
    )
    when_silent: WhenSilent = Field(default="pass", description="What follows when nothing usable comes back in time")
    hold_at: float = Field(
        default=0.8, ge=0, le=1, description="An answer without an action holds when a signal has this score"
    )
    shadow: bool = Field(default=False, description="Asked and recorded; nothing follows")
    enabled: bool = True


class RotateBody(Body):
    """How long the secrets before the new one stay valid."""

    keep_hours: int = Field(default=24, ge=0, le=168)


class HookView(View):
    """A screening hook."""

    id: str
    name: str
    url: str
    timing: str
    timeout_ms: int
    when_silent: str
    hold_at: float
    shadow: bool
    enabled: bool
    created_at: datetime


class HookListView(View):
    """A site's hooks."""

    items: list[HookView]
    next_cursor: str | None = None


class HookSecretView(View):
    """A hook and its new secret, shown this once."""

    hook: HookView
    secret: str = Field(examples=["whsec_…"])


class OpinionSignalView(View):
    """One thing a hook noticed."""

    name: str = Field(examples=["toxicity.insult"])
    score: float
    reason: str
    span: tuple[int, int] | None = Field(description="The place in the comment's plain text")


class OpinionView(View):
    """What one hook said of one text."""

    id: str
    hook: str
    comment: str
    version: int = Field(description="The comment's version it was asked about")
    is_edit: bool
    outcome: str = Field(description="`waiting`, `answered`, `silent`, `invalid`, or `resting` after failures")
    action: str = Field(description="`publish`, `hold` or `reject`: what follows from it, or would")
    signals: list[OpinionSignalView]
    is_shadow: bool = Field(description="Recorded only: nothing followed")
    fault: str
    milliseconds: int
    at: datetime


class OpinionListView(View):
    """What hooks said."""

    items: list[OpinionView]
    next_cursor: str | None = None


class OutcomeCountView(View):
    """How often it ended so."""

    outcome: str
    action: str
    count: int


class HookResultsView(OpinionListView):
    """What one hook said, newest first, and in numbers; kept for 90 days."""

    counts: list[OutcomeCountView]


class TrialView(View):
    """What a hook said of a made-up comment."""

    outcome: str
    action: str
    signals: list[OpinionSignalView]
    fault: str
    milliseconds: int


@router.get("/sites/{site}/hooks", responses=raises(*_SHARED))
async def get_hooks(site: SiteName, response: Response, parts: AllParts, who: Moderator) -> HookListView:
    """The screening hooks of a site."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    return HookListView(items=[_hook(each) for each in await parts.db.read(hooks.of_site, found.id)])


@router.post(
    "/sites/{site}/hooks",
    status_code=201,
    responses=raises(*_SHARED, Invalid, URLRefused, hooks.HookExists, hooks.TooManyHooks),
)
async def post_hook(
    site: SiteName, new: HookBody, response: Response, parts: AllParts, who: Moderator
) -> HookSecretView:
    """Add a screening hook. The answer has its secret, which is not shown again."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    made, secret = await parts.db.transact(
        hooks.create, parts.keeper, found.id, _wanted(parts, new), by=Actor.account(who.account.id)
    )
    return HookSecretView(hook=_hook(made), secret=secret)


@router.put(
    "/sites/{site}/hooks/{hook}",
    responses=raises(*_SHARED, Invalid, URLRefused, hooks.HookUnknown, hooks.HookExists),
)
async def put_hook(site: SiteName, hook: HookId, new: HookBody, parts: AllParts, who: Moderator) -> HookView:
    """Replace what is set. Its secret stays."""
    found = await owned_site(parts, who, site)
    return _hook(
        await parts.db.transact(
            hooks.change, found.id, number(hook), _wanted(parts, new), by=Actor.account(who.account.id)
        )
    )


@router.delete("/sites/{site}/hooks/{hook}", status_code=204, responses=raises(*_SHARED, hooks.HookUnknown))
async def delete_hook(site: SiteName, hook: HookId, parts: AllParts, who: Moderator) -> None:
    """Delete a hook with what it answered. What followed from that stays."""
    found = await owned_site(parts, who, site)
    await parts.db.transact(hooks.remove, found.id, number(hook), by=Actor.account(who.account.id))


@router.post("/sites/{site}/hooks/{hook}/rotate", responses=raises(*_SHARED, Invalid, hooks.HookUnknown))
async def post_hook_rotate(
    site: SiteName, hook: HookId, asked: RotateBody, response: Response, parts: AllParts, who: Moderator
) -> HookSecretView:
    """Make a new secret. Until the old one ends, questions are signed with both."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    changed, secret = await parts.db.transact(
        hooks.rotate,
        parts.keeper,
        found.id,
        number(hook),
        keep=timedelta(hours=asked.keep_hours),
        by=Actor.account(who.account.id),
    )
    return HookSecretView(hook=_hook(changed), secret=secret)


@router.post("/sites/{site}/hooks/{hook}/test", responses=raises(*_SHARED, hooks.HookUnknown, LimitReached))
async def post_hook_test(site: SiteName, hook: HookId, parts: AllParts, who: Moderator) -> TrialView:
    """Ask about a made-up comment, and say what came back. Nothing is kept of it."""
    found = await owned_site(parts, who, site)
    await parts.limiter.spend(found.id, "hook-test", _TESTS, {"author": who.account.id})
    chosen = await parts.db.read(hooks.get, found.id, number(hook))
    await parts.db.transact(_note_test, found, chosen, who)
    said = await parts.asker.ask(chosen, _sample(found, parts), ids.new_id())
    return TrialView(
        outcome=said.outcome,
        action=said.action,
        signals=[_signal(signal) for signal in said.signals],
        fault=said.fault,
        milliseconds=said.milliseconds,
    )


@router.get("/sites/{site}/hooks/{hook}/results", responses=raises(*_SHARED, Invalid, InvalidCursor, hooks.HookUnknown))
async def get_hook_results(
    site: SiteName,
    hook: HookId,
    response: Response,
    parts: AllParts,
    who: Moderator,
    cursor: CursorText = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items on a page")] = 50,
) -> HookResultsView:
    """What a hook said, and how often what: how one judges a hook in its shadow mode."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    after = parse_id(cursor, field="cursor") if cursor else None
    rows, counts = await parts.db.read(_results, found, number(hook), after, limit + 1)
    return HookResultsView(
        items=[_opinion(row) for row in rows[:limit]],
        next_cursor=str(rows[limit - 1].id) if len(rows) > limit else None,
        counts=[
            OutcomeCountView(outcome=outcome, action=action, count=count)
            for (outcome, action), count in sorted(counts.items())
        ],
    )


@router.get("/moderation/comments/{comment}/opinions", responses=raises(SignInNeeded, Forbidden, CommentUnknown))
async def get_opinions(comment: CommentId, response: Response, parts: AllParts, who: Moderator) -> OpinionListView:
    """All that screening hooks said of a comment, of each of its texts, shadowed hooks included."""
    response.headers["Cache-Control"] = "private, no-store"

    async def read(tx: ReadTx) -> list[Question]:
        return await hooks.of_comment(tx, (await moderation.about(tx, who, number(comment))).id)

    return OpinionListView(items=[_opinion(row) for row in await parts.db.read(read)])


async def _results(
    tx: ReadTx, site: Site, hook_id: int, after: int | None, limit: int
) -> tuple[list[Question], dict[tuple[str, str], int]]:
    hook = await hooks.get(tx, site.id, hook_id)
    return await hooks.of_hook(tx, hook, after=after, limit=limit), await hooks.tally(tx, hook.id)


def _wanted(parts: Parts, new: HookBody) -> Wanted:
    return Wanted(**{**new.model_dump(), "url": parts.out.checked(new.url)})


async def _note_test(tx: WriteTx, site: Site, hook: Hook, who: Staff) -> None:
    await record.append(tx, site.id, Actor.account(who.account.id), "hook-tested", f"hook:{hook.id}")


def _sample(site: Site, parts: Parts) -> Subject:
    rendered = text.render("This is a *test* of Parley's.")
    return Subject(
        site=site.name,
        body="This is a *test* of Parley's.",
        plain=rendered.plain,
        links=rendered.links,
        article=Article(f"{parts.settings.origin}/", "A test"),
        author=Author("Parley"),
    )


def _hook(hook: Hook) -> HookView:
    return HookView(
        id=str(hook.id),
        name=hook.name,
        url=hook.url,
        timing=hook.timing,
        timeout_ms=hook.timeout_ms,
        when_silent=hook.when_silent,
        hold_at=hook.hold_at,
        shadow=hook.shadow,
        enabled=hook.enabled,
        created_at=hook.created_at,
    )


def _opinion(row: Question) -> OpinionView:
    return OpinionView(
        id=str(row.id),
        hook=row.hook,
        comment=str(row.comment_id),
        version=row.comment_version,
        is_edit=row.is_edit,
        outcome=row.outcome,
        action=row.action,
        signals=[_signal(signal) for signal in row.signals],
        is_shadow=row.is_shadow,
        fault=row.fault,
        milliseconds=row.milliseconds,
        at=row.created_at,
    )


def _signal(signal: Signal) -> OpinionSignalView:
    return OpinionSignalView(name=signal.name, score=signal.score, reason=signal.reason, span=signal.span)
