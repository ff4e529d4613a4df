"""Commento's export, which Comentario's first versions wrote as well: comments and commenters in one JSON object.

Pages are paths of the one domain, so they are read against the site's own origin. Comments may stand before the
people who wrote them: names are looked up in a first reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from service.transfer.formats.json_text import Object, flag_of, id_of, members, text_of, time_of
from service.transfer.records import ExportPost, Record, page_of

_NOBODY = frozenset({"", "anonymous", "0" * 64})
_NO_PARENT = frozenset({"root", "", "0" * 64})
_MARK = re.compile(rb'"(?:commentHex|commenterHex)"\s*:')
_VERSION = re.compile(rb'\s*\{\s*"version"\s*:\s*1\s*,\s*"comments"\s*:')


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so is an export of Commento."""
    return beginning.lstrip()[:1] == b"{" and (_MARK.search(beginning) or _VERSION.match(beginning)) is not None


def read(path: Path) -> Iterator[Record]:
    """The records of an export. Raises BadExport."""
    names = {text_of(who.get("commenterHex")): text_of(who.get("name")) for _, who in members(path, "commenters")}
    seen: set[str] = set()
    for line, found in members(path, "comments"):
        page = _page(found)
        if page not in seen:
            seen.add(page)
            at = time_of(found.get("creationDate"), line, "A comment")
            yield page_of(page, "", at, line)
        yield _post(found, page, names, line)


def _page(found: Object) -> str:
    host, path = text_of(found.get("host") or found.get("domain")), text_of(found.get("path") or found.get("url"))
    if "://" in path:
        return path
    path = "/" + path.lstrip("/")
    return f"https://{host}{path}" if host else path


def _post(found: Object, page: str, names: dict[str, str], line: int) -> ExportPost:
    who = text_of(found.get("commenterHex"))
    parent, score = text_of(found.get("parentHex")), int(found.get("score") or 0)
    words, html = str(found.get("markdown") or ""), str(found.get("html") or "")
    state = text_of(found.get("state"))
    return ExportPost(
        id=id_of(found.get("commentHex"), line, "A comment"),
        thread=page,
        parent="" if parent in _NO_PARENT else parent,
        message=words or html,
        created_at=time_of(found.get("creationDate"), line, "A comment"),
        name=names.get(who, "") or ("Anonymous" if who in _NOBODY else ""),
        username="",
        is_anonymous=who in _NOBODY,
        is_deleted=flag_of(found.get("deleted")) or words == "[deleted]",
        is_spam=state == "flagged",
        is_approved=state in {"", "approved"},
        line=line,
        form="markdown" if words else "html",
        author="" if who in _NOBODY else who,
        up=max(score, 0),
        down=max(-score, 0),
    )
