"""Public answers: the same for every viewer, compressed, with a strong ETag, kept only if asked about again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from service import sites, threads
from service.kit.encoding import fit
from service.web.slot import SLOT, Slot


def public(
    request: Request,
    body: bytes | str | BaseModel,
    media_type: str,
    headers: dict[str, str] | None = None,
    *,
    tags: Sequence[str] = (),
    life: float = 0.0,
) -> Response:
    """A public GET's response; 304 when the client has these very bytes.

    With `life` it may be kept that many seconds, here and by a CDN, and is dropped when one of `tags` changes.
    """
    slot: Slot | None = request.scope.get(SLOT)
    if slot is not None:
        slot.tags, slot.life = tuple(tags), life
    raw = body.model_dump_json().encode() if isinstance(body, BaseModel) else body
    data = raw.encode() if isinstance(raw, str) else raw
    encoded, coding = fit(data, ",".join(request.headers.getlist("accept-encoding")))
    # Strong: another coding is another tag (RFC 9110 section 8.8.3.3).
    tag = f'"{hashlib.sha256(data).hexdigest()[:24]}-{coding}"'
    shared = {
        "ETag": tag,
        "Vary": "Accept-Encoding",
        # Kept, but asked about each time: a reader who posted and comes back finds the comment.
        "Cache-Control": "public, no-cache",
        **(headers or {}),
    }
    if life:
        # For caches between us and the reader only; browsers see Cache-Control above.
        shared["CDN-Cache-Control"] = f"public, max-age={min(int(life), 10)}, stale-while-revalidate=30"
        shared["Surrogate-Key"] = " ".join(tags)
    asked = ",".join(request.headers.getlist("if-none-match"))
    if asked.strip() == "*" or tag in _tags(asked):
        return Response(status_code=304, headers=shared)
    if coding != "identity":
        shared["Content-Encoding"] = coding
    return Response(encoded, media_type=media_type, headers=shared)


def public_json(request: Request, view: BaseModel, *, tags: Sequence[str] = (), life: float = 0.0) -> Response:
    """Public JSON that scripts of any page may read: it is the same for everybody and carries no credentials."""
    return public(
        request,
        view,
        "application/json",
        {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"},
        tags=tags,
        life=life,
    )


# Seconds a page may live where nobody can tell us that it changed; see service/web/fast.py.
LIFE = 60.0


def thread_tags(thread_id: str | int | None, site_id: int) -> tuple[str, ...]:
    """What a page about a thread shows, and of which site; without a thread, that nobody has written yet."""
    shown = threads.page_tag(int(thread_id)) if thread_id is not None else threads.unopened_tag(site_id)
    return (shown, sites.tag(site_id))


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
