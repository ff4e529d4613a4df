"""Pulls a forum through Disqus's API into a file, for sites that cannot get an export.

The file grows page by page, and after each page it says how to go on: whoever is interrupted, or has used up the
requests of the hour, begins again with the same file and goes on there. When all is in it, it is imported like any
other (formats/disqus_api.py).
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode

from service.kit import clock
from service.kit.errors import Invalid
from service.kit.http import NoAnswer, Outbound

API = "https://disqus.com/api/3.0"
_PAGE = 100  # the most they give at once
_SECONDS = 30.0
_MOST = 16 * 2**20
_TRIES = 6
_LONGEST_WAIT = 3_700.0  # their limits are by the hour
# Codes of their answers: not an error of ours, wait and ask again.
_LATER = frozenset({13, 14, 15, 16, 20, 21})
_STEPS: Mapping[str, str] = {"thread": "forums/listThreads", "post": "forums/listPosts"}

Progress = Callable[[int], None]
Sleep = Callable[[float], Awaitable[None]]


class PullRefused(Invalid):
    """Disqus did not give what was asked for."""

    type = "pull-refused"


class PullStopped(Invalid):
    """Disqus cannot be reached, or has had enough for this hour. Begin again later: it goes on where it stopped."""

    type = "pull-stopped"


@dataclass(frozen=True)
class Forum:
    """What is pulled, and with which keys. With a moderator's `token` deleted, spam and held comments are told too."""

    name: str
    key: str
    token: str | None = None
    api: str = API


@dataclass
class _Place:
    """How far the file is: the step, where it goes on in it, how many posts there are."""

    step: str = "thread"
    cursor: str | None = None
    posts: int = 0
    is_whole: bool = False


async def pull(
    out: Outbound,
    forum: Forum,
    path: Path,
    *,
    progress: Progress = lambda _posts: None,
    sleep: Sleep = asyncio.sleep,
) -> int:
    """Pull everything that is not in the file yet; how many posts are in it then.

    Raises PullRefused, PullStopped, URLRefused.
    """
    out.checked(f"{forum.api}/")
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        place = _where(file, forum)
        while not place.is_whole:
            progress(place.posts)
            found, after = await _page(out, forum, place, sleep)
            _keep(file, place, found, after)
        progress(place.posts)
    return place.posts


def _where(file: BinaryIO, forum: Forum) -> _Place:
    """Go to the end of the last page that is whole. Raises PullRefused for a file of something else."""
    place, end, posts = _Place(), 0, 0
    for number, line in enumerate(file):
        try:
            said = json.loads(line) if line.endswith(b"\n") else {}
        except ValueError:
            break
        if number == 0:
            if said.get("disqus_api") != 1 or said.get("forum") != forum.name:
                raise PullRefused(f"{file.name} is no file of the forum {forum.name}.", field="file")
            end += len(line)
            at = end
            continue
        end += len(line)
        posts += "post" in said
        if "next" in said:
            place, at = _Place(said["next"], said["cursor"], posts), end
        elif "end" in said:
            return _Place(posts=posts, is_whole=True)
    if end == 0:
        file.write(_line({"disqus_api": 1, "forum": forum.name}))
        return place
    file.seek(at)
    file.truncate()
    return place


def _keep(file: BinaryIO, place: _Place, found: list[dict[str, Any]], after: str | None) -> None:
    file.writelines(_line({place.step: each}) for each in found)
    place.posts += len(found) if place.step == "post" else 0
    place.cursor = after
    if after is None:
        place.is_whole = place.step == "post"
        place.step = "post"
    said = {"end": {"posts": place.posts}} if place.is_whole else {"next": place.step, "cursor": place.cursor}
    file.write(_line(said))
    file.flush()


async def _page(out: Outbound, forum: Forum, place: _Place, sleep: Sleep) -> tuple[list[dict[str, Any]], str | None]:
    """The next page, and the cursor of the one behind it; None at the end."""
    asked: list[tuple[str, str]] = [
        ("forum", forum.name),
        ("limit", str(_PAGE)),
        ("order", "asc"),
        ("api_key", forum.key),
    ]
    asked += [("include", name) for name in _included(forum, place.step)]
    asked += [("access_token", forum.token)] if forum.token else []
    asked += [("cursor", place.cursor)] if place.cursor else []
    told = await _asked(out, f"{forum.api}/{_STEPS[place.step]}.json?{urlencode(asked)}", sleep)
    found, cursor = told.get("response"), told.get("cursor") or {}
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise PullRefused("This is not how Disqus answers.")
    after = cursor.get("next") if cursor.get("hasNext") else None
    if after is not None and after == place.cursor:
        raise PullRefused("Disqus says that the next page is this one.")
    return found, after


def _included(forum: Forum, step: str) -> tuple[str, ...]:
    if step == "thread":
        return ("open", "closed")
    return ("approved", "unapproved", "spam", "deleted") if forum.token else ("approved",)


async def _asked(out: Outbound, url: str, sleep: Sleep) -> dict[str, Any]:
    """An answer in their envelope; waits when they say so, and tries again what may pass."""
    for attempt in range(_TRIES):
        wait = 2.0**attempt
        try:
            answer = await out.get(url, {"Accept": "application/json"}, seconds=_SECONDS, most=_MOST)
        except NoAnswer:
            await sleep(wait)
            continue
        told = _envelope(answer.body)
        code = told.get("code")
        if answer.is_good and code == 0:
            if answer.headers.get("x-ratelimit-remaining") == "0":
                await sleep(_until(answer.headers.get("x-ratelimit-reset")))
            return told
        if answer.status == 429 or code in {13, 14}:  # too many
            await sleep(_until(answer.headers.get("x-ratelimit-reset")))
        elif answer.status >= 500 or code in _LATER:  # theirs
            await sleep(wait)
        else:
            raise PullRefused(f"Disqus says: {str(told.get('response'))[:200]} (code {code}, status {answer.status}).")
    raise PullStopped


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _until(reset: str | None) -> float:
    """Seconds until the hour they count is over."""
    at = float(reset) if reset and reset.isdecimal() else 0.0
    return min(max(at - clock.now().timestamp(), 1.0), _LONGEST_WAIT)


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
