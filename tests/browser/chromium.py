"""Finding a Chromium that runs, and how the tests start it. `python -m tests.browser.chromium` prints its path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
_PROGRAMS = ("chrome", "headless_shell", "chrome-headless-shell", "Chromium", "Google Chrome for Testing")

# Nothing of it may leave the machine: no name but localhost is resolved, and it does not call home.
_NOWHERE = "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FLAGS = [*_QUIET, f"--host-resolver-rules={_NOWHERE}"]


def flags_with(hosts: Iterable[str], port: int) -> list[str]:
    """The same for a browser to which `hosts` (`*.disqus.com`) lie on a port of this machine, whatever certificate."""
    mapped = ", ".join(f"MAP {host} 127.0.0.1:{port}" for host in hosts)
    return [*_QUIET, f"--host-resolver-rules={mapped}, {_NOWHERE}", "--ignore-certificate-errors"]


def find() -> Path | None:
    """The first Chromium that runs: PARLEY_CHROMIUM and no other if that is set, the PATH, playwright's own."""
    if named := os.environ.get("PARLEY_CHROMIUM"):
        return Path(named) if _runs(Path(named)) else None
    return next((path for path in _candidates() if _runs(path)), None)


def _candidates() -> Iterator[Path]:
    yield from (Path(found) for name in _NAMES if (found := shutil.which(name)))
    caches = [os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""), *_CACHES]
    for cache in (Path(name).expanduser() for name in caches if name):
        yield from (path for path in sorted(cache.glob("chromium*/**/*"), reverse=True) if path.name in _PROGRAMS)


def _runs(path: Path) -> bool:
    # Ubuntu's package is a stub that asks for snap: being there is not enough.
    try:
        asked = subprocess.run([str(path), "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and b"Chrom" in asked.stdout


if __name__ == "__main__":
    print(found := find())  # noqa: T201  # its answer
    sys.exit(found is None)
