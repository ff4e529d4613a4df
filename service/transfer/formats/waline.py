"""Waline's export: tables of its database in one JSON object; pages are paths, comments Markdown with some HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from service.transfer.formats.json_text import Object, flag_of, id_of, members, number_of, text_of, time_of
from service.transfer.records import ExportPost, Record, page_of

_MARK = re.compile(rb'"type"\s*:\s*"waline"')


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so is an export of Waline."""
    return beginning.lstrip()[:1] == b"{" and _MARK.search(beginning) is not None


def read(path: Path) -> Iterator[Record]:
    """The records of an export. Raises BadExport."""
    seen: set[str] = set()
    for line, found in _comments(path):
        page = _page(found)
        if page not in seen:
            seen.add(page)
            yield page_of(page, "", _time(found, line), line)
        yield _post(found, page, line)


def _comments(path: Path) -> Iterator[tuple[int, Object]]:
    some = False
    for found in members(path, "data", "Comment"):
        some = True
        yield found
    if not some:
        # As its own interface answers it: within an envelope.
        yield from members(path, "data", "data", "Comment")


def _page(found: Object) -> str:
    url = text_of(found.get("url"))
    return url if "://" in url else "/" + url.lstrip("/")


def _time(found: Object, line: int) -> datetime:
    return time_of(found.get("insertedAt") or found.get("createdAt"), line, "A comment")


def _post(found: Object, page: str, line: int) -> ExportPost:
    parent = text_of(found.get("pid")) or text_of(found.get("rid"))
    who, status = text_of(found.get("user_id")), text_of(found.get("status"))
    return ExportPost(
        id=id_of(found.get("objectId") or found.get("id") or found.get("_id"), line, "A comment"),
        thread=page,
        parent="" if parent == "0" else parent,
        message=str(found.get("comment") or ""),
        created_at=time_of(found.get("insertedAt") or found.get("createdAt"), line, "A comment"),
        name=text_of(found.get("nick")),
        username="",
        is_anonymous=not who,
        is_deleted=False,
        is_spam=status == "spam",
        is_approved=status in {"", "approved"},
        line=line,
        form="markdown",
        author=who,
        up=number_of(found.get("like")),
        pinned=flag_of(found.get("sticky")) and not parent,
    )
