"""A running Parley, a newspaper in front of it, and the discussions of single tests on them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlalchemy import text

from service import identity, sites, threads
from service.demo import seed
from service.identity import Account, Role
from service.kit import migrate
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.sites import Site
from tests.browser.host import Host
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.provider import CLIENT
from tests.world import OPEN, some_address

_numbers = itertools.count(1)


@dataclass
class Discussion:
    """One article of one site, as readers reach it."""

    stage: Stage
    site: Site
    address: str
    """The article on the newspaper's own host; Parley is another site from there."""
    token: str | None = field(default=None, repr=False)

    @property
    def sibling(self) -> str:
        """The same article where Parley is the same site, so that storage is allowed."""
        return self.address.replace(self.stage.host.foreign, self.stage.host.sibling)

    def frame(self, **params: str) -> str:
        """The discussion alone, without an article around it."""
        query = {"site": self.site.name, "url": self.address, **params}
        return f"{self.stage.url}/embed?{urlencode(query)}"

    async def post(self, body: str = "A comment.", name: str = "Ada", **fields: Any) -> str:
        """Post as a new guest, whose capability is then `self.token`; the comment's id. `parent` makes it a reply."""
        json = {"site": self.site.name, "url": self.address, "body": body, "author": {"name": name}, **fields}
        answer = await self.stage.client.post("/api/v1/comments", json=json)
        assert answer.status_code in {201, 202}, answer.text
        self.token = answer.json()["guest"]
        return str(answer.json()["comment"]["id"])

    async def posts(self, count: int, text: str = "Comment", **fields: Any) -> list[str]:
        """Post so many, one after the other: `Comment 1`, `Comment 2`, …; their ids."""
        return [await self.post(f"{text} {number}", **fields) for number in range(1, count + 1)]

    async def delete(self, comment: str) -> None:
        """Delete the comment that was posted last, as its author."""
        answer = await self.stage.client.delete(
            f"/api/v1/comments/{comment}", headers={"Authorization": f"Bearer {self.token}"}
        )
        assert answer.status_code == 204, answer.text

    async def report(self, comment: str, reason: str = "abuse", detail: str = "") -> None:
        """Report a comment, from an address of its own."""
        answer = await self.stage.client.post(
            f"/api/v1/comments/{comment}/reports",
            json={"reason": reason, "detail": detail},
            headers={"X-Forwarded-For": some_address()},
        )
        assert answer.status_code == 202, answer.text

    async def read(self, **params: Any) -> dict[str, Any]:
        """The first page as JSON, as anybody gets it."""
        query = {"site": self.site.name, "url": self.address, **params}
        answer = await self.stage.client.get("/api/v1/threads", params=query)
        answer.raise_for_status()
        page: dict[str, Any] = answer.json()
        return page

    async def bodies(self) -> list[str]:
        """The HTML of all comments of the first page that answer none."""
        return [item["html"] for item in (await self.read(sort="newest"))["items"]]

    async def close(self) -> None:
        """Close the discussion. Do it before anybody looks: nobody tells the server's ready pages."""
        thread = int((await self.read())["thread"]["id"])
        await self.stage.db.transact(threads.set_state, thread, "closed")

    async def settle(self) -> None:
        """Wait until the server has handed on whatever happened until now."""
        async with asyncio.timeout(30):
            while await self.stage.db.read(_waiting_facts):  # noqa: ASYNC110  # what another process does has no event
                await asyncio.sleep(0.05)

    async def moderator(self, name: str = "Mona", role: Role = "moderator") -> str:
        """Somebody of the site's team; the address of a link that signs them in once."""
        return await self.stage.sign_in_link(self.site, name, role)


async def _waiting_facts(tx: ReadTx) -> int:
    query = text("SELECT count(*) FROM outbox WHERE state = 'waiting'")
    return int((await (await tx.connection()).execute(query)).scalar_one())


