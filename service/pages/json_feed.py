"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) of the same comments as in Atom. Pure."""

from __future__ import annotations

import json
from typing import Any

from service.pages.atom import Entry, Feed
from service.pages.words import iso

MEDIA_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def write(feed: Feed) -> str:
    """The feed as JSON. `feed.pages` are addresses in this form."""
    told: dict[str, Any] = {"version": _VERSION, "title": feed.title, "feed_url": feed.pages.here}
    if feed.pages.next:
        told["next_url"] = feed.pages.next
    if feed.about:
        told["home_page_url"] = feed.about
    told["items"] = [_item(entry) for entry in feed.entries]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.address,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": iso(entry.published),
        "date_modified": iso(entry.updated),
        "authors": [{"name": entry.author}],
    }
    if entry.parent:
        # An extension of its own begins with an underscore; what answers what, as RFC 4685 has it in Atom.
        item["_parley"] = {"in_reply_to": entry.parent}
    return item
