"""Posts, threads, forums and users as Disqus's clients expect them: every field is there, in its form.

What Parley does not have (flags, places, networks) has the value of nothing. Times are in UTC and say no zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from service.comments import Comment
from service.disqus.face import FACE as _FACE
from service.disqus.rules import DisqusRules
from service.identity import Person
from service.pages.views import ThreadView
from service.pages.words import web_address
from service.posting import PostingRules
from service.sites import Site
from service.threads import Thread

Shape = dict[str, Any]

_EDITABLE = timedelta(days=7)
_NO_SLUG = re.compile(r"[^a-z0-9]+")


def time(at: datetime) -> str:
    """A time in Disqus's form: to the second, without a zone."""
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def post(comment: Comment, author: Person | None, site: Site, thread: str | Shape) -> Shape:
    """A comment. One whose text is gone keeps its place, when replies hang on it, and says nothing else."""
    is_gone = comment.html is None or not comment.is_published
    up, down = (0, 0) if is_gone else (comment.up, comment.down)
    return {
        "id": str(comment.id),
        "forum": site.name,
        "thread": thread,
        "parent": comment.parent_id,
        "message": "" if is_gone else comment.html,
        "raw_message": "" if is_gone else comment.body,
        "createdAt": time(comment.created_at),
        "editableUntil": time(comment.created_at + _EDITABLE),
        "isApproved": not is_gone,
        "isSpam": False,
        "isDeleted": is_gone,
        "isDeletedByAuthor": comment.state == "deleted",
        "isEdited": comment.edited_at is not None and not is_gone,
        "isFlagged": False,
        "isHighlighted": comment.featured and not is_gone,
        "isAtFlagLimit": False,
        "canVote": False,
        "sb": False,
        "likes": up,
        "dislikes": down,
        "points": up - down,
        "numReports": 0,
        "flags": 0,
        "userScore": 0,
        "media": [],
        "moderationLabels": [],
        "author": user(None if is_gone else author),
    }


def own_post(comment: Comment, author: Person | None, site: Site) -> Shape:
    """A comment as its author gets it: one that waits is there and not approved, one nobody else sees looks public."""
    shown = replace(comment, state="published")
    return {**post(shown, author, site, str(comment.thread_id)), "isApproved": comment.state != "held"}


_DELETED = frozenset({"removed", "rejected", "deleted"})


def staff_post(comment: Comment, author: Person | None, site: Site, thread: str | Shape) -> Shape:
    """A comment as those see it who moderate: with its text while that is there, and what was decided about it."""
    shown = replace(comment, state="published") if comment.html is not None else comment
    return {
        **post(shown, author, site, thread),
        "isApproved": comment.state == "published",
        "isSpam": comment.state == "spam",
        "isDeleted": comment.state in _DELETED,
        "isDeletedByAuthor": comment.state == "deleted",
    }


def user(person: Person | None) -> Shape:
    """An author. Guests, and whoever wrote what is gone, have no id and no page."""
    name = person.name if person is not None else ""
    known = {"id": str(person.id), "username": str(person.id)} if person is not None and person.is_member else {}
    return {
        **known,
        "name": name or "Guest",
        "isAnonymous": not known,
        "about": "",
        "url": "",
        "signedUrl": "",
        "profileUrl": "",
        "location": "",
        "joinedAt": time(person.created_at) if known and person is not None else "",
        "isPrimary": True,
        "isPrivate": True,
        "isPowerContributor": False,
        "isVerified": False,
        "disable3rdPartyTrackers": True,
        "emailHash": "",
        "avatar": {
            "permalink": _FACE,
            "cache": _FACE,
            "isCustom": False,
            "small": {"permalink": _FACE, "cache": _FACE},
            "large": {"permalink": _FACE, "cache": _FACE},
        },
    }


def thread(found: Thread, view: ThreadView, origin: str) -> Shape:
    """A discussion; `view` is its public face, `origin` Parley's own."""
    link = web_address(found.url)
    title = view.title or found.url
    slug = found.slug or _NO_SLUG.sub("_", title.lower()).strip("_")[:200]
    return {
        "id": str(found.id),
        "forum": view.site,
        "title": title,
        "clean_title": title,
        "link": link,
        "signedLink": link,
        "slug": slug,
        "feed": f"{origin}/api/v1/threads/{found.id}/feed.atom",
        "identifiers": [found.identifier] if found.identifier else [],
        "category": found.category,
        "author": None,
        "createdAt": time(found.created_at),
        "message": "",
        "raw_message": "",
        "isClosed": view.state == "closed",
        "isDeleted": False,
        "isSpam": False,
        "posts": found.comment_count,
        "likes": 0,
        "dislikes": 0,
        "userScore": 0,
        "userSubscription": False,
        "canPost": view.state == "open",
        "canModerate": False,
        "highlightedPost": None,
        "reactions": 0,
    }


_SORTS = {"oldest": 1, "newest": 2}


def forum(site: Site, sort: str) -> Shape:
    """A site. `sort` is the order it shows first."""
    texts, rules = site.section("disqus", DisqusRules), site.section("posting", PostingRules)
    return {
        "id": site.name,
        "pk": str(site.id),
        "name": site.title,
        "url": next((origin for origin in site.origins if "*" not in origin), ""),
        "founder": "",
        "language": "",
        "description": "",
        "guidelines": "",
        "favicon": {"permalink": "", "cache": ""},
        "avatar": {"small": {"permalink": _FACE, "cache": _FACE}, "large": {"permalink": _FACE, "cache": _FACE}},
        "daysThreadAlive": 0,
        "colorScheme": "auto",
        "typeface": "auto",
        "sort": _SORTS.get(sort, 4),
        "commentsLinkZero": texts.count_zero,
        "commentsLinkOne": texts.count_one,
        "commentsLinkMultiple": texts.count_many,
        "twitterName": "",
        "settings": {
            "allowAnonPost": rules.who == "guests",
            "allowAnonVotes": False,
            "allowMedia": False,
            "mustVerifyEmail": False,
            "ssoRequired": rules.who == "sso",
            "adultContent": False,
            "flaggingEnabled": True,
        },
    }


def cursor(last: str | None, *, is_further: bool) -> Shape:
    """Where a list goes on: `last` is what the next call hands back as `cursor`, None at the end."""
    return {
        "prev": None,
        "hasPrev": is_further,
        "next": last,
        "hasNext": last is not None,
        "id": last or "",
        "more": last is not None,
        "total": None,
    }


def by_id(found: Mapping[int, Person], number: int | None) -> Person | None:
    """Who wrote something, if anybody may know."""
    return found.get(number) if number is not None else None
