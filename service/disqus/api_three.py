"""Disqus's API 3.0 over HTTP: one envelope, one set of error codes, whatever the call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from service.disqus import callers, scripts
from service.disqus.asked import Asked
from service.disqus.callers import Caller
from service.disqus.calls import Answer, Call
from service.disqus.faults import BAD_ARGUMENT, BAD_ENDPOINT, UNSUPPORTED, WRONG_METHOD, Fault, fault_of
from service.disqus.known import READS, UNLIKE, WRITES
from service.disqus.scripts import JAVASCRIPT
from service.identity import Visitor
from service.kit.db import ReadTx
from service.kit.errors import Refused
from service.pages.views import View
from service.web.input import Text
from service.web.parts import Parts
from service.web.respond import OPEN, public
from service.web.who import AllParts, Anyone

router = APIRouter(prefix="/api/3.0", tags=["disqus"])

_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,80}(\.[A-Za-z_$][\w$]{0,80}){0,4}")
_MOST_FIELDS = 200
# With these in it an address is nobody else's business, and its answer is not kept.
_SECRETS = {"api_secret", "access_token"}


class EnvelopeView(View):
    """What every call is answered."""

    code: int = Field(description="0, or what went wrong: 2 an argument, 4 a key is needed, 8 not found, …")
    response: Any = Field(description="What was asked for; with an error a sentence")
    cursor: dict[str, Any] | None = Field(default=None, description="With lists: hand `next` back as `cursor`")


_FAULTS: dict[int | str, dict[str, Any]] = {
    status: {"model": EnvelopeView, "description": "An error, by Disqus's code"}
    for status in (400, 401, 403, 404, 405, 429, 503)
}
Resource = Annotated[Text, Path(max_length=30, description="`threads`, `posts`, `forums`", examples=["threads"])]
Method = Annotated[
    Text,
    Path(
        max_length=60,
        description="The call, with or without `.json`; `.jsonp` with `callback`",
        examples=["list.json"],
    ),
]


Deeper = Annotated[Text, Path(max_length=60, description="The last part of a call's name", examples=["list.json"])]


@router.get("/{resource}/{method}", response_model=EnvelopeView, responses=_FAULTS)
async def get_call(
    request: Request,
    parts: AllParts,
    who: Anyone,
    resource: Resource,
    method: Method,
    _forum: Annotated[str | None, Query(alias="forum", description="A site's shortname")] = None,
    _thread: Annotated[str | None, Query(alias="thread", description="An id, `ident:…` or `link:…`")] = None,
) -> Response:
    """A call of Disqus's API 3.0 that reads; docs/disqus.md lists them. Arguments are those of Disqus."""
    return await _answered_get(request, parts, who, f"{resource}/{method}")


@router.post("/{resource}/{method}", response_model=EnvelopeView, responses=_FAULTS)
async def post_call(request: Request, parts: AllParts, who: Anyone, resource: Resource, method: Method) -> Response:
    """A call of Disqus's API 3.0 that writes, with its arguments as a form. The limits and checks are those of all."""
    return await _answered_post(request, parts, who, f"{resource}/{method}")


@router.get("/{resource}/{method}/{deeper}", response_model=EnvelopeView, responses=_FAULTS)
async def get_deeper_call(
    request: Request, parts: AllParts, who: Anyone, resource: Resource, method: Method, deeper: Deeper
) -> Response:
    """The same for calls with names of three parts, such as `forums/webhooks/list`."""
    return await _answered_get(request, parts, who, f"{resource}/{method}/{deeper}")


@router.post("/{resource}/{method}/{deeper}", response_model=EnvelopeView, responses=_FAULTS)
async def post_deeper_call(
    request: Request, parts: AllParts, who: Anyone, resource: Resource, method: Method, deeper: Deeper
) -> Response:
    """The same for calls with names of three parts, such as `forums/webhooks/create`."""
    return await _answered_post(request, parts, who, f"{resource}/{method}/{deeper}")


_NEVER = {"Cache-Control": "no-store"}


