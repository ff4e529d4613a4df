"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from service.kit import migrate
from service.kit.db import ReadTx
from service.kit.errors import Unavailable
from service.kit.redis import Away
from service.kit.replica import Unfit
from service.web.parts import Parts
from service.web.problem import raises
from service.web.who import AllParts, Anyone

router = APIRouter(tags=["operations"])


class LiveView(BaseModel):
    """The process runs."""

    status: str = "live"


class ReadyView(BaseModel):
    """What works: `degraded` names parts that are away while the service goes on without them."""

    status: str = "ready"
    degraded: list[str] = []


class NotReady(Unavailable):
    """The database is not there, or not migrated. See `parley doctor`."""

    type = "not-ready"


@router.get("/livez")
async def live(_: Anyone) -> LiveView:
    """The process answers. Touches no store: a dead Redis must not restart every server."""
    return LiveView()


@router.get("/readyz", responses=raises(NotReady))
async def ready(parts: AllParts, _: Anyone) -> ReadyView:
    """The database is there and migrated. Redis away is degraded, and still ready; so is a replica alone.

    So is a Redis that has no room and evicts nothing (`redis-full`: as if it were away), and a database whose disk is
    full: pages are read, nothing is written (`storage`). One that a newer version has migrated already is served on, or
    an upgrade would take all servers away at once (`schema`).
    """
    degraded = list(await _database(parts))
    try:
        async with asyncio.timeout(1):
            await parts.redis.check()
    except (Away, TimeoutError):
        if not parts.redis.is_full:
            degraded.append("redis")
    if parts.redis.is_full:
        degraded.append("redis-full")
    if parts.db.is_full:
        degraded.append("storage")
    return ReadyView(status="degraded", degraded=degraded) if degraded else ReadyView()


_checked: dict[int, tuple[float, Sequence[str]]] = {}


async def _database(parts: Parts) -> Sequence[str]:
    """What of the database is degraded. Raises NotReady.

    `database`: only the replica answers: pages are read and nothing is written. `schema`: it is newer than this code.
    """
    # At most once a second: a load balancer's checks must not become a load.
    since, found = _checked.get(id(parts), (-9.0, ()))
    if time.monotonic() - since < 1:
        return found
    has_primary = True
    try:
        async with asyncio.timeout(3):
            at = await parts.db.read(_revision)
    except (TimeoutError, Unavailable) as error:
        has_primary = False
        at = await _revision_of_replica(parts, error)
    if at != migrate.head() and not migrate.is_newer(at):
        raise NotReady(f"the database is at migration {at}, this version needs {migrate.head()}: run `parley migrate`")
    _checked.clear()
    degraded = ["schema"] if at != migrate.head() else []
    if not has_primary:
        return ["database", *degraded]
    _checked[id(parts)] = time.monotonic(), degraded
    return degraded


async def _revision_of_replica(parts: Parts, why: BaseException) -> str | None:
    if parts.db.replica is None:
        raise NotReady from why
    try:
        return await parts.db.replica.read_late(_revision)
    except Unfit as error:
        raise NotReady from error


async def _revision(tx: ReadTx) -> str | None:
    return (await tx.exec(text("SELECT version_num FROM alembic_version"))).scalar()  # type: ignore[no-any-return, call-overload]  # raw SQL
