"""Readers and moderators who insist: they ask until they are answered, and note what they were told."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from dataclasses import dataclass
from typing import Any

import httpx

from tests.chaos.journal import Journal
from tests.chaos.oracle import CHANGED
from tests.servers.listener import Heard, answer

ORIGIN, HOST = "http://comments.test", "https://courier.example"
SITES = ("open", "strict")
_REFUSED = {401, 403, 404, 409, 410, 422}  # what may come of others having been quicker


@dataclass
class Caller:
    """One client with an address of its own, and the journal it writes."""

    client: httpx.AsyncClient
    journal: Journal
    chance: random.Random

    async def insist(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask until there is an answer that is none of a fault, the same each time."""
        while True:
            try:
                said = await self.client.request(method, path, **more)
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
                continue
            if said.status_code == 503:
                await asyncio.sleep(0.1)
                continue
            if said.status_code >= 500:
                self.journal.wrong.append(f"{method} {path}: {said.status_code} {said.text[:200]}")
            else:
                self.journal.last_good = time.monotonic()
            return said


class Reader(Caller):
    """Writes, answers, edits, votes, takes votes back, reports."""

    number = 0
    token = ""

    async def live(self) -> None:
        """Until it is over."""
        begin = f"reader {self.number} begins"
        first = await self._post("open", begin, None)
        assert first.status_code == 201, first.text
        self.token = first.json()["guest"]
        comment = first.json()["comment"]["id"]
        self.journal.posted[begin], self.journal.people[self.number] = (comment, None), comment
        for number in itertools.count():
            if self.journal.is_over:
                return
            await self._write(f"reader {self.number} says {number}")
            for act, share in ((self._edit, 0.15), (self._vote, 0.4), (self._report, 0.1)):
                if self.chance.random() < share:
                    await act()

    async def _write(self, body: str) -> None:
        site = "strict" if self.chance.random() < 0.2 else "open"
        parent = self._somebodys() if site == "open" and self.chance.random() < 0.5 else None
        made = await self._post(site, body, parent)
        if made.status_code == 202:
            self.journal.held[body] = made.json()["comment"]["id"]
        elif made.status_code == 201:
            self._mine = made.json()["comment"]["id"]
            self.journal.posted[body] = self._mine, parent
        else:
            assert parent is not None, made.text
            assert made.status_code in _REFUSED, made.text  # what it answers was removed

    async def _post(self, site: str, body: str, parent: str | None) -> httpx.Response:
        new = {"site": site, "url": f"{HOST}/storm", "body": body, "author": {"name": f"Reader {self.number}"}}
        headers = {"Idempotency-Key": f"key-{body.replace(' ', '-')}", **(self._own if site == "open" else {})}
        return await self.insist(
            "POST", "/api/v1/comments", json={**new, "parent": parent} if parent else new, headers=headers
        )

    async def _edit(self) -> None:
        text = next((body for body, (comment, _) in reversed(self.journal.posted.items()) if comment == self._mine), "")
        said = await self.insist(
            "PATCH", f"/api/v1/comments/{self._mine}", json={"body": text + CHANGED}, headers=self._own
        )
        if text and said.status_code == 200:
            self.journal.edited[self._mine] = text + CHANGED

    async def _vote(self) -> None:
        about, value = self._somebodys(), self.chance.choice((1, 1, 1, -1, 0))
        said = await self.insist("PUT", f"/api/v1/comments/{about}/vote", json={"value": value}, headers=self._own)
        if said.status_code == 200:
            self.journal.votes[about, self.number] = value
        else:  # whether an earlier try that nobody answered came through, nobody knows
            self.journal.votes.pop((about, self.number), None)

    async def _report(self) -> None:
        about = self._somebodys()
        body = {"reason": self.chance.choice(("spam", "abuse")), "detail": f"so finds reader {self.number}"}
        said = await self.insist("POST", f"/api/v1/comments/{about}/reports", json=body, headers=self._own)
        if said.status_code == 202:
            self.journal.reported.add((about, self.number))

    _mine = ""

    @property
    def _own(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def _somebodys(self) -> str:
        """One of the latest: that is where readers meet."""
        latest = list(itertools.islice(reversed(self.journal.posted.values()), 200))
        return self.chance.choice(latest)[0]


class Moderator(Caller):
    """Claims and decides; what a colleague was quicker with is theirs."""

    async def live(self) -> None:
        """Until nothing is left to decide."""
        while not self.journal.is_decided:
            cases = [case for site in SITES for case in await self._claim(site)]
            if not cases:
                # What was handed out in an answer that got lost is still ours, and nobody else's.
                await self.insist("POST", "/api/v1/moderation/claims/release")
                await asyncio.sleep(0.2)
            for case in cases:
                await self._decide(case)

    async def _claim(self, site: str) -> list[dict[str, Any]]:
        got = await self.insist("POST", "/api/v1/moderation/claims", json={"site": site, "limit": 10})
        return list(got.json().get("items", [])) if got.status_code == 201 else []

    async def _decide(self, case: dict[str, Any]) -> None:
        comment = case["case"]["comment"]
        item = {"comment": comment["id"]} | (
            {"claim": case["claim"]} if case["claim"] else {"version": comment["version"]}
        )
        what: dict[str, Any] = {"action": "approve"}
        if self.chance.random() < 0.3:
            what = {"action": "reject", "reason": "insult"}
        # Should the answer get lost and the next try be refused, nobody knows.
        self.journal.decided.pop(comment["id"], None)
        said = await self.insist("POST", "/api/v1/moderation/decisions", json={"items": [item], **what})
        for result in said.json()["items"] if said.status_code == 200 else []:
            if result["decision"] is not None:
                self.journal.decided[result["comment"]] = result["state"]
                self.journal.decisions += 1

    async def bulk(self, word: str) -> None:
        """One decision about all that holds a word; whoever is killed now is in the middle of it."""
        found = await self.insist(
            "POST",
            "/api/v1/moderation/bulk/preview",
            json={"site": "strict", "filter": {"word": word, "state": "held"}},
        )
        if found.status_code == 200:
            await self.insist(
                "POST", "/api/v1/moderation/bulk", json={"token": found.json()["token"], "action": "approve"}
            )


def receiver(journal: Journal) -> Any:
    """What a webhook's receiver does: note ids, and be slow enough that a kill finds something on its way."""

    async def take(heard: Heard) -> bytes:
        said = json.loads(heard.body)
        await asyncio.sleep(0.01)
        journal.messages += 1
        journal.delivered[said["type"]].add(heard.headers["webhook-id"])
        if (about := said["data"].get("comment")) is not None:
            journal.told[str(about["id"])].add(said["type"])
        return answer(204)

    return take
