"""The parts of one process, made once and handed to whoever needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.delivery import Mailer, mailer_for
from service.kit.address import AddressBook
from service.kit.assets import Assets
from service.kit.db import Database
from service.kit.fanout import Fanout
from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.limits import Limiter
from service.live import CHANNEL, Announcer, Live
from service.moderation import Queue
from service.outbox import Fact, Reaction, Relay
from service.reading.cache import PageCache
from service.web.purge import Purger

STATIC = Path(__file__).resolve().parents[1] / "static"
Reactions = Mapping[type[Fact], Sequence[Reaction]]


@dataclass(frozen=True)
class Parts:
    """Everything an endpoint may need from the process it runs in."""

    settings: Settings
    db: Database
    redis: Redis
    keeper: Keeper
    addresses: AddressBook
    limiter: Limiter
    queue: Queue
    relay: Relay
    mailer: Mailer
    pages: PageCache
    purger: Purger
    fanout: Fanout
    live: Live
    announcer: Announcer
    assets: Assets

    async def close(self) -> None:
        """Give all connections back."""
        await self.purger.close()
        await self.announcer.close()
        await self.redis.close()
        await self.db.close()


def make_parts(settings: Settings, reactions: Callable[[Parts], Reactions]) -> Parts:
    """Make the parts these settings ask for. `settings.redis_url` is set by now: the embedded server runs already."""
    if settings.redis_url is None:
        raise ValueError("no Redis: start the embedded one, or set PARLEY_REDIS_URL")
    db, redis, keeper = Database(settings), Redis(settings.redis_url), Keeper.of(settings)
    relay = Relay(db)
    fanout = Fanout(redis, CHANNEL)
    pages = PageCache(settings.cache_megabytes * 2**20)
    parts = Parts(
        settings=settings,
        db=db,
        redis=redis,
        keeper=keeper,
        addresses=AddressBook(settings.trusted_proxies),
        limiter=Limiter(redis, keeper),
        queue=Queue(redis, db),
        relay=relay,
        mailer=mailer_for(settings),
        pages=pages,
        purger=Purger(pages, redis),
        fanout=fanout,
        live=Live(redis, fanout, most=settings.live_listeners, most_per_address=settings.live_per_address),
        announcer=Announcer(db, redis),
        assets=Assets.load(STATIC),
    )
    relay.follow(reactions(parts))
    db.on_change = parts.purger.told
    return parts
