"""A storm of everything at once, on a few comments: afterwards every number that is kept is the number one counts."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.engine import RowMapping

from service import comments, moderation, votes
from service.kit.db import ReadTx
from service.votes import ranking
from tests.world import Guest, World

POLICY: dict[str, Any] = {
    "screening": {"suspect_words": ["pineapple"], "reports_to_hold": 3},
    "moderation": {"claim_cap": 200},
}
WORKERS, ACTS = 10, 30
HOT = 8  # the newest so many share all the trouble
ACTIONS = ("approve", "approve", "reject", "spam", "remove", "restore", "restore")


class Storm:
    """Readers and moderators who act without looking."""

    def __init__(self, world: World, moderators: list[AsyncClient]) -> None:
        self.world = world
        self.moderators = moderators
        self.chance = random.Random(2026)
        self.known: list[tuple[Guest, str]] = []
        self.statuses: dict[str, Counter[int]] = defaultdict(Counter)
        self.slowest = 0.0

    async def reader(self, number: int) -> None:
        guest = self.world.guest(f"Reader {number}")
        await self.post(guest)
        for _ in range(ACTS):
            await self.act(guest)

    async def act(self, guest: Guest) -> None:
        acts = (self.post, self.post, self.reply, self.reply, self.edit, self.delete, self.vote, self.vote, self.report)
        await self.chance.choice((*acts, self.decide, self.decide, self.retry))(guest)

    async def post(self, guest: Guest, **fields: Any) -> None:
        words = "A pineapple." if self.chance.random() < 0.3 else "Words."
        self.keep(guest, await self.note("post", guest.try_post(words, **fields)))

    async def reply(self, guest: Guest) -> None:
        await self.post(guest, parent=self.somebodys()[1])

    async def retry(self, guest: Guest) -> None:
        """The same comment twice at the same moment, and another under the same key."""
        key = f"key-{self.chance.getrandbits(64)}"
        same, again, other = await asyncio.gather(
            *(self.note("retry", guest.try_post(words, key=key)) for words in ("Once.", "Once.", "Something else."))
        )
        assert sorted(r.status_code for r in (same, again, other)) in ([201, 201, 422], [201, 422, 422])
        assert len({r.json()["comment"]["id"] for r in (same, again, other) if r.status_code == 201}) == 1
        self.keep(guest, next(r for r in (same, again, other) if r.status_code == 201))

    async def edit(self, _: Guest) -> None:
        author, comment = self.somebodys()
        words = "A pineapple again." if self.chance.random() < 0.3 else "Other words."
        await self.note("edit", author.edit(comment, words))

    async def delete(self, _: Guest) -> None:
        author, comment = self.somebodys()
        await self.note("delete", author.delete(comment))

    async def vote(self, guest: Guest) -> None:
        await self.note("vote", guest.vote(self.somebodys()[1], self.chance.choice((-1, 0, 1))))

    async def report(self, guest: Guest) -> None:
        await self.note("report", guest.report(self.somebodys()[1], self.chance.choice(("spam", "abuse"))))

    async def decide(self, _: Guest) -> None:
        comment, action = self.somebodys()[1], self.chance.choice(ACTIONS)
        seen = await self.world.parts.db.read(comments.get, int(comment), comments.STAFF)
        answer = await self.note(
            "decide",
            self.chance.choice(self.moderators).post(
                "/api/v1/moderation/decisions",
                json={"items": [{"comment": comment, "version": seen.version}], "action": action},
            ),
        )
        problem = answer.json()["items"][0]["problem"]
        assert problem is None or problem["status"] < 500, problem

    async def note(self, what: str, request: Any) -> Response:
        begun = time.monotonic()
        response: Response = await request
        self.slowest = max(self.slowest, time.monotonic() - begun)
        self.statuses[what][response.status_code] += 1
        return response

    def keep(self, guest: Guest, response: Response) -> None:
        if response.is_success:
            guest.token = response.json()["guest"] or guest.token
            self.known.append((guest, response.json()["comment"]["id"]))

    def somebodys(self) -> tuple[Guest, str]:
        return self.chance.choice(self.known[-HOT:])


async def _rows(world: World, query: str) -> list[RowMapping]:
    async def read(tx: ReadTx) -> list[RowMapping]:
        found = (
            (await (await tx.connection()).execute(text(query), {"site": world.site.id} if ":site" in query else {}))
            .mappings()
            .all()
        )
        return list(found)

    return await world.parts.db.read(read)


async def test_kept_numbers_are_counted_numbers(world: World) -> None:
    here = await world.another(POLICY)
    storm = Storm(here, [await here.staff("moderator"), await here.staff("owner")])
    await storm.post(here.guest("First"))
    await asyncio.gather(*(storm.reader(number) for number in range(WORKERS)))

    statuses = {status for found in storm.statuses.values() for status in found}
    assert statuses <= {200, 201, 202, 204, 403, 404, 409, 422}, dict(storm.statuses)
    # Two who wait for each other are parted by PostgreSQL after a second only.
    assert storm.slowest < 5, storm.slowest

    await votes.fold_waiting(here.parts.db)
    rows = await _rows(here, "SELECT * FROM comment WHERE site_id = :site")
    cast = await _rows(here, "SELECT v.* FROM vote v JOIN comment c ON c.id = v.comment_id WHERE c.site_id = :site")
    await _check_trees(rows)
    _check_votes(here, rows, cast)
    await _check_counts(here, rows)
    await _check_cases(here, rows)


async def test_a_crowd_that_reports_one_comment_at_once_waits_for_nobody(world: World) -> None:
    """Called together, or honestly: the comment is held after so many, and the service goes on for all others."""
    here = await world.another(POLICY)
    comment = (await here.guest().post())["comment"]["id"]
    crowd = [asyncio.create_task(here.guest(f"Reader {number}").report(comment)) for number in range(16)]
    done, late = await asyncio.wait(crowd, timeout=8)
    for task in late:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)
    assert {task.result().status_code for task in done} <= {202, 404}
    assert not late, f"{len(late)} of them still wait"
    assert (await here.client.get(f"/api/v1/comments/{comment}")).status_code == 404


async def _check_trees(rows: list[RowMapping]) -> None:
    wrong = []
    below = Counter(row["parent_id"] for row in rows if row["shown"])
    for row in rows:
        if row["reply_count"] != below[row["id"]]:
            wrong.append(f"{row['id']} has {below[row['id']]} shown replies, kept {row['reply_count']}")
        if bool(row["shown"]) != (row["state"] == "published" or below[row["id"]] > 0):
            wrong.append(
                f"{row['id']} is {row['state']} with {below[row['id']]} shown replies, kept shown={row['shown']}"
            )
        if row["state"] == "deleted" and (row["body"] or row["html"]):
            wrong.append(f"{row['id']} is deleted and still has its text")
    assert not wrong, "\n".join(wrong)


def _check_votes(world: World, rows: list[RowMapping], cast: list[RowMapping]) -> None:
    wrong = [f"{vote['comment_id']}: {dict(vote)} still waits" for vote in cast if vote["counted"] is not None]
    wrong += [f"{vote['comment_id']}: a vote that says nothing" for vote in cast if vote["value"] == 0]
    counted = Counter((vote["comment_id"], vote["value"]) for vote in cast)
    for row in rows:
        up, down = counted[row["id"], 1], counted[row["id"], -1]
        if (row["up"], row["down"]) != (up, down):
            wrong.append(f"{row['id']} has +{up} -{down}, kept +{row['up']} -{row['down']}")
        created_at = row["created_at"]
        if isinstance(created_at, str):
            created_at = datetime.fromisoformat(created_at).replace(tzinfo=UTC)  # as SQLite keeps it
        best, hot, controversy = ranking(up, down, created_at)
        kept = (row["best"], row["hot"], row["controversy"])
        if any(abs(one - other) > 1e-6 for one, other in zip(kept, (best, hot, controversy), strict=True)):
            wrong.append(f"{row['id']} with +{up} -{down}: ranks {kept}")
    assert not wrong, "\n".join(wrong)
    assert cast, "nobody voted at all"


async def _check_counts(world: World, rows: list[RowMapping]) -> None:
    published = [row for row in rows if row["state"] == "published"]
    threads = await _rows(world, "SELECT * FROM thread WHERE site_id = :site")
    assert len(threads) == 1
    assert threads[0]["comment_count"] == len(published)
    people = await _rows(world, "SELECT * FROM person WHERE site_id = :site")
    written = Counter(row["person_id"] for row in published)
    assert {p["id"]: p["published_count"] for p in people} == {p["id"]: written[p["id"]] for p in people}
    answer = await world.read()
    assert answer["thread"]["comment_count"] == len(published)
    counted = await world.client.get("/api/v1/counts", params={"site": world.site.name, "url": world.page("article")})
    assert counted.json()["items"][0]["count"] == len(published)


async def _check_cases(world: World, rows: list[RowMapping]) -> None:
    state = {row["id"]: row["state"] for row in rows}
    cases = await _rows(world, "SELECT * FROM moderation_case WHERE site_id = :site")
    still_open = [case for case in cases if case["state"] == "open"]
    assert len({case["comment_id"] for case in still_open}) == len(still_open)
    # Whatever is held waits for somebody, and nobody is asked about what is over.
    assert {number for number, kept in state.items() if kept == "held"} <= {case["comment_id"] for case in still_open}
    assert {state[case["comment_id"]] for case in still_open} <= {"held", "published"}
    decisions = await _rows(world, "SELECT * FROM decision WHERE site_id = :site")
    about = Counter((made["comment_id"], made["comment_version"]) for made in decisions)
    assert max(about.values(), default=1) == 1, "two decisions about one version"

    await world.settle()
    assert await world.parts.queue.reconcile(world.site.id, thorough=True) == moderation.Repair()
    assert await world.parts.queue.members(world.site.id) == {case["id"] for case in still_open}
    waiting = await _rows(world, "SELECT * FROM outbox")
    assert [row for row in waiting if str(world.site.id) in str(row["payload"])] == []
