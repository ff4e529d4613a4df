"""A bench for stories about decisions: a site, its readers and its team, all over HTTP."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from tests.world import Guest, World


class Bench:
    """One site, with a moderator who decides and others who might."""

    def __init__(self, world: World, mona: AsyncClient, other: AsyncClient) -> None:
        self.world = world
        self.mona = mona
        self.other = other

    @classmethod
    async def new(cls, world: World) -> Bench:
        """A site where comments appear at once."""
        return cls(world, await world.staff("moderator"), await world.staff("moderator"))

    async def write(self, guest: Guest, body: str = "A comment.", **fields: Any) -> dict[str, Any]:
        """A published comment."""
        made: dict[str, Any] = (await guest.post(body, **fields))["comment"]
        return made

    async def decide(
        self, comment: dict[str, Any], action: str, who: AsyncClient | None = None, **more: Any
    ) -> dict[str, Any]:
        """What became of a decision about the comment as it was seen."""
        item = {"comment": comment["id"], "version": more.pop("version", None) or comment["version"]}
        answer = await (who or self.mona).post(
            "/api/v1/moderation/decisions", json={"items": [item], "action": action, **more}
        )
        assert answer.status_code == 200, answer.text
        outcome: dict[str, Any] = answer.json()["items"][0]
        return outcome

    async def made(self, comment: dict[str, Any], action: str, who: AsyncClient | None = None, **more: Any) -> str:
        """A decision that was made; its id."""
        outcome = await self.decide(comment, action, who, **more)
        assert outcome["problem"] is None, outcome["problem"]
        number: str = outcome["decision"]
        return number

    async def undo(self, decision: str, who: AsyncClient | None = None, expect: int = 200) -> dict[str, Any]:
        """Take a decision back; the answer."""
        answer = await (who or self.mona).post(f"/api/v1/moderation/decisions/{decision}/undo")
        assert answer.status_code == expect, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def seen(self, comment: dict[str, Any]) -> dict[str, Any] | None:
        """The comment as everybody sees it; None when they do not."""
        answer = await self.world.client.get(f"/api/v1/comments/{comment['id']}")
        return answer.json()["comment"] if answer.status_code == 200 else None

    async def statement(self, comment: dict[str, Any], guest: Guest | None, expect: int = 200) -> dict[str, Any]:
        """The statement of reasons, as somebody gets it."""
        headers = guest.headers if guest else {}
        answer = await self.world.client.get(f"/api/v1/comments/{comment['id']}/statement", headers=headers)
        assert answer.status_code == expect, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def appeal(self, comment: dict[str, Any], guest: Guest | None, expect: int = 202) -> dict[str, Any]:
        """Appeal; the answer."""
        headers = guest.headers if guest else {}
        answer = await self.world.client.post(
            f"/api/v1/comments/{comment['id']}/appeal", json={"text": "It was a quotation."}, headers=headers
        )
        assert answer.status_code == expect, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def viewer(self, comment: dict[str, Any], guest: Guest) -> dict[str, Any]:
        """What is the reader's own in the thread."""
        answer = await self.world.client.get(f"/api/v1/threads/{comment['thread']}/viewer", headers=guest.headers)
        found: dict[str, Any] = answer.json()
        return found
