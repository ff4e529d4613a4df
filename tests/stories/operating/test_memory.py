"""What is done again and again leaves nothing behind in the process. docs/operations.md says what it keeps."""

from __future__ import annotations

import gc
from collections import Counter
from itertools import pairwise
from secrets import token_hex

import pytest

from service.pages import draw
from tests.world import World

_ACTS = 9  # of each kind in a round


async def _round(world: World) -> None:
    # On a page that is new each time: what a database is asked goes by how many comments a page has.
    page = token_hex()
    for number in range(_ACTS):
        posted = await world.guest().post(f"A comment, the {number}th.", page=page, key=token_hex())
        assert (await world.guest().vote(posted["comment"]["id"], 1)).status_code == 200
        answer = await world.client.get("/embed", params={"site": world.site.name, "url": world.page(page)})
        assert answer.status_code == 200
    await world.settle()


def _census() -> Counter[str]:
    """How many there are of each type of ours, and of what is under way."""
    gc.collect()
    names = (f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())
    return Counter(name for name in names if name.startswith(("service.", "_asyncio.", "builtins.coroutine")))


async def test_nothing_stays_of_what_was_posted_voted_and_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of no type of ours are there as many more after each round as acts were done in it."""
    monkeypatch.setattr(draw._kept, "_half", 0)  # they have a bound of their own, and take an hour to come to it here
    found = []
    for _ in range(4):
        await _round(world)
        found.append(_census())
    steps = list(pairwise(found[1:]))
    grown = {kind: [after[kind] - before[kind] for before, after in steps] for kind in found[-1]}
    assert [kind for kind, more in grown.items() if min(more) >= _ACTS] == []
