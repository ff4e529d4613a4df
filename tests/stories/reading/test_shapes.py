"""Whatever shape a discussion has, a page costs a few statements and shows a few comments, at every level."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service import comments, identity, threads
from service.comments import Restored, State
from service.kit.db import WriteTx
from service.votes import ranking
from tests.stories.reading.statements import Statements
from tests.stories.reading.walk import Walk
from tests.world import World, flat

# Of a comment: which one it answers (by number), and its state.
Shape = Callable[[int], Iterator[tuple[int | None, State]]]
START = datetime(2026, 11, 1, tzinfo=UTC)
SMALL, LARGE = 100, 1_000
# Statements a page may take, with the BEGIN of each of its two or three transactions on SQLite.
MOST = 13
_pages = itertools.count(1)


def wide(size: int) -> Iterator[tuple[int | None, State]]:
    """Nobody answers anybody."""
    return ((None, "published") for _ in range(size))


def deep(size: int) -> Iterator[tuple[int | None, State]]:
    """Each answers the one before."""
    return ((number - 1 if number else None, "published") for number in range(size))


def bushy(size: int) -> Iterator[tuple[int | None, State]]:
    """All answer the first."""
    return ((0 if number else None, "published") for number in range(size))


def ruined(size: int) -> Iterator[tuple[int | None, State]]:
    """Two in three are tombstones: removed, with an answer below."""
    return (
        (number - 1 if number % 3 else None, "published" if number % 3 == 2 else "removed") for number in range(size)
    )


def purged(size: int) -> Iterator[tuple[int | None, State]]:
    """Nine in ten were taken down and are not to be seen."""
    return ((None, "spam" if number % 10 else "published") for number in range(size))


def tree(size: int) -> Iterator[tuple[int | None, State]]:
    """Three answers to each."""
    return (((number - 1) // 3 if number else None, "published") for number in range(size))


async def grown(world: World, shape: Shape, size: int) -> tuple[str, list[str]]:
    """A page with such a discussion, and who is to be seen in it, oldest first."""
    page = f"article-{next(_pages)}"
    ends = list(shape(size))

    async def bring(tx: WriteTx) -> int:
        thread = await threads.open_thread(tx, world.site, threads.canonical(world.page(page)), None, None)
        person = await identity.make_guest(tx, world.parts.keeper, world.site.id, "Ada")
        brought = [
            Restored(
                origin=f"{page}-{number}",
                parent=f"{page}-{parent}" if parent is not None else None,
                thread_id=thread.id,
                person_id=person.id,
                body="Words.",
                body_format="markdown",
                html="<p>Words.</p>",
                state=state,
                created_at=START + timedelta(minutes=number),
                ranks=ranking(0, 0, START + timedelta(minutes=number)),
            )
            for number, (parent, state) in enumerate(ends)
        ]
        await comments.restore_many(tx, world.site.id, brought)
        return thread.id

    await world.parts.db.transact(bring)
    origins = [f"{page}-{number}" for number in range(size)]
    found = await world.parts.db.read(comments.places, world.site.id, origins)
    everyone = await world.parts.db.read(comments.get_many, [place.id for place in found.values()])
    return page, [str(number) for number in sorted(everyone) if everyone[number].shown]


SHAPES = [wide, deep, bushy, ruined, purged, tree]


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_page_is_as_cheap_in_a_large_discussion(world: World, shape: Shape) -> None:
    pages = {size: await grown(world, shape, size) for size in (SMALL, LARGE)}
    for sort in ("best", "oldest"):
        cost = {size: await _costs(world, page, shown, sort) for size, (page, shown) in pages.items()}
        assert max(cost[LARGE].values()) <= MOST, cost
        grown_dearer = {what: count for what, count in cost[LARGE].items() if count > cost[SMALL].get(what, MOST)}
        assert grown_dearer == {}, cost


async def _costs(world: World, page: str, shown: list[str], sort: str) -> dict[str, int]:
    """Statements a page takes: the first, a further one at the roots and at a comment, a permalink, each as JSON."""
    cost: dict[str, int] = {}
    world.parts.pages.clear()
    with Statements(world) as statements:
        first = await world.read(page, sort=sort, limit=5)
    cost["first"] = statements.count
    _is_short(first["items"])
    thread = first["thread"]["id"]
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("permalink", f"/api/v1/comments/{shown[-1]}", {"context": 50}),
        ("replies", f"/api/v1/threads/{thread}/comments", {"parent": shown[0]}),
    ]
    if first["next_cursor"]:
        asked.append(("roots", f"/api/v1/threads/{thread}/comments", {"cursor": first["next_cursor"]}))
    for item in flat(first["items"]):
        if item["replies"] and item["replies"]["next_cursor"]:
            more = {"parent": item["id"], "cursor": item["replies"]["next_cursor"]}
            asked.append((f"more replies {item['depth']}", f"/api/v1/threads/{thread}/comments", more))
    # The ranks have moved since: now a page has to be put together.
    moving = world.guest()
    assert (await moving.vote(shown[-1], 1)).status_code in {200, 404}
    assert (await moving.vote(shown[-1], 0)).status_code in {200, 404}
    for what, path, params in asked:
        with Statements(world) as statements:
            response = await world.client.get(path, params={"sort": sort, **params})
        assert response.status_code == 200, response.text
        cost[what] = statements.count
        _is_short(response.json().get("items", []))
    return cost


def _is_short(items: list[dict[str, Any]]) -> None:
    assert len(flat(items)) <= 80


@pytest.mark.parametrize("shape", SHAPES)
async def test_every_shape_can_be_read_to_its_end(world: World, shape: Shape) -> None:
    page, shown = await grown(world, shape, LARGE)
    walk = Walk(world, page, sort="best", limit=100)
    assert sorted(await walk.to_the_end(), key=int) == shown
    assert len(set(walk.seen)) == len(walk.seen)
