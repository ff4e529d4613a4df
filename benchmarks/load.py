"""Load by wrk: keep-alive connections to a server on this machine, for some seconds."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import cpu_seconds

_REPORT = Path(__file__).with_name("report.lua").read_text()


class NoLoad(RuntimeError):
    """There is no wrk. On Debian and Ubuntu: apt install wrk nginx-light."""


@dataclass(frozen=True)
class Sample:
    """What one round gave. Times are milliseconds; CPU is microseconds per answer, of the server and of its stores.

    Answers are those that did what was asked; what was `refused` (503: come again in so many seconds) is counted apart.
    """

    per_second: float
    p50: float
    p99: float
    cpu: float
    store_cpu: float
    bytes: float
    answers: int
    refused: int = 0

    @property
    def refused_share(self) -> float:
        """Of all that was asked."""
        return self.refused / max(1, self.answers + self.refused)

    @property
    def whole_cpu(self) -> float:
        """Microseconds of server and stores together."""
        return self.cpu + self.store_cpu

    @property
    def tail(self) -> float:
        """p99 to p50."""
        return self.p99 / self.p50 if self.p50 else math.inf


def read(
    url: str,
    pids: Sequence[int],
    *,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    stores: Sequence[int] = (),
) -> Sample:
    """GET the same address over and over from the server whose processes are `pids`, those of its database `stores`.

    Raises RuntimeError when an answer was not 2xx or 3xx.
    """
    return _run(url, pids, stores, _REPORT, connections=connections, seconds=seconds, headers=headers or {})


def write(
    url: str, pids: Sequence[int], script: str, *, connections: int, seconds: float, stores: Sequence[int] = ()
) -> Sample:
    """Send what the Lua of `script` makes. Raises RuntimeError when an answer was neither 2xx nor 3xx nor 503.

    Whoever is refused (503) comes again when the answer says, as the frame does.
    """
    return _run(url, pids, stores, script + _REPORT, connections=connections, seconds=seconds, headers={})


def _run(
    url: str,
    pids: Sequence[int],
    stores: Sequence[int],
    script: str,
    *,
    connections: int,
    seconds: float,
    headers: Mapping[str, str],
) -> Sample:
    if not url.startswith("http://127.0.0.1:"):
        raise ValueError("load goes to this machine only")
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NoLoad(NoLoad.__doc__)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = [wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", "-s", file.name]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        before, below = cpu_seconds(pids), cpu_seconds(stores)
        done = subprocess.run([*command, url], capture_output=True, text=True, check=True, timeout=seconds + 60)
        used, used_below = cpu_seconds(pids) - before, cpu_seconds(stores) - below
    said = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    if said["bad"]:
        raise RuntimeError(f"{said['bad']} of {said['answers']} answers of {url} were errors")
    good = said["answers"] - said["refused"]
    answers = max(1, good)
    return Sample(
        per_second=good / said["seconds"],
        p50=said["p50"],
        p99=said["p99"],
        cpu=used / answers * 1e6,
        store_cpu=used_below / answers * 1e6,
        bytes=said["bytes"] / answers,
        answers=good,
        refused=said["refused"],
    )
