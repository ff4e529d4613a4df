"""A small stand-in for Disqus's API 3.0: forums/listThreads and forums/listPosts, in pages, with their envelope."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.listener import Heard, answer

KEY, TOKEN = "public-key", "moderators-token"


@dataclass
class DisqusAPI:
    """A forum; `page` is how many it gives at once at most. `before` may answer in its place."""

    threads: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    page: int = 100
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    before: Callable[[int], bytes | None] | None = None

    async def reply(self, heard: Heard) -> bytes:
        """What it says to a request."""
        parts = urlsplit(heard.path)
        query = parse_qs(parts.query)
        what, cursor = parts.path.rpartition("/")[2].removesuffix(".json"), query.get("cursor", [None])[0]
        self.asked.append((what, cursor))
        if self.before is not None and (said := self.before(len(self.asked))) is not None:
            return said
        if query.get("api_key") != [KEY]:
            return refusal(5, "Invalid API key", 400)
        if query.get("forum") != ["news"]:
            return refusal(2, "Unable to find forum", 400)
        found = self.threads if what == "listThreads" else self._seen(query)
        start = int(cursor.split(":")[0]) if cursor else 0
        size = min(self.page, int(query["limit"][0]))
        after = start + size
        more = after < len(found)
        told = {
            "cursor": {"hasNext": more, "next": f"{after}:0:0" if more else None, "more": more, "total": None},
            "code": 0,
            "response": found[start:after],
        }
        return answer(200, json.dumps(told).encode(), Content_Type="application/json", X_Ratelimit_Remaining="900")

    def _seen(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        wanted = set(query.get("include", ["approved"]))
        if query.get("access_token") != [TOKEN]:
            wanted &= {"approved"}
        return [post for post in self.posts if _kind(post) in wanted]


def refusal(code: int, words: str, status: int, **headers: str) -> bytes:
    """An error as they tell it."""
    return answer(status, json.dumps({"code": code, "response": words}).encode(), **headers)


def thread(number: int, **more: Any) -> dict[str, Any]:
    """A thread as they tell it."""
    return {
        "id": str(number),
        "forum": "news",
        "title": f"Article {number}",
        "clean_title": f"Article {number}",
        "link": f"https://news.test/a{number}",
        "identifiers": [f"page-{number}"],
        "createdAt": "2019-05-01T12:00:00",
        "isClosed": False,
        "isDeleted": False,
    } | more


def post(number: int, of: int, **more: Any) -> dict[str, Any]:
    """A post as they tell it."""
    return {
        "id": str(number),
        "forum": "news",
        "thread": str(of),
        "parent": None,
        "message": f"<p>Words of {number}.</p>",
        "raw_message": f"Words of {number}.",
        "createdAt": f"2019-05-01T13:{number // 60:02}:{number % 60:02}",
        "isApproved": True,
        "isSpam": False,
        "isDeleted": False,
        "likes": number % 3,
        "dislikes": 0,
        "author": {"name": f"Reader {number % 5}", "username": f"reader{number % 5}", "isAnonymous": False},
    } | more


def _kind(post: dict[str, Any]) -> str:
    if post["isDeleted"]:
        return "deleted"
    if post["isSpam"]:
        return "spam"
    return "approved" if post["isApproved"] else "unapproved"
