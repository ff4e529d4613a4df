"""Artalk's data bundle (artrans): an array of comments, every value a text, the page's key in each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from service.transfer.formats.json_text import Object, flag_of, id_of, members, number_of, text_of, time_of
from service.transfer.records import ExportPost, ExportThread, Record, page_of


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so is an artrans."""
    return beginning.lstrip()[:1] == b"[" and b'"page_key"' in beginning


def read(path: Path) -> Iterator[Record]:
    """The records of a bundle. Raises BadExport."""
    seen: set[str] = set()
    for line, found in members(path):
        page = _page(found)
        if page not in seen:
            seen.add(page)
            yield _thread(found, page, line)
        yield _post(found, page, line)


def _page(found: Object) -> str:
    key = text_of(found.get("page_key"))
    if "://" in key:
        return key
    # The site's own addresses come along, the first is the one it is known by.
    base = text_of(found.get("site_urls")).split(",")[0].strip()
    return urljoin(base, key) if "://" in base else "/" + key.lstrip("/")


def _thread(found: Object, page: str, line: int) -> ExportThread:
    at = time_of(found.get("created_at"), line, "A comment")
    is_closed = flag_of(found.get("page_admin_only"))
    return page_of(page, text_of(found.get("page_title")), at, line, is_closed=is_closed)


def _post(found: Object, page: str, line: int) -> ExportPost:
    parent = text_of(found.get("rid"))
    return ExportPost(
        id=id_of(found.get("id"), line, "A comment"),
        thread=page,
        parent="" if parent == "0" else parent,
        message=str(found.get("content") or ""),
        created_at=time_of(found.get("created_at"), line, "A comment"),
        name=text_of(found.get("nick")),
        username="",
        is_anonymous=True,
        is_deleted=False,
        is_spam=False,
        is_approved=not flag_of(found.get("is_pending")),
        line=line,
        form="markdown",
        up=number_of(found.get("vote_up")),
        down=number_of(found.get("vote_down")),
        pinned=flag_of(found.get("is_pinned")) and parent in {"", "0"},
    )
