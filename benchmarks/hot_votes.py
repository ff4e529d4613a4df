# ruff: noqa: S101, ASYNC240  # a program that prints, checks itself, and reads a file before it measures
"""Votes a second, and the cost of reading on after many of them: this code, and beside it another checkout's.

    .venv/bin/python benchmarks/hot_votes.py [--beside CHECKOUT] [--rounds 3] [--seconds 3] [--only votes|pages]

Starts a PostgreSQL of its own (fsync on) and makes SQLite files in a temporary folder. What is measured is the act as
the endpoint runs it, in one process, without HTTP. Codes take turns in each round; medians and the spread are shown.
After every measurement the counters are compared with a recount.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PEOPLE, THREADS, VOTES = 2_000, 64, 10_000
CASES = {"one hot comment": (1, 1), "one hot thread": (1, 200), "many threads": (THREADS, 4)}  # threads, comments each
AT_ONCE = (1, 16, 64)
LARGE = 100_000
START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Start the servers, let the codes take turns, print tables."""
    options = _options()
    if options.child:
        sys.path.insert(0, options.code)
        print(json.dumps(asyncio.run(_child(json.loads(options.child)))))
        return
    codes = {"this code": str(ROOT)} | ({"beside it": str(Path(options.beside).resolve())} if options.beside else {})
    sys.path.insert(0, str(ROOT))
    from tests.servers import postgres  # noqa: PLC0415  # a child runs with another checkout's modules

    durable = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
    postgres._OPTIONS.update(durable)  # noqa: SLF001  # the tests' server is made to forget
    with postgres.postgres_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        stores = {
            (floor, name): {"url": cluster.create_database() if floor == "PostgreSQL" else None,
                            "folder": f"{folder}/{floor}-{place}"}
            for floor in ("PostgreSQL", "SQLite") for place, name in enumerate(codes)
        }  # fmt: skip
        for (_, name), store in stores.items():
            _run(codes[name], {**store, "do": "prepare"})
        if options.only != "pages":
            _votes(codes, stores, options.rounds, options.seconds)
        if options.only != "votes":
            _pages(codes, stores, options.rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--beside", help="another checkout, measured in the same rounds")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--only", choices=["votes", "pages"])
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--code", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(code: str, task: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--code", code, "--child", json.dumps(task)],
        capture_output=True, text=True, check=False, timeout=1_200,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3_000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _votes(codes: dict[str, str], stores: dict[Any, Any], rounds: int, seconds: float) -> None:
    print("\n| votes a second | at once | " + " | ".join(f"{name} (p99 ms)" for name in codes) + " | ratio |")
    print("|---|---|" + "---|" * (len(codes) + 1))
    for floor, case, at_once in itertools.product(("PostgreSQL", "SQLite"), CASES, AT_ONCE):
        seen: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _, name in itertools.product(range(rounds), codes):
            task = {**stores[floor, name], "do": "vote", "case": case, "at_once": at_once, "seconds": seconds}
            seen[name].append(_run(codes[name], task))
        middle = {name: statistics.median(one["rate"] for one in found) for name, found in seen.items()}
        cells = [_cell([one["rate"] for one in found], [one["p99"] for one in found]) for found in seen.values()]
        ratio = f"{middle['this code'] / middle['beside it']:.2f}" if "beside it" in middle else ""
        print(f"| {floor}, {case} | {at_once} | " + " | ".join(cells) + f" | {ratio} |", flush=True)


def _cell(rates: list[float], p99: list[float]) -> str:
    spread = f"[{min(rates):,.0f}–{max(rates):,.0f}]"
    return f"{statistics.median(rates):,.0f} {spread} ({statistics.median(p99):.0f})"


