"""What a comment is, before anything is stored: cleaned and rendered, without any I/O."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from service.kit import text
from service.kit.text import Rendered
from service.posting.rules import PostingRules
from service.threads import CanonicalURL, canonical


@dataclass(frozen=True)
class NewComment:
    """What a reader sent, as it came. Either `url` or `thread` names the page."""

    body: str
    url: str | None = None
    thread: int | None = None
    identifier: str | None = None
    title: str | None = None
    parent: int | None = None
    name: str | None = None
    email: str | None = None
    slug: str | None = None
    category: str | None = None

    def fingerprint(self) -> str:
        """Equal for equal comments, however their page is named: by address at first, by thread once it is known."""
        fields = [self.body, self.parent, self.name, self.email]
        return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


@dataclass(frozen=True)
class Draft:
    """A comment that could be stored."""

    body: str
    rendered: Rendered
    url: CanonicalURL | None
    thread: int | None
    identifier: str | None
    title: str | None
    parent: int | None
    name: str | None
    email: str | None
    fingerprint: str
    slug: str | None = None
    category: str | None = None


def weigh(new: NewComment, rules: PostingRules) -> Draft:
    """Clean and render; raises Invalid with the field named, cuts nothing."""
    body = text.clean_source(new.body, max_chars=rules.max_length)
    return Draft(
        body=body,
        rendered=text.render(body),
        url=canonical(new.url) if new.url is not None else None,
        thread=new.thread,
        identifier=text.clean_line(new.identifier, field="identifier", max_chars=300) if new.identifier else None,
        title=text.clean_line(new.title, field="title", max_chars=500) if new.title else None,
        parent=new.parent,
        name=text.clean_name(new.name) if new.name else None,
        email=new.email,
        fingerprint=new.fingerprint(),
        slug=text.clean_line(new.slug, field="slug", max_chars=200) if new.slug else None,
        category=text.clean_line(new.category, field="category", max_chars=60) if new.category else None,
    )


def preview(body: str, rules: PostingRules) -> Rendered:
    """How a text will look: the way of `weigh`, with nothing kept. Raises Invalid with field="body"."""
    return text.render(text.clean_source(body, max_chars=rules.max_length))
