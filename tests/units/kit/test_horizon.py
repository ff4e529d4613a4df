"""When a replica may be believed: against a model of a log that grows and a copy that follows."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from service.kit.horizon import Horizon

TAGS = ["thread-1", "thread-2", "site-1"]
LAG = 5.0

steps = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.sampled_from(TAGS)),
        st.tuples(st.just("unknown"), st.none()),
        st.tuples(st.just("ask"), st.none()),
        st.tuples(st.just("answer"), st.none()),
        st.tuples(st.just("wait"), st.floats(0, 10)),
    ),
    max_size=60,
)


@given(steps=steps, replayed=st.integers(0, 70))
def test_who_is_believed_knows_every_change_that_was_heard_of(
    steps: list[tuple[str, str | float | None]], replayed: int
) -> None:
    now = [0.0]
    horizon = Horizon(LAG, clock=lambda: now[0])
    log = 0
    heard: dict[str, int] = {}
    asked: tuple[int, int] | None = None
    for what, value in steps:
        if what == "change":
            log += 1
            heard[str(value)] = log
            horizon.outdate([str(value)])
        elif what == "unknown":
            horizon.outdate(None)
            heard = dict.fromkeys(TAGS, log)
        elif what == "ask":
            asked = (horizon.ticket(), log)
        elif what == "answer" and asked is not None:
            horizon.mark(asked[1], asked[0])
            asked = None
        elif what == "wait":
            now[0] += float(value or 0)
    believed = [tag for tag in TAGS if horizon.believes(replayed) and horizon.believes_about(tag, replayed)]
    assert all(replayed >= heard.get(tag, 0) for tag in believed)


def test_a_copy_that_has_all_is_believed_once_the_primary_was_asked() -> None:
    horizon = Horizon(LAG)
    assert not horizon.believes(10**9)  # nothing is known yet
    horizon.mark(100, horizon.ticket())
    assert horizon.believes(100)
    assert not horizon.believes(99)
    horizon.outdate(["thread-1"])
    assert not horizon.believes_about("thread-1", 10**9)
    assert horizon.believes_about("thread-2", 100)
    ticket = horizon.ticket()
    horizon.outdate(["thread-1"])  # again, while the primary is asked
    horizon.mark(200, ticket)
    assert not horizon.believes_about("thread-1", 10**9)
    horizon.mark(300, horizon.ticket())
    assert horizon.believes_about("thread-1", 300)
    assert not horizon.believes_about("thread-1", 299)


def test_what_nobody_told_of_is_bounded_in_time() -> None:
    now = [0.0]
    horizon = Horizon(LAG, clock=lambda: now[0])
    horizon.mark(100, horizon.ticket())
    for second in range(1, 20):
        now[0] = float(second)
        horizon.mark(100 + second, horizon.ticket())
        # What the primary had LAG seconds ago must be there.
        assert horizon.believes(100 + second)
        assert not horizon.believes(100 + second - int(LAG) - 1)


def test_it_forgets_what_everybody_must_have_by_now() -> None:
    now = [0.0]
    horizon = Horizon(LAG, clock=lambda: now[0])
    for second in range(100):
        now[0] = float(second)
        horizon.outdate([f"thread-{second}-{number}" for number in range(50)])
        horizon.mark(second * 1_000 + 1, horizon.ticket())
    assert len(horizon._known) <= 50 * (int(LAG) + 1)


async def test_a_change_is_a_reason_to_ask_at_once() -> None:
    horizon = Horizon(LAG)
    horizon.mark(1, horizon.ticket())
    waiting = asyncio.ensure_future(horizon.due())
    await asyncio.sleep(0)
    horizon.outdate(["thread-1"])
    async with asyncio.timeout(0.9):  # the heartbeat would come later
        await waiting
