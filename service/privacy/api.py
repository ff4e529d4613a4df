"""One's own data over the API: who one is, what one wrote, an export of it all, and being forgotten."""

from __future__ import annotations

import asyncio
import gzip
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from service import privacy
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.ids import parse_id
from service.limits import LimitReached
from service.pages.own_views import (
    ErasureView,
    ExportView,
    MeView,
    MyCommentsView,
    MyVotesView,
    OwnLinkView,
    OwnSessionsView,
    RepliesView,
)
from service.privacy import exports, lists, own
from service.sites import SiteUnknown
from service.web.input import PublicId, Text, number
from service.web.me import Own, erasure_view, export_view, me_view, sessions_view, spend
from service.web.problem import raises
from service.web.who import AllParts, Anyone

router = APIRouter(prefix="/api/v1/me", tags=["me"])

CursorText = Annotated[Text | None, Query(max_length=19, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100, description="Items on a page")]
_SHARED = (SignInNeeded, SiteUnknown)
_PRIVATE = "private, no-store"


@router.get("", responses=raises(*_SHARED))
async def get_me(response: Response, parts: AllParts, mine: Own) -> MeView:
    """Who one is at this site, and whether one is to be forgotten."""
    response.headers["Cache-Control"] = _PRIVATE
    return await parts.db.read(me_view, parts.keeper, mine)


@router.get("/comments", responses=raises(*_SHARED, Invalid))
async def get_comments(
    response: Response, parts: AllParts, mine: Own, cursor: CursorText = None, limit: Limit = 20
) -> MyCommentsView:
    """One's own comments, with what became of them and why, the newest first."""
    response.headers["Cache-Control"] = _PRIVATE
    return await parts.db.read(lists.my_comments, mine.person, _before(cursor), limit)


@router.get("/replies", responses=raises(*_SHARED, Invalid))
async def get_replies(
    response: Response, parts: AllParts, mine: Own, cursor: CursorText = None, limit: Limit = 20
) -> RepliesView:
    """What others answered to one's newest thousand comments, the newest first."""
    response.headers["Cache-Control"] = _PRIVATE
    return await parts.db.read(lists.replies, mine.person, _before(cursor), limit)


@router.get("/votes", responses=raises(*_SHARED, Invalid))
async def get_votes(
    response: Response, parts: AllParts, mine: Own, cursor: CursorText = None, limit: Limit = 20
) -> MyVotesView:
    """One's own votes, those on the newest comments first."""
    response.headers["Cache-Control"] = _PRIVATE
    return await parts.db.read(lists.my_votes, mine.person, _before(cursor), limit)


@router.get("/sessions", responses=raises(*_SHARED))
async def get_sessions(response: Response, parts: AllParts, mine: Own) -> OwnSessionsView:
    """The browsers that have one's own page open."""
    response.headers["Cache-Control"] = _PRIVATE
    return await parts.db.read(sessions_view, mine)


@router.delete("/sessions/{session}", status_code=204, responses=raises(*_SHARED, privacy.OwnSessionUnknown))
async def delete_session(
    parts: AllParts, mine: Own, session: Annotated[PublicId, Path(description="A session's id")]
) -> None:
    """Close one's own page in one of them."""
    await parts.db.transact(own.end, mine.person.id, number(session))


@router.post("/link", status_code=201, responses=raises(*_SHARED, LimitReached))
async def post_link(response: Response, parts: AllParts, mine: Own) -> OwnLinkView:
    """Where one's own page opens: an address that works once, within five minutes."""
    response.headers["Cache-Control"] = _PRIVATE
    await spend(parts, mine)
    token, until = await parts.db.transact(own.make_link, mine.person.id)
    return OwnLinkView(url=f"{parts.settings.origin}/me/enter?token={token}", expires_at=until)


@router.post("/export", status_code=202, responses=raises(*_SHARED, LimitReached))
async def post_export(response: Response, parts: AllParts, mine: Own) -> ExportView:
    """Ask for everything held about one. It is made in a moment, or in some minutes of much; `GET` tells when."""
    response.headers["Cache-Control"] = _PRIVATE
    await spend(parts, mine)
    return export_view(parts, await parts.db.transact(exports.ask, mine.person.id))


@router.get("/export", responses=raises(*_SHARED))
async def get_export(response: Response, parts: AllParts, mine: Own) -> ExportView | None:
    """The export asked for last; null when there is none any more."""
    response.headers["Cache-Control"] = _PRIVATE
    found = await parts.db.read(exports.latest, mine.person.id)
    return export_view(parts, found) if found else None


@router.get(
    "/exports/{export}",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}, **raises(privacy.ExportLinkInvalid)},
)
async def get_file(
    request: Request,
    parts: AllParts,
    _: Anyone,
    export: Annotated[PublicId, Path(description="An export's id")],
    signature: Annotated[Text, Query(max_length=40, description="As the address in `url` has it")] = "",
) -> Response:
    """An export itself. Its address is all the authority there is, for a day; it needs no session."""
    content = await parts.db.read(exports.content, parts.keeper, number(export), signature)
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    if not takes_gzip:
        content = await asyncio.to_thread(gzip.decompress, content)
    headers = {
        "Cache-Control": _PRIVATE,
        **({"Content-Encoding": "gzip"} if takes_gzip else {}),
        "Content-Disposition": 'attachment; filename="my-data.json"',
        "X-Robots-Tag": "noindex",
    }
    return Response(content, 200, headers, "application/json")


@router.delete("", status_code=202, responses=raises(*_SHARED, privacy.ErasedAlready, Forbidden, LimitReached))
async def delete_me(response: Response, parts: AllParts, mine: Own) -> ErasureView:
    """Ask to be forgotten. It is carried out after the site's cooling time, and cannot be taken back then."""
    response.headers["Cache-Control"] = _PRIVATE
    await spend(parts, mine)
    return erasure_view(await parts.db.transact(privacy.ask, mine.site, mine.person.id))


@router.post("/keep", responses=raises(*_SHARED, privacy.NoErasure, privacy.ErasureBegun))
async def post_keep(response: Response, parts: AllParts, mine: Own) -> MeView:
    """Call it off, while it waits."""
    response.headers["Cache-Control"] = _PRIVATE
    await parts.db.transact(privacy.call_off, mine.site, mine.person.id)
    return await parts.db.read(me_view, parts.keeper, mine)


def _before(cursor: str | None) -> int | None:
    return parse_id(cursor, field="cursor") if cursor else None
