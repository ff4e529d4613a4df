"""What was pulled through Disqus's API (see ../pulling.py): a line about the forum, then threads and posts as told.

Comments are known by the same ids as those of the XML export, so either can follow the other. Here votes and what
waits for approval are known too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from service.transfer.errors import BadRecord, CutShort
from service.transfer.formats.json_text import Object, flag_of, id_of, lines, number_of, text_of, time_of
from service.transfer.records import ExportPost, ExportThread, Record

_HEAD = re.compile(rb'\s*\{\s*"disqus_api"\s*:')


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so was pulled through the API."""
    return _HEAD.match(beginning) is not None


def read(path: Path) -> Iterator[Record]:
    """The records of what was pulled. Raises BadExport."""
    last: Object = {}
    for line, found in lines(path):
        last = found
        if "thread" in found:
            yield _thread(found["thread"], line)
        elif "post" in found:
            yield _post(found["post"], line)
    if "end" not in last:
        raise CutShort


def _thread(found: Object, line: int) -> ExportThread:
    names = [text_of(name) for name in found.get("identifiers") or ()]
    return ExportThread(
        id=id_of(found.get("id"), line, "A thread"),
        identifier=next((name for name in names if name), ""),
        link=text_of(found.get("link")),
        title=text_of(found.get("clean_title") or found.get("title")),
        created_at=time_of(found.get("createdAt"), line, "A thread"),
        is_closed=flag_of(found.get("isClosed")),
        is_deleted=flag_of(found.get("isDeleted")),
        line=line,
    )


def _post(found: Object, line: int) -> ExportPost:
    author, thread = found.get("author") or {}, found.get("thread")
    for name in ("isDeleted", "isSpam", "isApproved"):
        if not isinstance(found.get(name), bool):
            # Guessing here could publish what was deleted.
            raise BadRecord(f"A post does not say {name}.", line=line)
    return ExportPost(
        id=id_of(found.get("id"), line, "A post"),
        thread=text_of(thread.get("id")) if isinstance(thread, dict) else text_of(thread),
        parent=text_of(found.get("parent")),
        message=str(found.get("message") or found.get("raw_message") or ""),
        created_at=time_of(found.get("createdAt"), line, "A post"),
        name=text_of(author.get("name")),
        username=text_of(author.get("username")),
        is_anonymous=flag_of(author.get("isAnonymous")),
        is_deleted=found["isDeleted"],
        is_spam=found["isSpam"],
        is_approved=found["isApproved"],
        line=line,
        up=number_of(found.get("likes")),
        down=number_of(found.get("dislikes")),
    )
