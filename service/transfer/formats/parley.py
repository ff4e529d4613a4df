"""Parley's own form, JSON Lines: a line about the site, then its threads and comments, parents before their replies.

What every field means is in docs/imports.md. Writing is in ../exporting.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from service.comments.comment import STATES, State
from service.kit.builder import Form
from service.transfer.errors import BadRecord, CutShort, WrongFile
from service.transfer.formats.json_text import Object, flag_of, lines, number_of, text_of, time_of
from service.transfer.records import ExportPost, ExportThread, Record

VERSION = 1
_HEAD = re.compile(rb'\s*\{\s*"parley"\s*:\s*[0-9]+')
_LONGEST_ID = 180


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so is an export of ours."""
    return _HEAD.match(beginning) is not None


def read(path: Path) -> Iterator[Record]:
    """The records of an export. Raises BadExport."""
    last: Object = {}
    for line, found in lines(path):
        last = found
        if "parley" in found:
            if found["parley"] != VERSION:
                raise WrongFile(f"This is version {str(found['parley'])[:20]} of our own form; this server reads 1.")
        elif "thread" in found:
            yield _thread(found["thread"], line)
        elif "comment" in found:
            yield _post(found["comment"], line)
        elif "end" not in found:
            raise BadRecord("This is neither a thread nor a comment.", line=line)
    if "end" not in last:
        # The last line says so: what was cut between two lines would look whole.
        raise CutShort


def _thread(found: Any, line: int) -> ExportThread:
    thread = _object(found, line)
    return ExportThread(
        id=_id(thread.get("id"), line),
        identifier=text_of(thread.get("identifier")),
        link=text_of(thread.get("url")),
        title=text_of(thread.get("title")),
        created_at=time_of(thread.get("created_at"), line, "A thread"),
        is_closed=thread.get("state") == "closed",
        is_deleted=False,
        line=line,
        links=tuple(text_of(url) for url in thread.get("urls") or ()),
    )


def _post(found: Any, line: int) -> ExportPost:
    comment = _object(found, line)
    author, edited = _object(comment.get("author"), line), comment.get("edited_at")
    state, form = comment.get("state"), comment.get("format", "markdown")
    if state not in STATES:
        raise BadRecord(f"A comment has the state {str(state)[:40]!r}, which is none.", line=line)
    if form not in {"markdown", "html"}:
        raise BadRecord(f"A comment has the format {str(form)[:40]!r}, which is none.", line=line)
    return ExportPost(
        id=_id(comment.get("id"), line),
        thread=_id(comment.get("thread"), line),
        parent=text_of(comment.get("parent")),
        message=str(comment.get("body") or ""),
        created_at=time_of(comment.get("created_at"), line, "A comment"),
        name=text_of(author.get("name")),
        username="",
        is_anonymous=False,
        is_deleted=state == "deleted",
        is_spam=False,
        is_approved=True,
        line=line,
        form=cast("Form", form),
        author=_id(author.get("id"), line),
        author_since=time_of(author.get("since"), line, "An author") if author.get("since") else None,
        state=cast("State", state),
        up=number_of(comment.get("up")),
        down=number_of(comment.get("down")),
        edited_at=time_of(edited, line, "An edit") if edited else None,
        pinned=flag_of(comment.get("pinned")),
        featured=flag_of(comment.get("featured")),
        replies_closed=flag_of(comment.get("replies_closed")),
    )


def _object(found: Any, line: int) -> Object:
    if not isinstance(found, dict):
        raise BadRecord("Something that should be an object is none.", line=line)
    return found


def _id(value: Any, line: int) -> str:
    found = text_of(value)
    if not found or len(found) > _LONGEST_ID or not found.isprintable():
        raise BadRecord("There is no usable id.", line=line)
    return found
