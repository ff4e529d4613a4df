"""Readers with mailboxes, for stories of mail to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from httpx import AsyncClient, Response

from service.kit.clock import Hands
from service.web.parts import Parts
from tests.servers.smtp import MailServer
from tests.world import Guest, World, some_address


@dataclass
class Postman:
    """Lets everything follow, and hands out what arrived."""

    parts: Parts
    office: MailServer
    seen: set[str] = field(default_factory=set)

    async def brings(self, email: str) -> list[EmailMessage]:
        """What arrived for an address since it was asked the last time."""
        await self.parts.relay.drain()
        await self.parts.reader_mail.send_due()
        return self.lying(email)

    async def later(self, hands: Hands, email: str, by: timedelta = timedelta(minutes=15)) -> list[EmailMessage]:
        """What arrives a while after what just happened."""
        await self.parts.relay.drain()
        hands.advance(by)
        return await self.brings(email)

    def lying(self, email: str) -> list[EmailMessage]:
        """The same, without anything being sent first."""
        mine = [each for each in self.office.taken() if each["To"] == email and each["Message-ID"] not in self.seen]
        self.seen |= {each["Message-ID"] for each in mine}
        return mine


def body(mail: EmailMessage, kind: str = "plain") -> str:
    """The text of a mail, or its HTML."""
    part = mail.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content())


def urls(mail: EmailMessage) -> set[str]:
    """Every address in a mail."""
    told = body(mail) + (body(mail, "html").replace("&amp;", "&") if mail.is_multipart() else "")
    return set(re.findall(r'https?://[^\s"<>]+', told))


def link(mail: EmailMessage, path: str) -> str:
    """The first link in the text of a mail that leads there."""
    return next(url for url in re.findall(r"https?://\S+", body(mail)) if path in url)


def browser(world: World) -> AsyncClient:
    """A browser that knows nothing of anybody, whose forms come from our own pages."""
    client = world.caller(some_address())
    client.headers["Origin"] = world.parts.settings.origin
    return client


async def press(world: World, url: str, do: str | None = None) -> Response:
    """Open a link and press one of the buttons of its page."""
    client = browser(world)
    page = await client.get(url)
    assert page.status_code == 200, page.text
    buttons = re.findall(r'action="([^"]+)"><input type="hidden" name="do" value="([^"]+)"', page.text)
    action, name = next(each for each in buttons if do is None or each[1] == do)
    return await client.post(action.replace("&amp;", "&"), data={"do": name})


async def asks(guest: Guest, kind: str, *, expect: int = 201, **fields: Any) -> dict[str, Any]:
    """Ask for mail; the answer's JSON."""
    payload = {"site": guest.world.site.name, "kind": kind, **fields}
    answer = await guest.client.post("/api/v1/subscriptions", json=payload, headers=guest.headers)
    assert answer.status_code == expect, answer.text
    told: dict[str, Any] = answer.json()
    guest.token = told.get("guest") or guest.token
    return told


async def mine(guest: Guest, **params: Any) -> dict[str, Any]:
    """How one's own mail stands."""
    params = {"site": guest.world.site.name, **params}
    answer = await guest.client.get("/api/v1/me/mail", params=params, headers=guest.headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def confirmed(postman: Postman, guest: Guest, kind: str, email: str, **fields: Any) -> dict[str, Any]:
    """Ask for mail and press the button of the mail that asks back."""
    told = await asks(guest, kind, email=email, **fields)
    assert told["state"] == "waiting"
    (mail,) = await postman.brings(email)
    assert (await press(guest.world, link(mail, "/mail/confirm"))).status_code == 200
    return told
