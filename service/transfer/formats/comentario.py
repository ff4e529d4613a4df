"""Comentario's export since version 3: pages, comments and commenters in one JSON object, each known by a UUID."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from service.transfer.errors import BadRecord
from service.transfer.formats.json_text import Object, flag_of, id_of, members, text_of, time_of
from service.transfer.records import ExportPost, ExportThread, Record

_NOBODY = frozenset({"", "00000000-0000-0000-0000-000000000000"})
_VERSION = re.compile(rb'\s*\{\s*"version"\s*:\s*(?:[2-9]|[1-9][0-9]+)\s*,\s*"(?:pages|comments|commenters)"\s*:')


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so is an export of Comentario."""
    return _VERSION.match(beginning) is not None


def read(path: Path) -> Iterator[Record]:
    """The records of an export. Raises BadExport."""
    names = {text_of(who.get("id")): text_of(who.get("name")) for _, who in members(path, "commenters")}
    for line, page in members(path, "pages"):
        yield _thread(page, line)
    for line, found in members(path, "comments"):
        yield _post(found, names, line)


def _thread(page: Object, line: int) -> ExportThread:
    return ExportThread(
        id=id_of(page.get("id"), line, "A page"),
        identifier="",
        link=_path(text_of(page.get("path"))),
        title=text_of(page.get("title")),
        created_at=time_of(page.get("createdTime") or 0, line, "A page"),
        is_closed=flag_of(page.get("isReadonly")),
        is_deleted=False,
        line=line,
    )


def _path(path: str) -> str:
    return path if "://" in path else "/" + path.lstrip("/")


def _post(found: Object, names: dict[str, str], line: int) -> ExportPost:
    who, parent = text_of(found.get("userCreated")), text_of(found.get("parentId"))
    score, edited = int(found.get("score") or 0), found.get("editedTime")
    words, html = str(found.get("markdown") or ""), str(found.get("html") or "")
    if "pageId" not in found:
        raise BadRecord("A comment has no pageId.", line=line)
    return ExportPost(
        id=id_of(found.get("id"), line, "A comment"),
        thread=text_of(found.get("pageId")),
        parent="" if parent in _NOBODY else parent,
        message=words or html,
        created_at=time_of(found.get("createdTime"), line, "A comment"),
        name=names.get(who, "") or text_of(found.get("authorName")) or ("Anonymous" if who in _NOBODY else ""),
        username="",
        is_anonymous=who in _NOBODY,
        is_deleted=flag_of(found.get("isDeleted")),
        is_spam=False,
        is_approved=flag_of(found.get("isApproved")) and not flag_of(found.get("isPending")),
        line=line,
        form="markdown" if words else "html",
        author="" if who in _NOBODY else who,
        up=max(score, 0),
        down=max(-score, 0),
        edited_at=time_of(edited, line, "An edit") if edited and not str(edited).startswith("0001") else None,
        pinned=flag_of(found.get("isSticky")) and not parent.strip("0-"),
    )