async def _answered_get(request: Request, parts: Parts, who: Visitor, path: str) -> Response:
    name, _dot, form = path.partition(".")
    callback: str | None = None
    caller = Caller(who)
    try:
        pairs = _pairs(request.url.query)
        callback = _callback(form, pairs)
        asked = Asked(pairs)
        caller = await _caller(parts, who, request.headers.get("origin"), asked)
        answer = await _read(parts, name, asked, caller)
    except Fault as fault:
        return _faulty(request, fault, callback, caller)
    envelope = EnvelopeView(code=0, response=answer.response, cursor=answer.cursor)
    if caller.is_known or _SECRETS.intersection(key for key, _value in pairs):
        return _sent(request, envelope, callback, headers={**_NEVER, **caller.headers})
    # Public, and the same for everybody; two seconds old at most.
    return _sent(request, envelope, callback, life=2.0)


async def _answered_post(request: Request, parts: Parts, who: Visitor, path: str) -> Response:
    caller = Caller(who)
    try:
        pairs = [*_pairs(request.url.query), *_pairs((await request.body()).decode(errors="replace"))]
        asked = Asked(pairs)
        caller = await _caller(parts, who, request.headers.get("origin"), asked)
        answer = await _write(parts, caller, path.partition(".")[0], asked)
    except Fault as fault:
        return _faulty(request, fault, None, caller)
    envelope = EnvelopeView(code=0, response=answer.response, cursor=answer.cursor)
    return _sent(request, envelope, None, headers={**_NEVER, **caller.headers})


async def _caller(parts: Parts, who: Visitor, origin: str | None, asked: Asked) -> Caller:
    try:
        caller = await callers.identify(parts, who, origin, asked)
    except Refused as refused:
        raise fault_of(refused) from refused
    asked.home = caller.site.name if caller.site is not None else None
    return caller


async def _read(parts: Parts, name: str, asked: Asked, caller: Caller) -> Answer:
    call = READS.get(name)
    if call is None:
        raise _unknown(name, is_read=False)

    async def read(tx: ReadTx) -> Answer:
        return await call(Call(tx, asked, parts.settings.origin, caller, parts.keeper))

    try:
        # What a moderator sees is read where it is written: a copy may be a moment behind their decision.
        return await (parts.db.read(read) if caller.is_known else parts.db.read_public(read))
    except Refused as refused:
        raise fault_of(refused) from refused


async def _write(parts: Parts, caller: Caller, name: str, asked: Asked) -> Answer:
    write = WRITES.get(name)
    if write is None:
        raise _unknown(name, is_read=True)
    try:
        return await write(parts, caller, asked)
    except Refused as refused:
        raise fault_of(refused) from refused


def _unknown(name: str, *, is_read: bool) -> Fault:
    if name in (READS if is_read else WRITES):
        return Fault(WRONG_METHOD, f"Invalid HTTP method for endpoint: {'use GET' if is_read else 'use POST'}")
    if (instead := UNLIKE.get(name)) is not None:
        return Fault(UNSUPPORTED, f"This operation is not supported: {instead}")
    return Fault(BAD_ENDPOINT, "Invalid endpoint: docs/disqus.md lists those there are")


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Fault(BAD_ARGUMENT, "Too many arguments") from error


def _callback(form: str, pairs: Sequence[tuple[str, str]]) -> str | None:
    if form != "jsonp":
        return None
    name = dict(pairs).get("callback", "callback")
    if not _CALLBACK.fullmatch(name):
        raise Fault(BAD_ARGUMENT, "Invalid argument, 'callback': the name of a function")
    return name


def _faulty(request: Request, fault: Fault, callback: str | None, caller: Caller) -> Response:
    told = {**_NEVER, **caller.headers, **fault.headers}
    sent = _sent(request, EnvelopeView(code=fault.code, response=fault.says), callback, headers=told)
    # A script with another status would not be run.
    sent.status_code = 200 if callback else fault.status
    return sent


def _sent(
    request: Request,
    envelope: EnvelopeView,
    callback: str | None,
    *,
    life: float = 0.0,
    headers: dict[str, str] | None = None,
) -> Response:
    more = {**OPEN, **(headers or {})}
    told = envelope.model_dump(mode="json")
    if envelope.cursor is None:
        del told["cursor"]
    if callback is None:
        return public(request, scripts.literal(told), "application/json", more, life=life)
    # The comment first: what begins with a name of somebody's choosing can be made to mean something to old plug-ins.
    return public(request, f"/**/{callback}({scripts.literal(told)});", JAVASCRIPT, more, life=life)
