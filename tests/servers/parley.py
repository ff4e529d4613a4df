"""Parley itself as processes: the real command on real ports, for stories that need more than one or a real socket."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers.waiting import until

_numbers = itertools.count(1)
ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret that only the tests know, long enough"


@dataclass
class Process:
    """One running `parley`."""

    popen: subprocess.Popen[bytes]
    url: str
    log: Path

    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    def stop(self, number: int = signal.SIGTERM, timeout: float = 20) -> int:
        """Send a signal and wait; the exit code."""
        self.popen.send_signal(number)
        return self.popen.wait(timeout)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def parley(
    *args: str, folder: Path, port: int | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run `parley ARGS` in `folder`; when it has a port, wait until it is ready. Killed at the end if still there."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
    settings = {"PARLEY_DATA_DIR": str(folder / "var"), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    if port is not None:
        settings["PARLEY_PORT"] = str(port)
    log = folder / f"{next(_numbers)}.log"
    with log.open("wb") as out:
        popen = subprocess.Popen(
            [sys.executable, "-m", "service.cli", *args],
            cwd=folder,
            env={**clean, **settings, **(env or {})},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = Process(popen, f"http://127.0.0.1:{port}", log)
    try:
        if port is not None:
            until(lambda: _is_ready(process), f"{args} to be ready", seconds=60)
        yield process
    finally:
        if popen.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(popen.pid, signal.SIGKILL)
            popen.wait(10)


def _is_ready(process: Process) -> bool:
    if process.popen.poll() is not None:
        raise RuntimeError(f"parley ended with {process.popen.returncode}:\n{process.output()}")
    try:
        return httpx.get(f"{process.url}/readyz", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
