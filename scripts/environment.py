"""Makes the virtual environment `.venv` from a lock file: `environment.py run` or `environment.py dev`.

What is installed already is known by a stamp, so that a second call takes no time. Needs nothing but the standard
library: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {
    "run": ROOT / "requirements.lock",
    "dev": ROOT / "requirements-dev.lock",
    "traces": ROOT / "requirements-traces.lock",
    "node": ROOT / "requirements-node.lock",
}
_STAMPS = VENV / "parley-stamps.json"


def ensure(wanted: str) -> None:
    """Make `.venv` hold what the lock `wanted` names, and the command `parley`. Ends the program with a plain word."""
    stamps = _stamps()
    if stamps.get("python") != _interpreter():
        _create()
        stamps = {"python": _interpreter()}
    lock = LOCKS[wanted]
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamps.get(wanted) == digest:
        return
    print(f"Installing what {lock.name} names …", flush=True)
    # Without a stamp while it lasts: an installation that was interrupted is done again.
    _write({name: stamp for name, stamp in stamps.items() if name == "python"})
    _install(lock)
    _command()
    # The locks agree with each other, and "dev" holds all of "run".
    done = {name: hashlib.sha256(LOCKS[name].read_bytes()).hexdigest() for name in _covered_by(wanted)}
    _write(stamps | done)


def _covered_by(wanted: str) -> tuple[str, ...]:
    return ("run", "dev") if wanted == "dev" else (wanted,)


def _interpreter() -> str:
    """What a virtual environment depends on besides its packages, its own place included: it cannot be moved."""
    return f"{platform.python_implementation()} {platform.python_version()} {platform.machine()} {VENV}"


def _create() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(
            f"This Python ({sys.executable}) comes without venv and pip. On Debian and Ubuntu: apt install python3-venv"
            f" (or python{version}-venv). Or name another Python: make PYTHON=/path/to/python3"
        )
    print(f"Making {VENV.name} with Python {platform.python_version()} …", flush=True)
    if VENV.exists():
        shutil.rmtree(VENV)
    _run([_base_python(), "-m", "venv", str(VENV)])


def _base_python() -> str:
    """The interpreter below an activated environment, which may be the very one that is being made anew."""
    below = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    return str(below) if below.exists() else sys.executable


def _install(lock: Path) -> None:
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "-qq"]
    _run([*pip, "install", "--require-hashes", "--requirement", str(lock)])


def _command() -> None:
    """Put this checkout on the environment's path and write `.venv/bin/parley`; nothing is built for that."""
    packages = subprocess.check_output(
        [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    (Path(packages) / "parley-checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    launcher = VENV / "bin" / "parley"
    launcher.write_text(f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -m service.cli "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)


def _stamps() -> dict[str, str]:
    if not PYTHON.exists() or not _STAMPS.exists():
        return {}
    stamps: dict[str, str] = json.loads(_STAMPS.read_text(encoding="utf-8"))
    return stamps


def _write(stamps: dict[str, str]) -> None:
    _STAMPS.write_text(json.dumps(stamps, indent=1), encoding="utf-8")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False)
    if done.returncode:
        sys.exit(f"That failed: {shlex.join(command)}")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        ensure(name)