def _pages(codes: dict[str, str], stores: dict[Any, Any], rounds: int) -> None:
    print(f"\n| a further page of {LARGE:,} comments, ms | " + " | ".join(codes) + " |")
    print("|---|" + "---|" * len(codes))
    for floor in ("PostgreSQL", "SQLite"):
        for name, code in codes.items():
            _run(code, {**stores[floor, name], "do": "grow"})
        seen: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for _, name in itertools.product(range(rounds), codes):
            for what, ms in _run(codes[name], {**stores[floor, name], "do": "page"}).items():
                seen[what][name].append(ms)
        for what, times in seen.items():
            cells = [f"{statistics.median(ms):.2f} [{min(ms):.2f}–{max(ms):.2f}]" for ms in times.values()]
            print(f"| {floor}, {what} | " + " | ".join(cells) + " |", flush=True)


async def _child(task: dict[str, Any]) -> dict[str, Any]:
    from service.kit.db import Database  # noqa: PLC0415
    from service.kit.settings import Settings  # noqa: PLC0415

    folder = Path(task["folder"])
    folder.mkdir(exist_ok=True)
    given = {"data_dir": folder, "database_url": task["url"], "secret_key": "x" * 40, "pool_size": 64}
    settings = Settings.model_validate(given)
    db = Database(settings)
    try:
        acts = {"prepare": _prepare, "vote": _vote, "grow": _grow, "page": _page}
        return await acts[task["do"]](db, settings, task)
    finally:
        await db.close()


async def _prepare(db: Any, settings: Any, task: dict[str, Any]) -> dict[str, Any]:
    """The site, its people, and the threads of each case."""
    from service import identity, sites  # noqa: PLC0415
    from service.kit import migrate  # noqa: PLC0415
    from service.kit.seal import Keeper  # noqa: PLC0415

    await migrate.upgrade(db.engine)
    site = await db.transact(sites.create, "news", "News", ["https://news.test"], {})
    keeper = Keeper.of(settings)

    async def people(tx: Any) -> list[int]:
        return [(await identity.make_guest(tx, keeper, site.id, "")).id for _ in range(PEOPLE)]

    known: dict[str, Any] = {"site": site.id, "people": await db.transact(people)}
    for case, (threads, each) in CASES.items():
        known[case] = [
            comment for number in range(threads) for comment in await _thread(db, site, f"{case} {number}", each, known)
        ]
    (Path(task["folder"]) / "known.json").write_text(json.dumps(known))
    return {}


async def _thread(db: Any, site: Any, name: str, size: int, known: dict[str, Any]) -> list[int]:
    """The ids of the comments of a new thread of so many roots, oldest first."""
    from service import comments, threads  # noqa: PLC0415
    from service.votes import ranking  # noqa: PLC0415

    page = threads.canonical(f"https://news.test/{name.replace(' ', '-')}")
    thread = await db.transact(threads.open_thread, site, page, None, None)
    for batch in range(0, size, 1_000):
        roots = [
            comments.Restored(
                origin=f"{name} {number}", parent=None, thread_id=thread.id, person_id=known["people"][0],
                body="Words " * 30, body_format="markdown", html="<p>" + "Words " * 30 + "</p>", state="published",
                created_at=(at := START + timedelta(seconds=number)), ranks=ranking(0, 0, at),
            )
            for number in range(batch, min(batch + 1_000, size))
        ]  # fmt: skip
        await db.transact(comments.restore_many, site.id, roots)
    found: list[int] = []
    for batch in range(0, size, 500):
        origins = [f"{name} {number}" for number in range(batch, min(batch + 500, size))]
        places = await db.read(comments.places, site.id, origins)
        found += [places[origin].id for origin in origins]
    return found


async def _vote(db: Any, _settings: Any, task: dict[str, Any]) -> dict[str, Any]:
    """Votes for some seconds, so many at once, as the endpoint casts them."""
    from service import comments, identity, threads, votes  # noqa: PLC0415

    known = _known(task)
    voters = await db.read(identity.people, known["people"][1:])
    people = list(voters.values())
    chance = random.Random()
    took: list[float] = []
    end = time.monotonic() + task["seconds"]

    async def act(tx: Any, who: Any, comment_id: int, value: votes.Value) -> None:
        comment = await comments.get(tx, comment_id)
        assert (await threads.get(tx, comment.thread_id)).is_open
        async with tx.together(last=True):
            await votes.cast(tx, who, comment, value)

    async def one() -> None:
        while (begun := time.monotonic()) < end:
            await db.gathered(act, chance.choice(people), chance.choice(known[task["case"]]), chance.choice((-1, 1, 1)))
            took.append(time.monotonic() - begun)

    begun = time.monotonic()
    await asyncio.gather(*(one() for _ in range(task["at_once"])))
    passed = time.monotonic() - begun
    await _check(db, known[task["case"]])
    return {"rate": len(took) / passed, "p99": sorted(took)[int(len(took) * 0.99)] * 1_000}


