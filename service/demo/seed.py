"""The demo site: an invented newspaper whose discussion was imported the way any publisher's would be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from service import identity, sites, transfer
from service.demo.crowd import POLICY, gather
from service.kit.db import Database, WriteTx
from service.kit.seal import Keeper
from service.sites import Site

SITE = "demo"
TITLE = "The Harbour Courier"
MODERATOR = "moderator@courier.example"

_COURIER = "https://courier.example"
_DISCUSSION = Path(__file__).parent / "discussion.xml"
_LINK_LIFE = timedelta(hours=1)
_HERE = {"127.0.0.1", "localhost", "::1", "0.0.0.0"}  # noqa: S104  # names to recognise, nothing is bound


@dataclass(frozen=True)
class Article:
    """A page of the newspaper: `path` is where the demo serves it, `url` where the newspaper would."""

    slug: str
    path: str
    title: str
    url: str


@dataclass(frozen=True)
class DemoSite:
    """What a newcomer needs: who moderates, and the token of a link that signs in once."""

    moderator: str
    token: str


ARTICLES = (
    Article(
        "seafront-tram",
        "/demo",
        "Council wants cars off Long Parade, and a tram in their place",
        f"{_COURIER}/2026/11/seafront-tram",
    ),
    Article(
        "gull-chips",
        "/demo/gull-chips",
        "Lids, and a hawk called Duchess: the council’s answer to the gulls",
        f"{_COURIER}/2026/10/gull-chips",
    ),
    Article(
        "library-sunday",
        "/demo/library-sunday",
        "Central Library to open on Sundays again",
        f"{_COURIER}/2026/11/library-sunday",
    ),
    Article(
        "ferry-whistle",
        "/demo/ferry-whistle",
        "The seven o’clock ferry keeps its whistle",
        f"{_COURIER}/2026/09/ferry-whistle",
    ),
)


async def seed(db: Database, keeper: Keeper, origin: str) -> DemoSite:
    """Make the demo, or find it as it was left. `origin` is the server's own, where the articles are served.

    Each step is done once and a start that was interrupted goes on with the next. What moderators and readers did
    stays. Only the link is new each time.
    """
    site = await db.transact(_site, origin)
    if not await db.read(transfer.was_imported, site, _DISCUSSION.name):
        await transfer.import_file(db, site, _DISCUSSION)
    if not any(known.account.email == MODERATOR for known in await db.read(identity.team, site.id)):
        await db.transact(_open_doors, keeper, site)
    return DemoSite(MODERATOR, await db.transact(_link))


async def _site(tx: WriteTx, origin: str) -> Site:
    try:
        site = await sites.by_name(tx, SITE)
    except sites.SiteUnknown:
        settings = {"screening": POLICY.model_dump(mode="json", exclude_defaults=True)}
        return await sites.create(tx, SITE, TITLE, [_COURIER, origin], settings)
    # The port may be another than at the last start; origins somebody added are theirs.
    wanted = [known for known in site.origins if urlsplit(known).hostname not in _HERE and known != origin]
    wanted.append(origin)
    return site if set(wanted) == set(site.origins) else await sites.configure(tx, site.id, origins=wanted)


async def _open_doors(tx: WriteTx, keeper: Keeper, site: Site) -> None:
    """Readers who vote, post and report, and somebody to look at it: all of it or nothing."""
    await gather(tx, keeper, site, ARTICLES[0].url)
    await identity.grant(tx, MODERATOR, "Courier moderator", site.id, "owner")


async def _link(tx: WriteTx) -> str:
    account = await identity.account_by_email(tx, MODERATOR)
    if account is None:
        raise LookupError(MODERATOR)
    return await identity.make_link(tx, account.id, life=_LINK_LIFE)
