"""How soon the last of many listeners hears of a new comment, and what a listener costs.

    python benchmarks/live.py [--listeners 1000] [--comments 40] [--every 0.25]

Starts a server of its own on this machine (the embedded floor, or the stores that PARLEY_DATABASE_URL and
PARLEY_REDIS_URL name), opens the connections, posts, and prints a table. Ends by itself, with everything it started.

Memory is the growth of the server's resident set from the first listener to the last, without the kernel's socket
buffers. Times are from the moment a comment is sent to the moment its event has been read by a listener, all on one
machine: the reader of the 1,000 connections takes its share of the same processors.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SITE, PAGE = "bench", "https://bench.example/article"
OPEN: dict[str, dict[str, Any]] = {
    "screening": {"hold_first_comments": False},
    "limits": {
        act: {"address": ["100000/s"], "thread": ["100000/s"], "site": ["100000/s"]} for act in ("post", "live")
    },
}


def main() -> None:
    """Measure and print."""
    told = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    told.add_argument("--listeners", type=int, default=1000)
    told.add_argument("--comments", type=int, default=40)
    told.add_argument("--every", type=float, default=0.25, help="seconds between two comments")
    told.add_argument("--slow", type=int, default=10, help="further listeners that never read")
    asked = told.parse_args()
    _raise_limit(asked.listeners + asked.slow + 100)
    with _server(asked.listeners + asked.slow) as (pid, url):
        asyncio.run(_measure(pid, url, asked))


async def _measure(pid: int, url: str, asked: argparse.Namespace) -> None:
    thread = _post(url, "first", None)["comment"]["thread"]
    crowd = Crowd(url, thread)
    await crowd.join(5)  # what only the first listeners cost is not each one's
    before = _resident(pid)
    await crowd.join(asked.listeners - 5)
    each = (_resident(pid) - before) / (asked.listeners - 5)
    slow = [await crowd.idle() for _ in range(asked.slow)]
    cpu = _cpu(pid)
    for number in range(asked.comments):
        await crowd.comment(f"comment {number}")
        await asyncio.sleep(asked.every)
    await crowd.all_heard(asked.comments, seconds=30)
    cpu = (_cpu(pid) - cpu) / asked.comments
    last = [max(times) for times in crowd.times.values()]
    every = [one for times in crowd.times.values() for one in times]
    for _, writer in slow:
        writer.close()
    print(f"{asked.listeners} listeners, {asked.slow} more that never read; {asked.comments} comments,", end=" ")
    print(f"one each {asked.every} s")
    print(f"  memory of a listener             {each / 1000:8.1f} kB")
    print(f"  processor time of a comment      {cpu * 1000:8.1f} ms (post, event, {asked.listeners} deliveries)")
    print("  from post to event               p50        p99        max")
    print(f"    a listener                {_row(every)}")
    print(f"    the last listener         {_row(last)}")
    print(f"  events heard                     {len(every)} of {asked.listeners * asked.comments}")
    crowd.leave()


class Crowd:
    """Listeners on raw sockets, so that reading them costs as little as it can."""

    def __init__(self, url: str, thread: str) -> None:
        self._host, _, port = url.removeprefix("http://").partition(":")
        self._port, self._url, self._thread = int(port), url, thread
        self._tasks: list[asyncio.Task[None]] = []
        self._sent: dict[str, float] = {}
        self._early: dict[str, list[float]] = {}
        self.times: dict[str, list[float]] = {}

    async def idle(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open one connection and have its answer begin."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        path = f"/api/v1/threads/{self._thread}/events"
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        await reader.readuntil(b'"hello"')
        return reader, writer

    async def join(self, number: int) -> None:
        """Open connections, 50 at a time."""
        for start in range(0, number, 50):
            opened = await asyncio.gather(*[self.idle() for _ in range(min(50, number - start))])
            self._tasks += [asyncio.create_task(self._hear(*one)) for one in opened]

    async def comment(self, body: str) -> None:
        """Post, and note when."""
        at = time.perf_counter()
        made = await asyncio.to_thread(_post, self._url, body, self._thread)
        comment = made["comment"]["id"]
        self._sent[comment] = at
        self.times[comment] = [heard - at for heard in self._early.pop(comment, [])]

    async def all_heard(self, comments: int, *, seconds: float) -> None:
        """Wait until everybody has heard everything, or the time is over."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            if sum(map(len, self.times.values())) >= comments * len(self._tasks):
                return
            await asyncio.sleep(0.05)

    def leave(self) -> None:
        """Close all."""
        for task in self._tasks:
            task.cancel()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                line = await reader.readuntil(b"\n")
                if not line.startswith(b'data: {"type":"posted"'):
                    continue
                heard, comment = time.perf_counter(), json.loads(line[6:])["comment"]
                if comment in self._sent:
                    self.times[comment].append(heard - self._sent[comment])
                else:  # the event was here before the answer to the post
                    self._early.setdefault(comment, []).append(heard)
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


def _row(times: Sequence[float]) -> str:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return "".join(f"{one * 1000:8.0f} ms" for one in (statistics.median(ordered), p99, ordered[-1]))


def _post(url: str, body: str, thread: str | None) -> dict[str, Any]:
    where = {"thread": thread} if thread else {"url": PAGE}
    data = json.dumps({"site": SITE, "body": body, "author": {"name": "Bench"}, **where}).encode()
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/api/v1/comments", data, {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.load(connection.getresponse())
        return answer


@contextlib.contextmanager
def _server(most: int) -> Iterator[tuple[int, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="parley-live-") as folder:
        env = {
            **os.environ,
            "PARLEY_DATA_DIR": folder,
            "PARLEY_PORT": str(port),
            "PARLEY_LIVE_PER_ADDRESS": str(most + 10),
            "PARLEY_LIVE_LISTENERS": str(most + 10),
            "PARLEY_WORKER_IN_SERVER": "true",
            "PARLEY_LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "service.cli"]
        for args in (["migrate"], ["site", "add", SITE, "https://bench.example"]):
            subprocess.run([*command, *args], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        for section, values in OPEN.items():
            for name, value in values.items():
                text = json.dumps(value)
                subprocess.run(
                    [*command, "site", "set", SITE, f"{section}.{name}", text],
                    cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL,
                )  # fmt: skip
        server = subprocess.Popen([*command, "serve"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
        try:
            _wait(port)
            yield server.pid, f"http://127.0.0.1:{port}"
            server.send_signal(signal.SIGTERM)
            at = time.perf_counter()
            server.wait(20)
            print(f"  the server ended {time.perf_counter() - at:.1f} s after SIGTERM")
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()


def _wait(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2):
            return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _raise_limit(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


if __name__ == "__main__":
    main()
