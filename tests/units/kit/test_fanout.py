"""Lines of listeners: bounded, in order, each with an end."""

from __future__ import annotations

import asyncio

import pytest

from service.kit.fanout import _LINE, Ear, Fanout, Over
from service.kit.redis import Away, Redis


def _fanout() -> Fanout:
    made = Fanout(Redis("redis://127.0.0.1:1"), "nothing")
    made.is_heard = True
    return made


async def test_what_waits_is_heard_at_once_and_in_order() -> None:
    ear = Ear("a")
    for message in (b"1", b"2", b"3"):
        ear.tell(message)
    assert await ear.hear() == b"123"
    waiting = asyncio.create_task(ear.hear())
    await asyncio.sleep(0)
    ear.tell(b"4")
    assert await waiting == b"4"


async def test_a_line_that_is_full_ends() -> None:
    ear = Ear("a")
    for _ in range(_LINE + 1):
        ear.tell(b"x")
    with pytest.raises(Over):
        await ear.hear()
    ear.tell(b"y")
    assert ear.take() == []


async def test_who_is_let_go_hears_first_what_was_told() -> None:
    ear = Ear("a")
    ear.tell(b"1")
    ear.close()
    assert await ear.hear() == b"1"
    with pytest.raises(Over):
        await ear.hear()


async def test_messages_go_to_their_topic() -> None:
    fanout = _fanout()
    with fanout.listen("a") as one, fanout.listen("a") as other, fanout.listen("b") as elsewhere:
        fanout.hand_on("a", b"with blanks in it")
        fanout.hand_on("c", b"nobody")
        assert one.take() == other.take() == [b"with blanks in it"]
        assert elsewhere.take() == []
        assert len(fanout) == 3
    assert len(fanout) == 0
    assert fanout._ears == {}


async def test_nobody_listens_while_nothing_is_heard_or_at_the_end() -> None:
    fanout = _fanout()
    with fanout.listen("a") as ear:
        fanout.close()
        with pytest.raises(Over):
            await ear.hear()
    with pytest.raises(Away), fanout.listen("a"):
        pass
    fanout = _fanout()
    fanout.is_heard = False
    with pytest.raises(Away), fanout.listen("a"):
        pass
