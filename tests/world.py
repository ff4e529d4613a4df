"""A test's world is a site: made through the product's own acts, seen through its own doors."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from service import identity, sites
from service.identity import Role
from service.kit.db import WriteTx
from service.sites import Site
from service.web.parts import Parts
from service.web.who import console_cookie

NEWS = "https://news.test"
_numbers = itertools.count(1)

# Quiet by default: a story about posting is not about screening or limits.
OPEN: Mapping[str, Any] = {
    "screening": {"hold_first_comments": False},
    "limits": {
        act: {"address": ["100000/s"], "author": ["100000/s"], "thread": ["100000/s"], "site": ["100000/s"]}
        for act in ("post", "edit", "vote", "ballot", "report")
    },
}


def some_address() -> str:
    """An address nobody else in the run is likely to have."""
    return ".".join(["10", *map(str, os.urandom(3))])


@dataclass
class Guest:
    """A reader with (or still without) a capability."""

    world: World
    client: AsyncClient
    name: str
    token: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The capability, when there is one."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def post(self, body: str = "A comment.", *, expect: int | None = 201, **fields: Any) -> dict[str, Any]:
        """Post; the answer's JSON. `page` names the article, `key` the Idempotency-Key."""
        response = await self.try_post(body, **fields)
        assert expect is None or response.status_code == expect, response.text
        answer: dict[str, Any] = response.json()
        self.token = answer.get("guest") or self.token
        return answer

    async def try_post(self, body: str = "A comment.", **fields: Any) -> Response:
        """Post; the response, whatever it is."""
        headers = dict(self.headers)
        if key := fields.pop("key", None):
            headers["Idempotency-Key"] = key
        payload = {"site": self.world.site.name, "body": body, "author": {"name": self.name}}
        if "thread" not in fields and "url" not in fields:
            payload["url"] = self.world.page(fields.pop("page", "article"))
        return await self.client.post("/api/v1/comments", json=payload | fields, headers=headers)

    async def vote(self, comment: str, value: int) -> Response:
        """Vote."""
        response = await self.client.put(
            f"/api/v1/comments/{comment}/vote", json={"value": value}, headers=self.headers
        )
        if response.is_success:
            self.token = response.json().get("guest") or self.token
        return response

    async def edit(self, comment: str, body: str) -> Response:
        """Edit."""
        return await self.client.patch(f"/api/v1/comments/{comment}", json={"body": body}, headers=self.headers)

    async def delete(self, comment: str) -> Response:
        """Delete."""
        return await self.client.delete(f"/api/v1/comments/{comment}", headers=self.headers)

    async def report(self, comment: str, reason: str = "abuse", detail: str = "") -> Response:
        """Report."""
        return await self.client.post(
            f"/api/v1/comments/{comment}/reports", json={"reason": reason, "detail": detail}, headers=self.headers
        )


@dataclass
class World:
    """One site with its people."""

    parts: Parts
    app: FastAPI
    client: AsyncClient
    site: Site
    _clients: list[AsyncClient] = field(default_factory=list)

    @classmethod
    async def new(
        cls, parts: Parts, app: FastAPI, client: AsyncClient, settings: Mapping[str, Any] | None = None
    ) -> World:
        """A site of its own; `settings` are laid over the quiet defaults, section by section."""
        name = f"site{next(_numbers)}-{os.getpid()}"
        merged = {**OPEN, **(settings or {})}
        site = await parts.db.transact(sites.create, name, name, [NEWS], merged)
        return cls(parts, app, client, site)

    async def another(self, settings: Mapping[str, Any] | None = None) -> World:
        """A second site beside this one."""
        return await World.new(self.parts, self.app, self.client, settings)

    def page(self, path: str) -> str:
        """An article of this site; paths are this world's own."""
        return f"{NEWS}/{self.site.name}/{path}"

    def guest(self, name: str = "Ada", address: str | None = None) -> Guest:
        """A reader from an address of their own."""
        address = address or some_address()
        return Guest(self, self.caller(address), name)

    def caller(self, address: str) -> AsyncClient:
        """A client with this address and no cookies."""
        return AsyncClient(
            transport=ASGITransport(app=self.app, client=(address, 1), raise_app_exceptions=False),
            base_url=str(self.client.base_url),
        )

    async def staff(
        self, role: Role = "moderator", email: str | None = None, sections: list[str] | None = None
    ) -> AsyncClient:
        """Somebody of the team, signed in through a link, as a client whose writes come from our own pages."""
        email = email or f"{role}{next(_numbers)}@{self.site.name}.test"

        async def grant(tx: WriteTx) -> str:
            account = await identity.grant(tx, email, role.title(), self.site.id, role, sections=sections)
            return await identity.make_link(tx, account.id)

        return await self._signed_in(await self.parts.db.transact(grant))

    async def admin(self, email: str) -> AsyncClient:
        """Somebody who runs the platform, signed in."""

        async def make(tx: WriteTx) -> str:
            account = await identity.set_admin(tx, email, "Admin", is_admin=True)
            return await identity.make_link(tx, account.id)

        return await self._signed_in(await self.parts.db.transact(make))

    async def joins(self, role: Role = "moderator") -> str:
        """Somebody new on the team, not signed in; their address."""
        email = f"new{next(_numbers)}@{self.site.name}.test"
        await self.parts.db.transact(identity.grant, email, "New", self.site.id, role)
        return email

    async def _signed_in(self, token: str) -> AsyncClient:
        client = self.caller(some_address())
        client.headers["Origin"] = self.parts.settings.origin
        response = await client.post("/api/v1/auth/session", json={"token": token})
        assert response.status_code == 201, response.text
        assert console_cookie(self.parts) in client.cookies
        return client

    async def read(self, page: str = "article", **params: Any) -> dict[str, Any]:
        """The page of an article, as JSON."""
        response = await self.client.get(
            "/api/v1/threads", params={"site": self.site.name, "url": self.page(page), **params}
        )
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def settle(self) -> None:
        """Let everything follow from what happened."""
        await self.parts.relay.drain()


def flat(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Comments of a page with those below them, in reading order."""
    found = []
    for item in items:
        found.append(item)
        found += flat((item["replies"] or {"items": []})["items"])
    return found
