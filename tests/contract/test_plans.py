"""The lists that are asked for all day are ranges of their indexes; a plan that reads a table whole fails here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from sqlalchemy import event, text

from service import comments, moderation
from service.kit.db import ReadTx, WriteTx
from service.kit.paging import Cursor
from service.votes import fold
from tests.world import World

Ask = Callable[[ReadTx, int, int], Awaitable[Any]]


def _level(sort: str) -> Ask:
    async def ask(tx: ReadTx, thread: int, comment: int) -> Any:
        rank = None if sort in {"newest", "oldest"} else 0.5
        # At the beginning of the oldest first: at the end the primary key alone is as good, and may be taken.
        last = 1 if sort == "oldest" else comment
        after = Cursor(thread=thread, under=0, sort=sort, rank=rank, id=last)
        return await comments.level(tx, thread, 0, sort, limit=25, after=after)

    return ask


async def _replies(tx: ReadTx, thread: int, comment: int) -> Any:
    return await comments.first_replies(tx, thread, [comment], "best", limit=3)


async def _newest_in_thread(tx: ReadTx, thread: int, comment: int) -> Any:
    return await comments.find_in_thread(tx, thread, bool, before=comment, most=5, look_at=500)


async def _newest_in_site(tx: ReadTx, thread: int, comment: int) -> Any:
    return await comments.newest_in_site(tx, (await comments.get(tx, comment)).site_id, 50)


async def _talk(tx: ReadTx, thread: int, comment: int) -> Any:
    return await comments.seen(tx, (await comments.get(tx, comment)).site_id, 1, comment + 1)


async def _most_in_threads(tx: ReadTx, thread: int, comment: int) -> Any:
    return await comments.most_in_threads(tx, [thread], 1)


async def _most_by_people(tx: ReadTx, thread: int, comment: int) -> Any:
    return await comments.most_by_people(tx, [1], 1)


async def _queue(tx: ReadTx, thread: int, comment: int) -> Any:
    return await moderation.list_open(tx, [1], limit=10)


async def _counts(tx: ReadTx, thread: int, comment: int) -> Any:
    return await moderation.count_open(tx, [1])


@pytest.mark.parametrize(
    ("ask", "index", "table"),
    [
        (_level("best"), "ix_comment_by_best", "comment"),
        (_level("hot"), "ix_comment_by_hot", "comment"),
        (_level("controversial"), "ix_comment_by_controversy", "comment"),
        (_level("newest"), "ix_comment_by_time", "comment"),
        (_level("oldest"), "ix_comment_by_time", "comment"),
        (_replies, "ix_comment_by_best", "comment"),
        (_newest_in_thread, "ix_comment_thread_published", "comment"),
        (_newest_in_site, "ix_comment_site_published", "comment"),
        (_talk, "ix_comment_site_published", "comment"),
        (_most_in_threads, "ix_comment_thread_published", "comment"),
        (_most_by_people, "ix_comment_person", "comment"),
        (_queue, "ix_case_open_due", "moderation_case"),
        (_counts, "ix_case_open_due", "moderation_case"),
    ],
    ids=[
        "best",
        "hot",
        "controversial",
        "newest",
        "oldest",
        "replies",
        "of a thread",
        "of a site",
        "talk",
        "in threads",
        "by people",
        "queue",
        "counts",
    ],
)
async def test_a_list_is_a_range_of_its_index(world: World, ask: Ask, index: str, table: str) -> None:
    posted = (await world.guest().post())["comment"]
    if table == "moderation_case":
        # Of two indexes of an empty table either will do.
        busy = await world.another({"screening": {"pre_moderate": True}})
        for _ in range(80):
            await busy.guest().post(expect=202)
        await world.parts.db.transact(_count_rows)
    if ask in {_most_in_threads, _most_by_people}:
        for _ in range(80):
            await world.guest().post(page="another")
        await world.parts.db.transact(_count_rows)
    plan = await world.parts.db.read(_plan, ask, int(posted["thread"]), int(posted["id"]))
    assert index in plan, plan
    assert f"SCAN {table}" not in plan, plan
    assert f"Seq Scan on {table}" not in plan, plan


@pytest.mark.parametrize("sort", ["best", "hot", "controversial"])
async def test_a_walk_goes_on_in_ranges_of_two_indexes(world: World, sort: str) -> None:
    """Where ranks have moved: those of now, as far as nothing moved, and those that were."""
    posted = (await world.guest().post())["comment"]
    await world.guest().vote(posted["id"], 1)

    async def ask(tx: ReadTx, thread: int, comment: int) -> Any:
        after = Cursor(thread=thread, under=0, sort=sort, rank=0.5, id=comment, move=0)
        return await comments.level(tx, thread, 0, sort, limit=25, after=after)

    plan = await world.parts.db.read(_plan, ask, int(posted["thread"]), int(posted["id"]))
    rank = "controversy" if sort == "controversial" else sort
    for table in ("comment", "past_rank"):
        assert f"ix_{table}_by_{rank}" in plan, plan
        assert f"SCAN {table}" not in plan, plan
        assert f"Seq Scan on {table}" not in plan, plan


async def _page(tx: ReadTx, thread: int, comment: int) -> Any:
    """What a reader's pages ask, from the first to one behind moved ranks."""
    found = [await comments.level(tx, thread, 0, sort, limit=25) for sort in ("best", "newest")]
    await comments.get_many(tx, [comment])
    await comments.first_replies(tx, thread, [comment], "best", limit=3)
    after = Cursor(thread=thread, under=0, sort="best", rank=0.5, id=comment, move=0)
    return found, await comments.level(tx, thread, 0, "best", limit=25, after=after)


