"""Remark42's backup: a line about the site, then a comment a line, whose text is HTML."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from service.transfer.formats.json_text import Object, flag_of, id_of, lines, text_of, time_of
from service.transfer.records import ExportPost, ExportThread, Record, page_of

_HEAD = re.compile(rb'\s*\{\s*"version"\s*:\s*[0-9]+\s*,\s*"(?:users|posts)"\s*:')


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so is a backup of Remark42."""
    first = beginning.split(b"\n", 1)[0]
    return _HEAD.match(first) is not None and b'"commenters"' not in first and b'"pages"' not in first


def read(path: Path) -> Iterator[Record]:
    """The records of a backup. Raises BadExport."""
    seen: set[bytes] = set()
    read_only: set[str] = set()
    for line, found in lines(path):
        if "locator" not in found:
            read_only |= {text_of(post.get("url")) for post in found.get("posts") or () if post.get("read_only")}
            continue
        url = text_of((found["locator"] or {}).get("url"))
        mark = hashlib.blake2b(url.encode(), digest_size=8).digest()
        if mark not in seen:
            seen.add(mark)
            yield _thread(found, url, line, is_closed=url in read_only)
        yield _post(found, url, line)


def _thread(found: Object, url: str, line: int, *, is_closed: bool) -> ExportThread:
    at = time_of(found.get("time"), line, "A comment")
    return page_of(url, text_of(found.get("title")), at, line, is_closed=is_closed)


def _post(found: Object, url: str, line: int) -> ExportPost:
    user, votes = found.get("user") or {}, found.get("votes") or {}
    score = int(found.get("score") or 0)
    up = sum(map(bool, votes.values())) if votes else max(score, 0)
    edited = (found.get("edit") or {}).get("time")
    return ExportPost(
        id=id_of(found.get("id"), line, "A comment"),
        thread=url,
        parent=text_of(found.get("pid")),
        message=str(found.get("text") or ""),
        created_at=time_of(found.get("time"), line, "A comment"),
        name=text_of(user.get("name")),
        username="",
        is_anonymous=False,
        is_deleted=flag_of(found.get("delete")),
        is_spam=False,
        is_approved=True,
        line=line,
        author=text_of(user.get("id")),
        up=up,
        down=len(votes) - up if votes else max(-score, 0),
        edited_at=time_of(edited, line, "An edit") if edited else None,
        pinned=flag_of(found.get("pin")),
    )
