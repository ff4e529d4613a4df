"""The body of a request, read as FastAPI reads it: JSON where it says that it is JSON, else bytes."""

from __future__ import annotations

import email.message
import json
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from service.web.fields import text


async def sent(request: Request) -> Any:
    """What was sent. Raises RequestValidationError for what is not JSON, HTTPException for what cannot be read."""
    try:
        body = await _whole(request)
        if not body:
            return PydanticUndefined
        return json.loads(body) if _is_json(text(request.scope, b"content-type")) else body
    except json.JSONDecodeError as error:
        wrong = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([wrong | {"ctx": {"error": error.msg}}], body=error.doc) from error
    except HTTPException:
        raise
    except Exception as error:
        raise HTTPException(400) from error


async def _whole(request: Request) -> bytes:
    """All of it; nearly always it is one message. Raises ClientDisconnect."""
    parts: list[bytes] = []
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _is_json(said: str | None) -> bool:
    if said == "application/json":
        return True
    if not said:
        return False
    message = email.message.Message()
    message["content-type"] = said
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))