async def test_a_plan_made_while_tables_were_small_is_right_when_they_are_large(world: World) -> None:
    """PostgreSQL keeps plans for a connection's statements: none that reads a table whole may be kept."""
    if world.parts.db.is_sqlite:
        return  # it looks at no sizes unless it is told to
    posted = (await world.guest().post())["comment"]
    await world.guest().vote(posted["id"], 1)
    await world.parts.db.transact(_look_at_sizes)
    plan = await world.parts.db.read(_kept_plan, _page, int(posted["thread"]), int(posted["id"]))
    assert "ix_past_rank_by_best" in plan, plan
    for table in ("comment", "past_rank"):
        assert f"Seq Scan on {table}" not in plan, plan


async def _look_at_sizes(tx: WriteTx) -> None:
    for table in ("comment", "past_rank", "rank_clock"):
        await (await tx.connection()).execute(text(f"ANALYZE {table}"))


async def _kept_plan(tx: ReadTx, ask: Ask, thread: int, comment: int) -> str:
    """The plans the server would keep for what `ask` asks, whatever is filled in."""
    connection = await tx.connection()
    heard: dict[str, int] = {}

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        heard[statement] = len(parameters)

    event.listen(connection.sync_connection, "before_cursor_execute", hear)
    try:
        await ask(tx, thread, comment)
    finally:
        event.remove(connection.sync_connection, "before_cursor_execute", hear)
    await connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    lines = []
    for number, (statement, values) in enumerate(heard.items()):
        await connection.exec_driver_sql(f"PREPARE kept_{number} AS {statement}")
        filled = f"({', '.join(['NULL'] * values)})" if values else ""
        rows = await connection.exec_driver_sql(f"EXPLAIN EXECUTE kept_{number}{filled}")
        lines += [str(row[-1]) for row in rows]
        await connection.exec_driver_sql(f"DEALLOCATE kept_{number}")
    return "\n".join(lines)


async def _waiting(tx: ReadTx, thread: int, comment: int) -> Any:
    return await fold._waiting(cast("WriteTx", tx), [thread])


async def _waiting_in_many(tx: ReadTx, thread: int, comment: int) -> Any:
    return await fold._waiting(cast("WriteTx", tx), [thread, *range(1, 30)])


async def _threads_waiting(tx: ReadTx, thread: int, comment: int) -> Any:
    return await fold._threads_waiting(tx, 0)


@pytest.mark.parametrize(
    "ask", [_waiting, _waiting_in_many, _threads_waiting], ids=["in-a-thread", "in-many", "threads"]
)
async def test_votes_that_wait_are_a_range_of_their_index(world: World, ask: Ask) -> None:
    posted = (await world.guest().post())["comment"]
    plan = await world.parts.db.transact(_plan, ask, int(posted["thread"]), int(posted["id"]))
    assert "ix_vote_waiting" in plan, plan
    assert "Seq Scan on vote" not in plan, plan


async def _count_rows(tx: WriteTx) -> None:
    """Let PostgreSQL know how many rows there are, as its own housekeeping would."""
    connection = await tx.connection()
    if connection.dialect.name == "postgresql":
        await connection.execute(text("ANALYZE moderation_case, comment"))


async def _plan(tx: ReadTx, ask: Ask, thread: int, comment: int) -> str:
    """How the database carries out what `ask` asks, as text."""
    connection = await tx.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    heard: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        heard.append((statement, parameters))

    if not is_sqlite:
        # With a handful of rows reading the table whole is the cheapest; it is the order of the rest that counts.
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        # And with one row in a list, which the server knows once it has looked, sorting it is.
        await connection.execute(text("SET LOCAL enable_sort = off"))
    event.listen(connection.sync_connection, "before_cursor_execute", hear)
    try:
        await ask(tx, thread, comment)
    finally:
        event.remove(connection.sync_connection, "before_cursor_execute", hear)
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    lines = []
    for statement, parameters in heard:
        rows = await connection.exec_driver_sql(explain + statement, parameters)
        lines += [str(row[-1]) for row in rows]
    return "\n".join(lines)
