"""What helps somebody who is writing: a look at the text as it will be, the names of those who take part."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from service import posting, reading, sites, threads
from service.kit.errors import Invalid, TooLarge
from service.limits import LimitReached
from service.posting import PostingRules
from service.web import acts
from service.web.input import Body, PublicId, Text, number
from service.web.problem import raises
from service.web.who import AllParts, Anyone

router = APIRouter(prefix="/api/v1", tags=["posting"])


class PreviewBody(Body):
    """A text that is not posted yet."""

    site: Text = Field(max_length=50, examples=["demo"])
    body: str = Field(description="Markdown", examples=["I *like* trams."])


class PreviewView(Body):
    """The text as readers would see it."""

    html: str = Field(description="Safe HTML, by the same renderer as comments")


class ParticipantsView(Body):
    """Names of people whose comments in a thread can be read, those who wrote last first."""

    names: list[str]


@router.post("/preview", responses=raises(Invalid, sites.SiteUnknown, LimitReached, TooLarge))
async def preview(new: PreviewBody, response: Response, parts: AllParts, who: Anyone) -> PreviewView:
    """How a text will look. Nothing is stored, nothing is screened, nobody's authority is asked for."""
    response.headers["Cache-Control"] = "no-store"
    site = await parts.sites.by_name(new.site)
    await acts.spend(parts, site, "preview", who)
    return PreviewView(html=posting.preview(new.body, site.section("posting", PostingRules)).html)


@router.get("/threads/{thread}/participants", responses=raises(threads.ThreadUnknown, Invalid, LimitReached))
async def participants(
    response: Response,
    parts: AllParts,
    who: Anyone,
    thread: Annotated[PublicId, Path(description="A thread's id")],
    q: Annotated[Text, Query(min_length=1, max_length=80, description="How a word of the name begins")],
) -> ParticipantsView:
    """Names to mention: of those who wrote lately in the thread, at most eight. Case and accents make no difference."""
    response.headers["Cache-Control"] = "no-store"
    site, found = await parts.db.read(reading.site_and_thread, number(thread))
    await acts.spend(parts, site, "preview", who)
    return ParticipantsView(names=await parts.db.read(posting.participants, found, q))
