"""The parts of one process, made once and handed to whoever needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from service.delivery import Alerts, CountedMailer, Mailer, Sending, mailer_for
from service.hooks import Asker, Roster
from service.kit.address import AddressBook
from service.kit.assets import Assets
from service.kit.db import Database
from service.kit.fanout import Fanout
from service.kit.http import Outbound
from service.kit.pump import Pump
from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.limits import Limiter
from service.live import CHANNEL, Announcer, Live, Standing
from service.mailing import ReaderMailing
from service.moderation import Queue, Watch
from service.outbox import Fact, Reaction, Relay
from service.pages.language import ENGLISH, LANGUAGES, script_texts
from service.posting import Rejudging
from service.readers import Providers, read_providers
from service.reading import thread_view
from service.reading.cache import PageCache
from service.sites import Directory, Site
from service.sso import KeySets
from service.threads import Thread
from service.web.purge import Purger

STATIC = Path(__file__).resolve().parents[1] / "static"
Reactions = Mapping[type[Fact], Sequence[Reaction]]


@dataclass(frozen=True)
class Parts:
    """Everything an endpoint may need from the process it runs in."""

    settings: Settings
    db: Database
    sites: Directory
    redis: Redis
    keeper: Keeper
    addresses: AddressBook
    limiter: Limiter
    queue: Queue
    watch: Watch
    relay: Relay
    mailer: Mailer
    alerts: Alerts
    reader_mail: ReaderMailing
    out: Outbound
    key_sets: KeySets
    providers: Providers
    sending: Sending
    posts: Pump
    """What keeps `sending` going."""
    asker: Asker
    roster: Roster
    questions: Pump
    """What asks hooks afterwards."""
    pages: PageCache
    purger: Purger
    fanout: Fanout
    live: Live
    standing: Standing
    announcer: Announcer
    assets: Assets

    async def close(self) -> None:
        """Give all connections back."""
        await self.out.close()
        await self.purger.close()
        await self.announcer.close()
        await self.standing.close()
        await self.redis.close()
        await self.db.close()


def make_parts(settings: Settings, reactions: Callable[[Parts], Reactions]) -> Parts:
    """Make the parts these settings ask for. `settings.redis_url` is set by now: the embedded server runs already."""
    if settings.redis_url is None:
        raise ValueError("no Redis: start the embedded one, or set PARLEY_REDIS_URL")
    db, redis, keeper = Database(settings), Redis(settings.redis_url), Keeper.of(settings)
    queue = Queue(redis, db)
    relay, out = Relay(db), Outbound(settings.outbound_hosts)
    key_sets, written = KeySets(out), settings.oidc_providers
    sending, mailer = Sending(db, out, keeper), CountedMailer(mailer_for(settings))
    asker = Asker(out, keeper)
    pages, directory, roster = PageCache(settings.cache_megabytes * 2**20), Directory(db), Roster(db)
    fanout = Fanout(redis, CHANNEL)
    standing = Standing(db, fanout, _state_of)
    parts = Parts(
        settings=settings,
        db=db,
        sites=directory,
        redis=redis,
        keeper=keeper,
        addresses=AddressBook(settings.trusted_proxies),
        limiter=Limiter(redis, keeper),
        queue=queue,
        watch=Watch(redis, db, queue),
        relay=relay,
        mailer=mailer,
        alerts=Alerts(db, mailer, keeper, settings.origin),
        reader_mail=ReaderMailing(db, mailer, keeper, settings),
        out=out,
        key_sets=key_sets,
        providers=Providers(read_providers(written.get_secret_value() if written else None), out, key_sets),
        sending=sending,
        posts=Pump(sending, name="webhooks", ahead=Sending.AHEAD),
        asker=asker,
        roster=roster,
        questions=Pump(Rejudging(db, asker, relay), name="hooks"),
        pages=pages,
        purger=Purger(pages, redis, db, also=[directory.forget, roster.forget, standing.changed]),
        fanout=fanout,
        live=Live(redis, fanout, most=settings.live_listeners, most_per_address=settings.live_per_address),
        standing=standing,
        announcer=Announcer(db, redis, _state_of),
        assets=Assets.load(
            STATIC, {f"texts-{tag}.js": partial(script_texts, tag) for tag in LANGUAGES if tag != ENGLISH}
        ),
    )
    relay.follow(reactions(parts))
    db.on_change = parts.purger.told
    db.on_work = relay.poke
    return parts


def _state_of(thread: Thread, site: Site) -> str:
    return thread_view(thread, site).state
