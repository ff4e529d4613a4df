"""What is done with cases by plain forms: taken, given back, decided."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from service import moderation
from service.console.answers import refused, to_queue
from service.console.own import one_of, own_sites
from service.kit import text
from service.kit.errors import Forbidden, Refused
from service.kit.ids import parse_id
from service.sites import SiteUnknown
from service.web.input import Text
from service.web.who import AllParts, Anyone, MaybeStaff, refuse_cross_site

router = APIRouter(prefix="/console", tags=["console"], include_in_schema=False)

Field = Annotated[Text, Form(max_length=300)]


@router.post("/claim")
async def post_claim(
    request: Request, parts: AllParts, who: MaybeStaff, _: Anyone, site: Annotated[Text, Form(max_length=50)] = ""
) -> Response:
    """Take the next cases, of one site or of each."""
    if who is None:
        return to_queue()
    refuse_cross_site(request, parts)
    try:
        own = await own_sites(parts, who)
        for chosen in [one_of(own, site)] if site else own:
            await moderation.claim(parts.db, parts.queue, who, chosen, 5)
    except moderation.ClaimCapReached:
        return to_queue(site=site, problem="claim-cap-reached")
    except Refused as error:
        return refused(parts, error, who)
    return to_queue(site=site)


@router.post("/release")
async def post_release(
    request: Request, parts: AllParts, who: MaybeStaff, _: Anyone, claim: Field = "", site: Field = ""
) -> Response:
    """Give a case back, or all of them."""
    if who is None:
        return to_queue()
    refuse_cross_site(request, parts)
    try:
        own = await own_sites(parts, who)
        if claim:
            token = moderation.Token.read(claim)
            chosen = next((known for known in own if known.id == token.site), None)
            if chosen is None:
                raise SiteUnknown
            await moderation.release(parts.queue, who, chosen, [claim])
        else:
            for chosen in [one_of(own, site)] if site else own:
                await moderation.leave(parts.queue, who, chosen)
    except Refused as error:
        return refused(parts, error, who)
    return to_queue(site=site)


@router.post("/decide")
async def post_decide(
    request: Request,
    parts: AllParts,
    who: MaybeStaff,
    _: Anyone,
    comment: Field,
    action: Field,
    claim: Field = "",
    version: Field = "",
    site: Field = "",
    reason: Field = "",
    note: Annotated[Text, Form(max_length=1_000)] = "",
) -> Response:
    """Decide about one comment, perhaps with a reason and a note to its author."""
    if who is None:
        return to_queue()
    refuse_cross_site(request, parts)
    chosen = next((known for known in moderation.ACTIONS if known == action), None)
    if chosen is None:
        return refused(parts, Forbidden("There is no such action."), who)
    try:
        item = moderation.Item(
            parse_id(comment, field="comment"),
            int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
            claim or None,
        )
        words = text.clean_line(note, field="note", max_chars=1_000) if note.strip() else ""
        outcome = (
            await moderation.decide_each(parts.db, parts.queue, who, [item], chosen, reason=reason.strip(), note=words)
        )[0]
    except Refused as error:
        return refused(parts, error, who)
    parts.relay.poke()
    if outcome.refusal is not None:
        return refused(parts, outcome.refusal, who)
    return to_queue(site=site, done=chosen)
