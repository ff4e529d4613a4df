"""What listeners of a thread hear, what they do not, and how they catch up."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
from typing import Any

import pytest

from service import comments, sites, threads
from service.kit.redis import Redis
from service.live import stream
from service.posting import PostingRules
from service.web.parts import Parts
from tests.conftest import Floor
from tests.servers.waiting import eventually
from tests.stories.live.conftest import Line, Listener
from tests.world import World, some_address

HELD = {"screening": {"hold_first_comments": False, "suspect_words": ["pineapple"]}}


async def test_a_new_comment_is_heard_by_all(world: World, line: Line, thread: str) -> None:
    async with line.listen(thread) as one, line.listen(thread) as other:
        posted = (await world.guest("Bob").post("Hello."))["comment"]
        answer = (await world.guest("Eve").post("Hello back.", parent=posted["id"]))["comment"]
        await world.settle()
        for listener in (one, other):
            first, second = await listener.hears("posted", 2)
            # The count is that of the moment it was told: both comments are there.
            assert (first["comment"], first["parent"], first["count"]) == (posted["id"], None, 3)
            assert (second["comment"], second["parent"], second["count"]) == (answer["id"], posted["id"], 3)
            assert "Hello" not in json.dumps(listener.events)


async def test_who_listens_elsewhere_hears_nothing(world: World, line: Line, thread: str) -> None:
    elsewhere = (await world.guest().post("There.", page="another"))["comment"]["thread"]
    await world.settle()
    async with line.listen(thread) as here, line.listen(elsewhere) as there:
        await world.guest().post("Here.")
        await world.settle()
        await here.hears("posted")
        assert there.of("posted") == []


async def test_edits_removals_and_votes(world: World, line: Line, thread: str) -> None:
    author = world.guest()
    made = (await author.post("As it was."))["comment"]
    await world.settle()
    async with line.listen(thread) as listener:
        await author.edit(made["id"], "As it is.")
        await world.guest().vote(made["id"], 1)
        await world.guest().vote(made["id"], -1)
        await world.settle()
        await world.parts.announcer.flush()
        assert (await listener.hears("edited"))[0]["version"] == 2
        # Two votes of one moment are one event.
        assert [event["votes"] for event in await listener.hears("votes")] == [{made["id"]: [1, 1]}]
        await author.delete(made["id"])
        await world.settle()
        (removed,) = await listener.hears("removed")
        assert (removed["comment"], removed["version"], removed["count"]) == (made["id"], 0, 1)


async def test_the_thread_is_closed_and_opened(world: World, line: Line, thread: str) -> None:
    async with line.listen(thread) as listener:
        assert listener.events[0]["state"] == "open"
        for state in ("closed", "closed", "open"):
            await world.parts.db.transact(threads.set_state, int(thread), state)
            await world.settle()
        assert [event["state"] for event in await listener.hears("thread", 2)] == ["closed", "open"]


async def test_a_site_that_closes_all_its_discussions(world: World, line: Line, thread: str) -> None:
    db = world.parts.db

    async def close(*, is_so: bool) -> None:
        rules = world.site.section("posting", PostingRules).model_copy(update={"closed": is_so})
        await db.transact(sites.configure, world.site.id, section="posting", values=rules)

    async with line.listen(thread) as listener:
        await close(is_so=True)
        (closed,) = await listener.hears("thread")
        assert (closed["state"], closed["count"]) == ("closed", 1)
        # One that is closed and opened by itself stays closed with all.
        for state in ("closed", "open"):
            await db.transact(threads.set_state, int(thread), state)
            await world.settle()
        assert {event["state"] for event in await listener.hears("thread", 3)} == {"closed"}
        await close(is_so=False)
        assert (await listener.hears("thread", 4))[-1]["state"] == "open"
    # Whoever missed all this is told how it stands, not how it stood.
    await close(is_so=True)
    async with line.listen(thread, version=1) as late:
        assert late.events[0]["state"] == "closed"
        assert {event["state"] for event in await late.hears("thread", 2)} == {"closed"}


async def test_what_readers_never_see_is_not_announced(world: World, line: Line) -> None:
    world = await world.another(HELD)
    moderator = await world.staff()
    top = (await world.guest().post("Seen."))["comment"]
    await world.settle()
    async with line.listen(top["thread"]) as listener:
        author = world.guest()
        held = (await author.post("A pineapple.", expect=202))["comment"]
        await author.edit(held["id"], "Another pineapple.")
        dropped = (await world.guest().post("One more pineapple.", expect=202))["comment"]
        await _decide(moderator, dropped["id"], "spam", 1)
        await world.settle()
        assert [event["type"] for event in listener.events] == ["hello"]
        # Approved, it is news like any other.
        await _decide(moderator, held["id"], "approve", 2)
        await world.settle()
        assert [event["comment"] for event in await listener.hears("posted")] == [held["id"]]
        # Taken down later, it is gone, and nobody is told by which decision.
        await _decide(moderator, held["id"], "spam", 3)
        await world.settle()
        (removed,) = await listener.hears("removed")
        assert "spam" not in json.dumps(removed)


async def test_what_was_taken_back_before_it_was_told_is_not_told(world: World, line: Line, thread: str) -> None:
    async with line.listen(thread) as listener:
        author = world.guest()
        made = (await author.post("Never mind."))["comment"]
        await author.delete(made["id"])
        await world.guest().post("Something else.")
        await world.settle()
        assert made["id"] not in [event["comment"] for event in await listener.hears("posted")]


async def _decide(moderator: Any, comment: str, action: str, version: int) -> None:
    answer = await moderator.post(
        "/api/v1/moderation/decisions", json={"items": [{"comment": comment, "version": version}], "action": action}
    )
    assert answer.json()["items"][0]["decision"], answer.text


async def test_a_listener_resumes_where_it_was(world: World, line: Line, thread: str) -> None:
    async with line.listen(thread) as listener:
        await world.guest().post("Heard.")
        await world.settle()
        await listener.hears("posted")
    missed = [(await world.guest().post(f"Missed {number}."))["comment"]["id"] for number in range(3)]
    await world.settle()
    for way in ({"last": listener.last}, {"after": listener.last}):
        async with line.listen(thread, **way) as again:
            assert [event["comment"] for event in await again.hears("posted", 3)] == missed
            assert again.of("reset") == []
            await world.settle()
    changes = (await world.client.get(f"/api/v1/threads/{thread}/changes", params={"after": listener.last})).json()
    assert [item["comment"] for item in changes["items"]] == missed
    assert changes["is_complete"]


async def test_a_page_is_brought_up_to_date_by_its_version(world: World, line: Line, thread: str) -> None:
    version = (await world.read())["thread"]["version"]
    missed = (await world.guest().post("Between the page and the connection."))["comment"]["id"]
    await world.settle()
    async with line.listen(thread, version=version) as listener:
        assert [event["comment"] for event in await listener.hears("posted")] == [missed]
    now = (await world.read())["thread"]["version"]
    async with line.listen(thread, version=now) as listener:
        assert [event["type"] for event in listener.events] == ["hello"]


async def test_who_was_away_too_long_is_told_to_read_anew(world: World, line: Line, thread: str, redis: Redis) -> None:
    async with line.listen(thread) as listener:
        await world.guest().post("Heard.")
        await world.settle()
        await listener.hears("posted")
    for number in range(2 * stream._KEPT + 1):
        await stream.tell(redis, int(thread), {"type": "votes", "votes": {}, "thread_version": number, "count": 1})
    async with line.listen(thread, last=listener.last) as again:
        await again.hears("reset")
    kept = await redis.call("XLEN", f"parley:{{{thread}}}:live")
    assert kept <= 2 * stream._KEPT
    assert await redis.call("TTL", f"parley:{{{thread}}}:live") > 0


@pytest.mark.parametrize("nonsense", ["0", "x", "-", "9" * 30, "1-1\r\n", "0-0; DROP", "²-²"])
async def test_an_id_that_is_none_is_no_error(world: World, thread: str, nonsense: str) -> None:
    for path in ("events", "changes"):
        answer = await world.client.get(f"/api/v1/threads/{thread}/{path}", params={"after": nonsense})
        assert answer.status_code == 200 or (len(nonsense) >= 30 and answer.status_code == 422)


async def test_a_slow_listener_is_let_go_and_the_others_are_not(
    world: World, line: Line, thread: str, parts: Parts
) -> None:
    host, port = line.url.removeprefix("http://").split(":")
    async with line.listen(thread) as quick:
        slow = socket.create_connection((host, int(port)))
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        try:
            slow.sendall(f"GET /api/v1/threads/{thread}/events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            topic = stream.topic(int(thread))
            await eventually(lambda: len(parts.fanout._ears[topic]) == 2, "two listeners")
            for number in itertools.count(1):
                # Nobody reads at the other end: the kernel's buffers fill, then the line.
                event = {"type": "votes", "votes": {}, "filler": "x" * 300_000, "thread_version": 1, "count": 1}
                await stream.tell(parts.redis, int(thread), event)
                await quick.hears("votes", number)
                if any(ear._is_over for ear in parts.fanout._ears[topic]):
                    break
            last = {"type": "thread", "state": "open", "thread_version": 1, "count": 1}
            await stream.tell(parts.redis, int(thread), last)
            await quick.hears("thread")
            assert not quick.is_over
        finally:
            slow.close()
    await eventually(lambda: topic not in parts.fanout._ears, "both to be forgotten")


async def test_listeners_of_one_address_are_counted(world: World, line: Line, thread: str, parts: Parts) -> None:
    live = parts.live
    address = some_address()
    with contextlib.ExitStack() as stack:
        for _ in range(parts.settings.live_per_address):
            stack.enter_context(live.listen(int(thread), address))
        refused = await world.caller(address).get(f"/api/v1/threads/{thread}/events")
        assert (refused.status_code, refused.json()["type"]) == (429, "/errors#too-many-listeners")
        assert "retry-after" in refused.headers
        # Everybody else, and who asks from time to time, is served.
        assert (await world.client.get(f"/api/v1/threads/{thread}/events")).status_code == 200
        assert (await world.caller(address).get(f"/api/v1/threads/{thread}/changes")).status_code == 200
    assert (await world.caller(address).get(f"/api/v1/threads/{thread}/events")).status_code == 200


async def test_redis_away_ends_the_lines_and_polling_goes_on(
    world: World, line: Line, thread: str, parts: Parts, floor: Floor
) -> None:
    version = (await world.read())["thread"]["version"]
    path = f"/api/v1/threads/{thread}"
    async with line.listen(thread, version=version) as listener:
        floor.redis_server.kill()
        await eventually(lambda: listener.is_over, "the line to end")
        refused = await world.client.get(f"{path}/events")
        assert (refused.status_code, refused.json()["type"]) == (503, "/errors#live-away")
        same = (await world.client.get(f"{path}/changes", params={"version": version})).json()
        assert same["is_complete"]
        await world.guest().post("Nobody is told.")
        changed = (await world.client.get(f"{path}/changes", params={"version": version})).json()
        assert (changed["is_complete"], changed["items"]) == (False, [])
    await world.settle()
    await floor.bring_redis_back(parts.redis)
    await eventually(lambda: parts.fanout.is_heard, "the channel to be heard again")
    # What was not told meanwhile is noticed by the version.
    async with line.listen(thread, version=version, last=listener.last) as again:
        await again.hears("reset")
        await world.guest().post("Told again.")
        await world.settle()
        await again.hears("posted")


async def test_no_connection_to_the_database_is_held(world: World, line: Line, thread: str, parts: Parts) -> None:
    async with contextlib.AsyncExitStack() as stack:
        listeners: list[Listener] = [await stack.enter_async_context(line.listen(thread)) for _ in range(30)]
        checked_out = parts.db.engine.pool.checkedout()  # type: ignore[attr-defined]  # both floors pool
        assert checked_out == 0
        await world.guest().post("All are told.")
        await world.settle()
        for listener in listeners:
            await listener.hears("posted")
        assert (await parts.db.read(comments.get, int(listeners[0].of("posted")[0]["comment"]))).is_published


async def test_the_end_of_the_server_does_not_wait_for_listeners(world: World, line: Line, thread: str) -> None:
    fanout = world.parts.fanout
    async with line.listen(thread) as listener:
        fanout._end_all()
        await eventually(lambda: listener.is_over, "the line to end")
