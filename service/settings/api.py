"""A site's settings over HTTP, for its owners: read, change, and see beforehand what readers would see."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field

from service import identity, reading, sites
from service.identity import Staff
from service.kit import text
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.pages import draw
from service.pages.views import PageView, View
from service.reading import PageKey
from service.record import Actor
from service.settings import SECTIONS, changed, drafted, in_force
from service.sites import Site, SiteUnknown
from service.threads import canonical
from service.web.fragments import frame_settings
from service.web.input import Body, Text
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import own_sites, site_named
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/sites", tags=["sites"])

# The template's own: what readers write holds none. Where scripts do not run, neither shows what stands for them.
_SCRIPT = re.compile(r"<script\b[^>]*></script>|<noscript>.*?</noscript>", re.DOTALL)

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
Sections = Annotated[
    dict[str, dict[str, Any]],
    Field(max_length=40, description="By section, the settings that are to change", examples=[{"posting": {}}]),
]


Origins = Annotated[list[Annotated[Text, Field(max_length=300)]], Field(min_length=1, max_length=100)]


class OwnSiteView(View):
    """A site one works for."""

    id: str
    name: str = Field(examples=["demo"])
    title: str
    role: str = Field(examples=["owner"])


class OwnSitesView(View):
    """The sites of whoever asks, by name."""

    items: list[OwnSiteView]


class SiteView(View):
    """A site with all its settings."""

    name: str
    title: str
    origins: list[str] = Field(description="Where its articles live")
    settings_version: int = Field(description="Rises with every change; hand it back with yours")
    settings: dict[str, dict[str, Any]] = Field(description="By section, defaults included")
    schemas: dict[str, dict[str, Any]] = Field(description="By section, its JSON Schema: kinds, bounds, descriptions")


class SiteBody(Body):
    """What is to change; what is left out stays."""

    settings_version: int = Field(ge=1, le=2**31 - 1, description="The version the change was made from")
    title: Text | None = Field(default=None, max_length=200)
    origins: Origins | None = None
    settings: Sections = Field(default_factory=dict)


class NewSiteBody(Body):
    """A site that is to be."""

    name: Text = Field(max_length=50, description="Its shortname: 2 to 50 small letters, digits, - or _")
    title: Text = Field(default="", max_length=200, description="The publisher's name; the shortname when left out")
    origins: Origins
    owner: Text | None = Field(
        default=None, max_length=254, description="Who is to own it, by e-mail address; nobody yet when left out"
    )


class PreviewBody(Body):
    """Settings nobody has saved yet, and an article to show them on."""

    settings: Sections = Field(default_factory=dict)
    url: Text = Field(max_length=4_000, description="An article's address; its discussion may be empty")
    theme: Literal["light", "dark"] | None = None


class PreviewView(View):
    """The frame as readers would get it."""

    html: str = Field(description="A whole document, without scripts at work: for a sandboxed frame")
    style: str = Field(description="CSS of the site's looks, beside the document's own; whoever shows it puts it in")


@router.get("", responses=raises(SignInNeeded, Forbidden))
async def get_sites(response: Response, parts: AllParts, who: Moderator) -> OwnSitesView:
    """The sites one has a role at."""
    response.headers["Cache-Control"] = "private, no-store"
    return OwnSitesView(
        items=[
            OwnSiteView(
                id=str(site.id),
                name=site.name,
                title=site.title,
                role="admin" if who.is_admin else who.roles[site.id],
            )
            for site in await own_sites(parts, who)
        ]
    )


@router.post("", status_code=201, responses=raises(SignInNeeded, Forbidden, Invalid, sites.SiteExists))
async def post_site(new: NewSiteBody, parts: AllParts, who: Moderator) -> SiteView:
    """Make a site, for those who run the platform. Its pages can be discussed at once."""
    if not who.is_admin:
        raise Forbidden("Only who runs the platform makes sites.")
    title = text.clean_line(new.title, field="title", max_chars=200) if new.title.strip() else new.name
    by = Actor.account(who.account.id)

    async def make(tx: WriteTx) -> Site:
        made = await sites.create(tx, new.name, title, new.origins, {}, by=by)
        if new.owner is not None:
            await identity.grant(tx, new.owner, "", made.id, "owner", by=by)
        return made

    return _view(await parts.db.transact(make))


@router.get("/{site}", responses=raises(SignInNeeded, Forbidden, SiteUnknown))
async def get_site(site: SiteName, response: Response, parts: AllParts, who: Moderator) -> SiteView:
    """A site's settings, for its owners."""
    response.headers["Cache-Control"] = "private, no-store"
    return _view(await _owned(parts, who, site))


@router.patch("/{site}", responses=raises(SignInNeeded, Forbidden, SiteUnknown, Invalid, sites.SettingsChanged))
async def patch_site(site: SiteName, wanted: SiteBody, parts: AllParts, who: Moderator) -> SiteView:
    """Change a site's settings: all that is named, or nothing when somebody else changed them meanwhile."""
    found = await _owned(parts, who, site)
    title = text.clean_line(wanted.title, field="title", max_chars=200) if wanted.title is not None else None
    if title == "":
        raise Invalid("a site needs a name", field="title")

    async def change(tx: WriteTx) -> Site:
        now = await sites.by_id(tx, found.id)
        return await sites.reconfigure(
            tx,
            found.id,
            wanted.settings_version,
            title=title,
            origins=wanted.origins,
            sections=changed(now, wanted.settings),
            by=Actor.account(who.account.id),
        )

    return _view(await parts.db.transact(change))


@router.post("/{site}/preview", responses=raises(SignInNeeded, Forbidden, SiteUnknown, Invalid))
async def post_preview(site: SiteName, wanted: PreviewBody, parts: AllParts, who: Moderator) -> PreviewView:
    """The frame drawn with settings that are not saved. Nothing changes."""
    draft = drafted(await _owned(parts, who, site), wanted.settings)
    key = PageKey(canonical(wanted.url), None, None, None)

    async def read(tx: ReadTx) -> PageView:
        return await reading.read_page(tx, draft, key)

    page = await parts.db.read(read)
    settings = frame_settings(draft)
    # A document in a document has the outer one's policy, which refuses a style within it.
    plain = replace(settings, style="")
    drawn = draw.frame(page, asset=parts.assets.url, settings=plain, theme=wanted.theme)
    return PreviewView(html=_SCRIPT.sub("", drawn), style=settings.style)


async def _owned(parts: Parts, who: Staff, name: str) -> Site:
    """A site one owns; of one that is somebody else's nothing is told. Raises SiteUnknown, Forbidden."""
    found = await site_named(parts, who, name)
    if not who.owns(found.id):
        raise Forbidden
    return found


def _view(site: Site) -> SiteView:
    return SiteView(
        name=site.name,
        title=site.title,
        origins=list(site.origins),
        settings_version=site.settings_version,
        settings=in_force(site),
        schemas={name: model.model_json_schema(mode="serialization") for name, model in SECTIONS.items()},
    )
