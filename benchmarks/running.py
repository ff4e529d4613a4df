"""A server under load: started for a part of the run, on a port of its own, gone at its end."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from service.kit.tether import Tethered


@dataclass(frozen=True)
class Running:
    """A server that answers: its address, and the processes to ask about CPU and memory."""

    url: str
    pids: tuple[int, ...]
    seconds: float = 0.0  # from its start to the first answer


@contextlib.contextmanager
def running(
    command: Sequence[str], *, port: int, folder: Path, env: Mapping[str, str], ready: str = "/"
) -> Iterator[Running]:
    """Run a command until the block ends. It is there when `ready` answers anything below 500."""
    log = folder / f"{Path(command[0]).name}-{port}.log"
    start = time.perf_counter()
    child = Tethered([*command], log=log, cwd=folder, env=_clean() | dict(env))
    url = f"http://127.0.0.1:{port}"
    try:
        _await(child, f"{url}{ready}", log)
        yield Running(url, (child.pid,), time.perf_counter() - start)
    finally:
        child.stop()


def require(program: str, package: str) -> str:
    """The path of a program that apt has, brought by it where we may. Ends the run with a plain word otherwise."""
    if (found := shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")) is not None:
        return found
    if os.geteuid() == 0 and (apt := shutil.which("apt-get")) is not None:
        for step in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run([apt, "-qq", *step], check=False, stdout=subprocess.DEVNULL)
        if (found := shutil.which(program)) is not None:
            return found
    raise SystemExit(f"{program} is not there. On Debian and Ubuntu: apt install {package}")


def _await(child: Tethered, url: str, log: Path) -> None:
    end = time.monotonic() + 60
    with httpx.Client(timeout=5, trust_env=False) as client:
        while True:
            if child.returncode is not None:
                raise RuntimeError(f"a server ended before it answered:\n{log.read_text(errors='replace')[-3000:]}")
            with contextlib.suppress(httpx.HTTPError):
                if client.get(url).status_code < 500:
                    return
            if time.monotonic() > end:
                raise RuntimeError(f"no answer from {url}:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.005)


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PARLEY_", "ISSO_"))}