@dataclass
class Stage:
    """The servers of a run."""

    process: Process
    host: Host
    db: Database
    client: httpx.AsyncClient
    provider_port: int
    """Where the OpenID provider `mock` listens, if a test starts one."""

    @property
    def url(self) -> str:
        """Parley's origin."""
        return self.process.url

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.process.url.rpartition(":")[2])

    async def site(self, settings: Mapping[str, Any] | None = None, origins: list[str] | None = None) -> Site:
        """A site of the newspaper, quiet unless `settings` say otherwise section by section."""
        name = f"site{next(_numbers)}"
        places = origins if origins is not None else [self.host.foreign, self.host.sibling]
        return await self.db.transact(sites.create, name, f"The {name} Courier", places, {**OPEN, **(settings or {})})

    async def discussion(
        self, settings: Mapping[str, Any] | None = None, *, origins: list[str] | None = None, **article: str
    ) -> Discussion:
        """An article with an empty discussion, on a site of its own. `article` as in `Host.article`."""
        site = await self.site(settings, origins)
        return self.article(site, **article)

    def article(self, site: Site, **article: str) -> Discussion:
        """One more article of a site."""
        path = f"/{site.name}/{next(_numbers)}"
        return Discussion(self, site, self.host.article(path, parley=self.url, site=site.name, **article))

    async def seed_demo(self) -> str:
        """Load the demo newspaper; the address of a link that signs its moderator in once."""
        made = await seed.seed(self.db, Keeper(SECRET), self.url)
        return f"{self.url}/console/enter?token={made.token}"

    async def demo_site(self) -> Site:
        """The demo newspaper, its articles allowed on our host too."""
        site = await self.db.read(sites.by_name, seed.SITE)
        wanted = sorted({*site.origins, self.host.foreign})
        return await self.db.transact(sites.configure, site.id, origins=wanted)

    async def sign_in_link(self, site: Site, name: str, role: Role) -> str:
        """Give somebody a role; the address of a link that signs them in once."""

        async def grant(tx: WriteTx) -> tuple[Account, str]:
            account = await identity.grant(tx, f"{name.lower()}@{site.name}.test", name, site.id, role)
            return account, await identity.make_link(tx, account.id)

        _, token = await self.db.transact(grant)
        return f"{self.url}/console/enter?token={token}"


@contextlib.asynccontextmanager
async def staged(
    folder: Path,
    host: Host,
    *,
    database_url: str | None = None,
    redis_url: str | None = None,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Stage]:
    """Serve Parley from `folder`: on SQLite and an embedded Redis, or on the stores named. `more` are settings."""
    provider_port = free_port()
    env = {
        "PARLEY_SECRET_KEY": SECRET,
        "PARLEY_WORKER_IN_SERVER": "true",
        "PARLEY_DEMO": "true",
        # Readers and moderators of a run come from one machine; this lets a test give one an address of their own.
        "PARLEY_TRUSTED_PROXIES": "127.0.0.0/8",
        # Webhooks and screening hooks of a test listen on this machine.
        "PARLEY_OUTBOUND_HOSTS": "127.0.0.1",
        "PARLEY_OIDC_PROVIDERS": json.dumps([{"id": "mock", "issuer": f"http://127.0.0.1:{provider_port}", **CLIENT}]),
    }
    stores = {"PARLEY_DATABASE_URL": database_url, "PARLEY_REDIS_URL": redis_url}
    env |= {name: value for name, value in stores.items() if value} | dict(more or {})
    (folder / "var").mkdir(exist_ok=True)
    chosen = {"data_dir": folder / "var", "database_url": database_url, "secret_key": SECRET}
    db = Database(Settings.model_validate(chosen))
    await migrate.upgrade(db.engine)
    with parley("serve", folder=folder, port=free_port(), env=env) as process:
        async with httpx.AsyncClient(base_url=process.url, timeout=30, trust_env=False) as client:
            yield Stage(process, host, db, client, provider_port)
    await db.close()
