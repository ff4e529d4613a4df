"""What happens in a thread, as it happens or asked for from time to time."""

from __future__ import annotations

import contextlib
import json
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from service import reading, threads
from service.kit.fanout import Ear
from service.limits import LimitReached, LimitRules
from service.live import Event, LiveAway, Since, TooManyListeners
from service.live.stream import frame, is_after
from service.pages.views import View
from service.web.event_stream import EventStream
from service.web.input import PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.respond import public_json, thread_tags
from service.web.who import AllParts, Anyone

router = APIRouter(prefix="/api/v1", tags=["live"])

ThreadId = Annotated[PublicId, Path(description="A thread's id")]
Known = Annotated[
    int | None,
    Query(ge=0, lt=2**31, description="The thread's `version` as you know it; what came since is told first"),
]
After = Annotated[Text | None, Query(max_length=30, description="Id of the last event you have; wins over `version`")]
LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=100, description="What browsers send when they come again")
]


class EventView(View):
    """One event. A comment's text is not in it: ask for the comment."""

    type: Literal["posted", "edited", "removed", "votes", "thread"]
    id: str = Field(description="Hand back as `after` or `Last-Event-ID`")
    comment: str | None = Field(default=None, description="Which comment: posted, edited, removed")
    parent: str | None = Field(default=None, description="The comment it answers")
    version: int | None = Field(default=None, description="The comment's version; 0 when it was removed")
    votes: dict[str, tuple[int, int]] | None = Field(default=None, description="votes: comment id to [up, down]")
    state: Literal["open", "closed"] | None = Field(default=None, description="thread: open or closed")
    thread_version: int
    count: int = Field(description="Comments readers see")


class ChangesView(View):
    """What happened in a thread."""

    version: int = Field(description="The thread's version now; hand back as `version`")
    count: int
    state: Literal["open", "closed"]
    last: str | None = Field(description="Hand back as `after`")
    is_complete: bool = Field(description="False: more happened than is kept; read the thread anew")
    items: list[EventView]


_EVENT = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "data": {"type": "string", "description": "JSON with a `type`"}},
    "required": ["data"],
}


@router.get(
    "/threads/{thread}/events",
    response_class=EventStream,
    status_code=200,
    responses={
        200: {
            "description": "Server-sent events; `data` is JSON with a `type`: `hello` first, `reset` when the thread"
            " has to be read anew, then those of `/changes`",
            "content": {"text/event-stream": {"schema": _EVENT}},
        },
        **raises(threads.ThreadUnknown, LimitReached, TooManyListeners, LiveAway),
    },
)
async def get_events(
    parts: AllParts,
    who: Anyone,
    thread: ThreadId,
    version: Known = None,
    after: After = None,
    last_event_id: LastEventId = None,
) -> Response:
    """What happens in a thread, as it happens: for `EventSource`. Resumes by `Last-Event-ID`."""
    # Looked at again below, when we listen already: what happens in between must not be missed.
    site, _ = await parts.db.read(reading.site_and_thread, number(thread))
    await parts.limiter.spend(site.id, "live", site.section("limits", LimitRules).live, {"address": who.address})
    with contextlib.ExitStack() as listening:
        ear = listening.enter_context(parts.live.listen(number(thread), who.address))
        listening.enter_context(parts.standing.follow(site.id, number(thread)))
        past = await _past(parts, ear, number(thread), last_event_id or after, version)
        return EventStream(listening.pop_all(), ear, past)


@router.get("/threads/{thread}/changes", response_model=ChangesView, responses=raises(threads.ThreadUnknown))
async def get_changes(
    request: Request, parts: AllParts, _: Anyone, thread: ThreadId, version: Known = None, after: After = None
) -> Response:
    """The same for those who ask from time to time: what happened since an event, or since a version."""
    site, found = await parts.db.read(reading.site_and_thread, number(thread))
    since = await parts.live.since(found, after=after, version=version)
    view = reading.thread_view(found, site)
    changes = ChangesView(
        version=view.version,
        count=view.comment_count,
        state=view.state,
        last=since.last,
        is_complete=since.is_complete,
        items=[EventView(id=event.id, **json.loads(event.data)) for event in since.events],
    )
    # Many ask the same at the same time; two seconds are what polling does not notice.
    return public_json(request, changes, tags=thread_tags(found.id, site.id), life=2)


async def _past(parts: Parts, ear: Ear, thread_id: int, after: str | None, version: int | None) -> bytes:
    """What comes first: where the thread stands, what was missed, and what was heard while that was read."""
    site, found = await parts.db.read(reading.site_and_thread, thread_id)
    since: Since = await parts.live.since(found, after=after, version=version)
    view = reading.thread_view(found, site)
    hello = {"type": "hello", "state": view.state, "thread_version": view.version, "count": view.comment_count}
    # Whoever has heard the greeting alone has heard nothing yet that is to be missed.
    frames = [frame(hello, None if since.events else since.last)]
    if not since.is_complete:
        frames.append(frame({**hello, "type": "reset"}, since.last))
    frames += [_as_it_stands(event, view.state) for event in since.events]
    # Heard by now, but perhaps already among what was missed.
    frames += [heard for heard in ear.take() if since.last is None or _is_new(heard, since.last)]
    return b"".join(frames)


def _as_it_stands(event: Event, state: str) -> bytes:
    """An event of the past; whether the thread was open then is nothing to be told now."""
    told = json.loads(event.data)
    return frame({**told, "state": state}, event.id) if told["type"] == "thread" else event.frame()


def _is_new(heard: bytes, last: str) -> bool:
    return not heard.startswith(b"id: ") or is_after(heard[4 : heard.index(b"\n")].decode(), last)
