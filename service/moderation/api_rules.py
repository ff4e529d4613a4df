"""Screening rules over HTTP: list, try out, make, change, delete."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from service.kit import text
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.moderation import rules, trial
from service.moderation.rules import NewRule, RuleExists, RulesOfOwners, RuleUnknown, SavedRule, TooManyRules
from service.pages.views import CommentView, View
from service.reading import comment_view
from service.screening import Policy, RuleAction, RuleKind, RuleTooBroad
from service.sites import SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.problem import raises
from service.web.team import SiteName, private, site_named
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation/rules", tags=["moderation"])
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)
_REFUSED = (Invalid, RuleTooBroad, RuleExists, RulesOfOwners)


class RuleBody(Body):
    """A rule."""

    kind: RuleKind
    pattern: Text = Field(
        min_length=1, max_length=80, description="A word or phrase, `*` for any letters; or a host, with its subdomains"
    )
    action: RuleAction = "hold"
    severity: float = Field(default=0.5, ge=0, le=1, description="How much it says when it is found")
    whole_word: bool = Field(default=True, description="Not inside other words")
    enabled: bool = True
    note: Text = Field(default="", max_length=300, description="For the team")


class RuleView(View):
    """A rule of a site."""

    id: str
    kind: RuleKind
    pattern: str
    action: RuleAction
    severity: float
    whole_word: bool
    enabled: bool
    note: str
    version: int = Field(description="Rises with every change")
    changed_at: datetime


class RulesView(View):
    """The rules of a site, by kind and pattern."""

    items: list[RuleView]
    next_cursor: None = None
    in_settings: int = Field(description="Entries of lists in the site's settings, which count as well; see `adopt`")


class TrialBody(Body):
    """A rule to try."""

    site: Text = Field(max_length=50)
    rule: RuleBody


class TrialView(View):
    """What a rule would have done to what was written before."""

    looked_at: int = Field(description="The site's last comments, at most 5,000")
    would_hold: int
    would_reject: int
    would_allow: int = Field(description="Comments that are held or refused without it, and would not be with it")
    of_published: int = Field(description="How many of them readers see now")
    samples: list[CommentView] = Field(description="The newest of them")


class AdoptBody(Body):
    """A site whose lists become rules."""

    site: Text = Field(max_length=50)


class AdoptedView(View):
    """How many rules that made."""

    made: int


@router.get("", responses=raises(*_SHARED, Invalid))
async def get_rules(response: Response, parts: AllParts, who: Moderator, site: SiteName) -> RulesView:
    """The rules of a site, those switched off too."""
    private(response)
    found = await site_named(parts, who, site)
    items = [_view(one) for one in await parts.db.read(rules.of_site, found.id)]
    return RulesView(items=items, in_settings=rules.count_in_lists(found.section("screening", Policy)))


@router.post("", status_code=201, responses=raises(*_SHARED, *_REFUSED, TooManyRules))
async def post_rule(new: RuleBody, parts: AllParts, who: Moderator, site: SiteName) -> RuleView:
    """Make a rule. It counts for every comment that is written or changed from now on."""
    found = await site_named(parts, who, site)
    return _view(await parts.db.transact(rules.create, who, found.id, _new(new)))


@router.post("/try", responses=raises(*_SHARED, Invalid, RuleTooBroad))
async def post_trial(asked: TrialBody, response: Response, parts: AllParts, who: Moderator) -> TrialView:
    """Try a rule on the site's last 5,000 comments: what it would have held, refused or let through."""
    private(response)
    found = await site_named(parts, who, asked.site)
    seen = await trial.try_out(parts.db, found, _new(asked.rule))
    return TrialView(
        looked_at=seen.looked_at,
        would_hold=seen.would_hold,
        would_reject=seen.would_reject,
        would_allow=seen.would_allow,
        of_published=seen.of_published,
        samples=[comment_view(comment, author, for_staff=True) for comment, author in seen.samples],
    )


@router.post("/adopt", responses=raises(*_SHARED, Invalid, RulesOfOwners, TooManyRules))
async def post_adopt(asked: AdoptBody, parts: AllParts, who: Moderator) -> AdoptedView:
    """Turn the word and host lists of the site's settings into rules that say the same, and empty the lists."""
    found = await site_named(parts, who, asked.site)
    return AdoptedView(made=await parts.db.transact(rules.adopt, who, found.id))


RuleId = Annotated[PublicId, Path(description="A rule's id")]


@router.put("/{rule}", responses=raises(SignInNeeded, Forbidden, RuleUnknown, *_REFUSED))
async def put_rule(rule: RuleId, new: RuleBody, parts: AllParts, who: Moderator) -> RuleView:
    """Change a rule, or switch it on or off."""
    return _view(await parts.db.transact(rules.change, who, number(rule), _new(new)))


@router.delete(
    "/{rule}", status_code=204, responses=raises(SignInNeeded, Forbidden, Invalid, RuleUnknown, RulesOfOwners)
)
async def delete_rule(rule: RuleId, parts: AllParts, who: Moderator) -> None:
    """Delete a rule."""
    await parts.db.transact(rules.delete, who, number(rule))


def _new(asked: RuleBody) -> NewRule:
    note = text.clean_line(asked.note, field="note", max_chars=300) if asked.note.strip() else ""
    pattern = text.clean_line(asked.pattern, field="pattern", max_chars=80)
    return NewRule(asked.kind, pattern, asked.action, asked.severity, asked.whole_word, asked.enabled, note)


def _view(one: SavedRule) -> RuleView:
    return RuleView(id=str(one.id), version=one.version, changed_at=one.changed_at, **vars(one.new))
