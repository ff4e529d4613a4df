"""What a site keeps about its readers, for everybody to read: drawn from the settings by which it is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from service import sites
from service.pages import draw
from service.pages.own_views import KeptView, PrivacyNotice
from service.privacy import PrivacyRules, retention
from service.web.documents import HTML, document_headers, language_tag
from service.web.fragments import frame_settings
from service.web.input import Text
from service.web.problem import raises
from service.web.spoken import spoken_by
from service.web.who import AllParts, Anyone

router = APIRouter(tags=["privacy"])


@router.get("/privacy/{site}", response_class=Response, responses=raises(sites.SiteUnknown))
async def get_notice(
    request: Request,
    parts: AllParts,
    _: Anyone,
    site: Annotated[Text, Path(max_length=50, description="The site's shortname")],
    lang: Annotated[
        Text | None, Query(max_length=35, description="Language; else the browser's, else the site's")
    ] = None,
) -> Response:
    """What is kept about readers of a site, how long and why, in the words for readers."""
    found = await parts.db.read(sites.by_name, site)
    rules = found.section("privacy", PrivacyRules)
    notice = PrivacyNotice(
        title=found.title or found.name,
        kept=tuple(KeptView(each.what, each.why, *_span(each.life), each.until) for each in retention.table(found)),
        cooling_days=rules.cooling_days,
        contact=rules.contact,
    )
    settings = frame_settings(found)
    asked = language_tag(lang) or (spoken_by(request).tag if request.headers.get("accept-language") else None)
    drawn = draw.privacy_notice(notice, asset=parts.assets.url, settings=settings, lang=asked)
    headers = document_headers(parts, (), settings.style)
    headers |= {"Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
    return Response(drawn, 200, headers, HTML)


def _span(life: timedelta | None) -> tuple[int, str]:
    """A time as a number and CLDR's name of its unit, in days where it is whole days beyond three."""
    if life is None:
        return 0, ""
    hours = int(life.total_seconds() // 3_600)
    return (hours // 24, "day") if hours > 72 and hours % 24 == 0 else (hours, "hour")
