"""A site's queues over HTTP: those everybody has, and those its team saves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from service import moderation
from service.kit import text
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.moderation import queues
from service.pages.views import View
from service.sites import SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.problem import raises
from service.web.team import SiteName, private, site_named
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation/queues", tags=["moderation"])
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)


class QueueView(View):
    """A queue of a site. Those everybody has have a word for an id and cannot be changed."""

    id: str = Field(examples=["held"])
    name: str
    is_built_in: bool
    filter: moderation.QueueFilter


class QueuesView(View):
    """The queues of a site, those everybody has first."""

    items: list[QueueView]
    next_cursor: None = None


class QueueBody(Body):
    """A queue to save."""

    name: Text = Field(min_length=1, max_length=60, examples=["Sport, German"])
    filter: moderation.QueueFilter = Field(default_factory=moderation.QueueFilter)


@router.get("", responses=raises(*_SHARED, Invalid))
async def get_queues(response: Response, parts: AllParts, who: Moderator, site: SiteName) -> QueuesView:
    """The queues of a site."""
    private(response)
    found = await site_named(parts, who, site)
    return QueuesView(items=[_queue(one) for one in await parts.db.read(queues.of_site, found.id)])


@router.post(
    "",
    status_code=201,
    responses=raises(*_SHARED, Invalid, moderation.QueueExists, moderation.TooManyQueues),
)
async def post_queue(new: QueueBody, parts: AllParts, who: Moderator, site: SiteName) -> QueueView:
    """Save a part of the queue under a name, for the whole team."""
    found = await site_named(parts, who, site)
    name = text.clean_line(new.name, field="name", max_chars=60)
    return _queue(await parts.db.transact(queues.save, who, found.id, name, new.filter))


QueueId = Annotated[PublicId, Path(description="A saved queue's id")]


@router.put(
    "/{queue}",
    responses=raises(SignInNeeded, Forbidden, Invalid, moderation.QueueUnknown, moderation.QueueExists),
)
async def put_queue(queue: QueueId, new: QueueBody, parts: AllParts, who: Moderator) -> QueueView:
    """Rename a saved queue, or let it show something else."""
    name = text.clean_line(new.name, field="name", max_chars=60)
    return _queue(await parts.db.transact(queues.change, who, number(queue), name, new.filter))


@router.delete("/{queue}", status_code=204, responses=raises(SignInNeeded, Forbidden, Invalid, moderation.QueueUnknown))
async def delete_queue(queue: QueueId, parts: AllParts, who: Moderator) -> None:
    """Delete a saved queue. Its cases stay where they are."""
    await parts.db.transact(queues.delete, who, number(queue))


def _queue(one: moderation.SavedQueue) -> QueueView:
    return QueueView(id=one.key, name=one.name, is_built_in=one.is_built_in, filter=one.filter)