async def _check(db: Any, comment_ids: list[int]) -> None:
    from sqlalchemy import text  # noqa: PLC0415

    from service import votes  # noqa: PLC0415

    if hasattr(votes, "fold_waiting"):
        await votes.fold_waiting(db)
    query = text(
        "SELECT c.id FROM comment c WHERE"
        " c.up <> (SELECT count(*) FROM vote v WHERE v.comment_id = c.id AND v.value = 1)"
        " OR c.down <> (SELECT count(*) FROM vote v WHERE v.comment_id = c.id AND v.value = -1)"
    )

    async def read(tx: Any) -> list[int]:
        return list((await (await tx.connection()).execute(query)).scalars())

    wrong = set(await db.read(read)) & set(comment_ids)
    assert not wrong, f"counters drifted: {wrong}"


async def _grow(db: Any, _settings: Any, task: dict[str, Any]) -> dict[str, Any]:
    """A large thread, a walk begun in it, and then thousands of votes."""
    from service import comments, identity, sites, votes  # noqa: PLC0415

    known = _known(task)
    site = await db.read(sites.by_id, known["site"])
    made = await _thread(db, site, "large", LARGE, known)
    thread = (await db.read(comments.get, made[0])).thread_id
    known["large"] = thread
    known["quiet"] = (await db.read(comments.level, thread, 0, "best", limit=25)).next_cursor
    people = list((await db.read(identity.people, known["people"][1:1_000])).values())
    chance = random.Random(1)

    async def some(tx: Any) -> None:
        for _ in range(50):
            # Those the reader is about to come to are voted on most; one of them by everybody.
            place = min(int(chance.expovariate(1 / 5_000)), LARGE - 1)
            comment = await comments.get(tx, made[-40] if chance.random() < 0.2 else made[-1 - place])
            await votes.cast(tx, chance.choice(people), comment, chance.choice((-1, 1, 1)))

    for _ in range(VOTES // 50):
        await db.transact(some)
    async with db.engine.connect() as connection:
        await connection.exec_driver_sql("ANALYZE")
        await connection.commit()
    (Path(task["folder"]) / "known.json").write_text(json.dumps(known))
    return {}


async def _page(db: Any, _settings: Any, task: dict[str, Any]) -> dict[str, Any]:
    """The middle of many pages each: of a walk begun before the votes, and of one begun now."""
    known = _known(task)
    from service import comments  # noqa: PLC0415

    thread = known["large"]
    first = await db.read(comments.level, thread, 0, "best", limit=25)
    return {
        "the first": await _median(db, thread, None),
        "of a walk begun now": await _median(db, thread, first.next_cursor),
        f"of a walk begun {VOTES:,} votes ago": await _median(db, thread, known["quiet"]),
    }


async def _median(db: Any, thread: int, cursor: str | None) -> float:
    from service import comments  # noqa: PLC0415
    from service.kit.paging import Cursor  # noqa: PLC0415

    took = []
    for _ in range(120):
        after = Cursor.decode(cursor, thread=thread, under=0, sort="best") if cursor else None
        begun = time.perf_counter()
        page = await db.read(comments.level, thread, 0, "best", limit=25, after=after)
        took.append((time.perf_counter() - begun) * 1_000)
        assert len(page.items) == 25, len(page.items)
        if cursor:
            cursor = page.next_cursor
    return statistics.median(took[20:])


def _known(task: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(task["folder"]) / "known.json").read_text())
    return found


if __name__ == "__main__":
    main()
