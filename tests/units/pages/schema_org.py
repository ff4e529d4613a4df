"""What schema.org (version 29) and Google's documentation of discussions say about the nodes we write, as a checker.

Only the types and properties that are used here; one that is not in the table is a fault, so a mistyped name is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and urlsplit(value).scheme in {"http", "https"} and bool(urlsplit(value).netloc)


def _is_time(value: Any) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(value))) and bool(datetime.fromisoformat(value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_a(*types: str) -> Check:
    return lambda value: isinstance(value, dict) and value.get("@type") in types


def _are_comments(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_a("Comment"), value))


_OF_ALL: Mapping[str, Check] = {"@type": _is_text, "@id": _is_url, "url": _is_url}
_CREATIVE_WORK: Mapping[str, Check] = {
    **_OF_ALL,
    "headline": _is_text,
    "author": _is_a("Person", "Organization"),
    "datePublished": _is_time,
    "dateModified": _is_time,
    "text": _is_text,
    "comment": _are_comments,
    "commentCount": _is_count,
    "discussionUrl": _is_url,
    "creativeWorkStatus": _is_text,
}
_TYPES: Mapping[str, Mapping[str, Check]] = {
    "Article": _CREATIVE_WORK,
    "DiscussionForumPosting": {**_CREATIVE_WORK, "sharedContent": _is_a("WebPage")},
    "Comment": {**_CREATIVE_WORK, "upvoteCount": _is_count, "downvoteCount": _is_count},
    "WebPage": _OF_ALL,
    "Person": {**_OF_ALL, "name": _is_text},
    "Organization": {**_OF_ALL, "name": _is_text},
}
# Google, "Discussion forum structured data": what has to be there.
_NEEDED: Mapping[str, set[str]] = {
    "DiscussionForumPosting": {"author", "datePublished"},
    "Comment": {"author", "datePublished", "text"},
    "Person": {"name"},
    "Organization": {"name"},
    "WebPage": {"url"},
}


def faults(node: Any, path: str = "") -> list[str]:
    """What is wrong with a node and all below it; nothing for a valid one."""
    kind = node.get("@type")
    here = f"{path}/{kind}"
    if kind not in _TYPES:
        return [f"{here}: no such type"]
    found = [] if path or node.get("@context") == "https://schema.org" else [f"{here}: no @context"]
    needed = _NEEDED.get(kind, set())
    if node.get("creativeWorkStatus") == "Deleted":
        needed = {"datePublished"}
    found += [f"{here}: lacks {name}" for name in sorted(needed - set(node))]
    if kind == "DiscussionForumPosting" and not {"text", "image", "video", "sharedContent"} & set(node):
        found.append(f"{here}: shows nothing")
    for name, value in node.items():
        check = _TYPES[kind].get(name)
        if name == "@context" and not path:
            continue
        if check is None:
            found.append(f"{here}: has no property {name}")
        elif not check(value):
            found.append(f"{here}: {name} is {value!r}"[:200])
        for below in value if isinstance(value, list) else [value]:
            if isinstance(below, dict) and check is not None:
                found += faults(below, here)
    return found
