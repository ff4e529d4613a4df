"""Public answers: the same for every viewer, compressed, with a strong ETag, kept only if asked about again."""

from __future__ import annotations

import hashlib

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from service.kit.encoding import fit


def public(
    request: Request, body: bytes | str | BaseModel, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """A public GET's response; 304 when the client has these very bytes."""
    raw = body.model_dump_json().encode() if isinstance(body, BaseModel) else body
    data = raw.encode() if isinstance(raw, str) else raw
    encoded, coding = fit(data, request.headers.get("accept-encoding", ""))
    # Strong: another coding is another tag (RFC 9110 section 8.8.3.3).
    tag = f'"{hashlib.sha256(data).hexdigest()[:24]}-{coding}"'
    shared = {
        "ETag": tag,
        "Vary": "Accept-Encoding",
        # Kept, but asked about each time: a reader who posted and comes back finds the comment.
        "Cache-Control": "public, no-cache",
        **(headers or {}),
    }
    if tag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=shared)
    if coding != "identity":
        shared["Content-Encoding"] = coding
    return Response(encoded, media_type=media_type, headers=shared)


def public_json(request: Request, view: BaseModel) -> Response:
    """Public JSON that scripts of any page may read: it is the same for everybody and carries no credentials."""
    return public(
        request,
        view,
        "application/json",
        {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"},
    )


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
