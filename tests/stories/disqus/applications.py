"""An application of a site as Disqus has them: a key, its secret, and tokens for people of the team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from httpx import AsyncClient, Response

from service.keys import Scope, TokenScope
from tests.world import World

BASE = "/api/3.0"


@dataclass(frozen=True)
class Application:
    """Calls the API with what it was given; `client` comes from an address of its own."""

    client: AsyncClient
    keys: dict[str, str] = field(default_factory=dict)

    async def get(self, call: str, **params: Any) -> Response:
        """Ask; the answer whatever it is."""
        return await self.client.get(f"{BASE}/{call}.json", params={**self.keys, **params})

    async def post(self, call: str, **form: Any) -> Response:
        """Write; the answer whatever it is."""
        return await self.client.post(f"{BASE}/{call}.json", params=self.keys, data=form)

    async def told(self, call: str, **params: Any) -> Any:
        """What is answered where all is well."""
        answer = await self.get(call, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["response"]

    async def did(self, call: str, **form: Any) -> Any:
        """What a write is answered where all is well."""
        answer = await self.post(call, **form)
        assert answer.status_code == 200, answer.text
        return answer.json()["response"]


@dataclass(frozen=True)
class Made:
    """A key as its owner got it."""

    id: str
    public: str
    secret: str


async def key(world: World, owner: AsyncClient, scopes: Sequence[Scope] = ("manage",)) -> Made:
    """A key of a site."""
    path = f"/api/v1/sites/{world.site.name}/keys"
    made = (await owner.post(path, json={"name": "An application", "scopes": list(scopes)})).json()
    return Made(made["key"]["id"], made["key"]["public"], made["secret"])


async def token(world: World, owner: AsyncClient, of: Made, scopes: Sequence[TokenScope]) -> str:
    """An access token for `owner`."""
    path = f"/api/v1/sites/{world.site.name}/keys/{of.id}/tokens"
    made = await owner.post(path, json={"scopes": list(scopes)})
    assert made.status_code == 201, made.text
    return str(made.json()["secret"])


def code(answer: Response) -> tuple[int, int]:
    """Status and Disqus's code."""
    return answer.status_code, answer.json()["code"]
