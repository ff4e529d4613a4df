"""Does a table of comments in partitions keep its plans? A scratch PostgreSQL, a million rows, three layouts.

    python -m benchmarks.partitions [ROWS]

`whole`: the table as it is. `by_thread`: hash of thread_id. `by_shard`: hash of the shard that every id carries
(docs/decisions/0002), as a column of its own. For each, the questions of a page and of a permalink are explained: which
partitions are touched, how many blocks are read, by which nodes.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import asyncpg

from tests.servers.postgres import postgres_cluster

PARTS = 16
COLUMNS = """id bigint NOT NULL, thread_id bigint NOT NULL, shard smallint NOT NULL, under bigint NOT NULL,
 best float8 NOT NULL, shown boolean NOT NULL, body text NOT NULL, html text NOT NULL"""
LAYOUTS = {
    "whole": ("", "id"),
    "by_thread": ("PARTITION BY HASH (thread_id)", "thread_id, id"),
    "by_shard": ("PARTITION BY HASH (shard)", "shard, id"),
}
# A tenth of the comments in one thread, the others in 10,000; ids as kit/ids.py makes them.
ROWS = """INSERT INTO {table}
 SELECT (n::bigint << 21) | (s << 11) | (n % 2048), (1::bigint << 40) | (s << 11) | t, s,
        CASE WHEN n / 10 % 5 < 2 THEN 1 ELSE 0 END, random(), n % 50 <> 0, repeat('word ', 40), repeat('word ', 45)
 FROM (SELECT n, CASE WHEN n % 10 = 0 THEN 0 ELSE n % 10000 END AS t,
              CASE WHEN n % 10 = 0 THEN 7 ELSE (n % 10000) % 1024 END AS s
       FROM generate_series(1, $1) AS n) AS numbered"""
HOT = (1 << 40) | (7 << 11)


def questions(layout: str, rows: int) -> dict[str, str]:
    """By name: what a page and a permalink ask; `by_shard` adds what the id itself says."""
    some = rows // 2 - rows // 2 % 10
    one = (some << 21) | (7 << 11) | (some % 2048)
    shard = " AND shard = 7" if layout == "by_shard" else ""
    level = f"SELECT id FROM {layout} WHERE thread_id = {HOT} AND under = 0 AND shown{shard}"  # noqa: S608
    return {
        "first roots by best": f"{level} ORDER BY best DESC, id DESC LIMIT 26",
        "roots by best, deep": f"{level} AND (best, id) < (0.5, {one}) ORDER BY best DESC, id DESC LIMIT 26",
        "newest roots": f"{level} ORDER BY id DESC LIMIT 26",
        "one comment by id": f"SELECT * FROM {layout} WHERE id = {one}{shard}",  # noqa: S608
    }


async def main(rows: int) -> None:
    """Fill, ask, print a table."""
    with postgres_cluster() as cluster:
        connection = await asyncpg.connect(cluster.create_database(), command_timeout=1_200)
        print("| layout | question | partitions | blocks | nodes |\n|---|---|---|---|---|")
        for layout, (how, key) in LAYOUTS.items():
            await connection.execute(f"CREATE TABLE {layout} ({COLUMNS}, PRIMARY KEY ({key})) {how}")
            for number in range(PARTS if how else 0):
                await connection.execute(
                    f"CREATE TABLE {layout}_{number} PARTITION OF {layout}"
                    f" FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {number})"
                )
            await connection.execute(ROWS.format(table=layout), rows)
            await connection.execute(f"CREATE INDEX ON {layout} (thread_id, under, id) WHERE shown")
            await connection.execute(f"CREATE INDEX ON {layout} (thread_id, under, best, id) WHERE shown")
            await connection.execute(f"ANALYZE {layout}")
            for name, question in questions(layout, rows).items():
                await connection.fetch(question)
                explained = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {question}")
                print(f"| {layout} | {name} | {' | '.join(_of(json.loads(explained)[0]['Plan']))} |", flush=True)
        await connection.close()


def _of(plan: dict[str, Any]) -> tuple[str, str, str]:
    nodes, tables = [], set()

    def walk(node: dict[str, Any]) -> None:
        nodes.append(node["Node Type"])
        if "Relation Name" in node:
            tables.add(node["Relation Name"])
        for below in node.get("Plans", ()):
            walk(below)

    walk(plan)
    blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    distinct = list(dict.fromkeys(nodes))
    return str(len(tables)), str(blocks), ", ".join(distinct)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
