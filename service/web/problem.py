"""Refusals as answers: problem+json (RFC 9457), with a stable `type`, saying what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from service.kit.errors import Invalid, Overloaded, Refused, TooLarge, TooSlow, Unavailable
from service.pages.language import ENGLISH, Language, chosen
from service.web.spoken import spoken_by

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """An error, for people and for programs. Some carry further members, such as who decided what and when."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(
        description="Stable name of the error, as a link into the documentation", examples=["/errors#thread-closed"]
    )
    title: str = Field(examples=["Thread closed"])
    status: int = Field(examples=[403])
    detail: str = Field(examples=["This discussion is closed. You can still read it."])
    field: str | None = Field(default=None, description="The input that is wrong, where one is")


def raises(*refusals: type[Refused]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of an endpoint that may refuse in these ways."""
    by_status: dict[int, list[type[Refused]]] = {}
    for refusal in refusals:
        by_status.setdefault(refusal.status, []).append(refusal)
    return {
        status: {
            "model": Problem,
            "description": "; ".join(f"`{kind.type}`: {kind.message()}" for kind in kinds),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {kind.type: {"value": _body(kind)} for kind in kinds},
                }
            },
        }
        for status, kinds in by_status.items()
    }


def answer(refusal: Refused, spoken: Language | None = None) -> Response:
    """The refusal as a response; its words for people in the language they read, where it knows the words."""
    say = (spoken or chosen()).say
    body = {**refusal.more, **_body(type(refusal)), "detail": say(refusal.detail)}
    if "reasons" in body:
        body["reasons"] = [say(reason) for reason in body["reasons"]]
    if refusal.field:
        body["field"] = refusal.field
    return JSONResponse(
        body,
        status_code=refusal.status,
        headers={"Cache-Control": "no-store", **_language(spoken), **refusal.headers()},
        media_type=MEDIA_TYPE,
    )


def _language(spoken: Language | None) -> dict[str, str]:
    return {"Content-Language": spoken.tag, "Vary": "Accept-Language"} if spoken and spoken.tag != ENGLISH else {}


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return answer(error, spoken_by(request))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(_from_validation(error.errors()), spoken_by(request))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> Response:
        return _of_framework(error.status_code, dict(error.headers or {}))


# What the framework refuses by itself, in our words: (type, what to do, field).
_FRAMEWORK: dict[int, tuple[str, str, str | None]] = {
    400: ("unreadable", "The body is not JSON in UTF-8.", "body"),
    404: ("not-found", "There is nothing at this address. The calls there are stand in /docs.", None),
    405: ("method-not-allowed", "This address does not take that method. See the Allow header.", None),
    408: ("too-slow", TooSlow.message(), "body"),
    503: ("overloaded", Overloaded.message(), None),
    413: ("too-large", TooLarge.message(), "body"),
}


def internal() -> Response:
    """The answer when something went wrong that nobody thought of."""
    body = {
        "type": "/errors#internal",
        "title": "Internal error",
        "status": 500,
        "detail": "Something went wrong here. Your text is kept; try again in a moment.",
    }
    return JSONResponse(body, 500, media_type=MEDIA_TYPE)


def overloaded(retry_after: str) -> Response:
    """The answer when too many are being answered."""
    return _of_framework(503, {"Retry-After": retry_after})


def unavailable(retry_after: str) -> Response:
    """The answer when something took too long."""
    return JSONResponse(_body(Unavailable), 503, {"Retry-After": retry_after}, MEDIA_TYPE)


def too_large() -> Response:
    """The answer to a body that is refused unread."""
    return _of_framework(413, {})


def _of_framework(status: int, headers: dict[str, str]) -> Response:
    kind, detail, field = _FRAMEWORK.get(status, (f"http-{status}", "This request cannot be answered.", None))
    body = {"type": f"/errors#{kind}", "title": kind.replace("-", " ").capitalize(), "status": status, "detail": detail}
    if field:
        body["field"] = field
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def _body(kind: type[Refused]) -> dict[str, Any]:
    return {"type": f"/errors#{kind.type}", "title": kind.title(), "status": kind.status, "detail": kind.message()}


def _from_validation(errors: Sequence[Any]) -> Invalid:
    first = errors[0]
    if first["type"] == "json_invalid":
        return Invalid("The body is not valid JSON.", field="body")
    path = [str(part) for part in first["loc"] if part not in {"body", "query", "path", "header"}]
    field = ".".join(path) or str(first["loc"][0])
    more = [
        {
            "field": ".".join(str(p) for p in e["loc"][1:]) or str(e["loc"][0]),
            "detail": str(e["msg"]).removeprefix("Value error, "),
        }
        for e in errors[:20]
    ]
    says = str(first["msg"]).removeprefix("Value error, ")
    return Invalid(f"{field}: {says}", field=field, errors=more)
