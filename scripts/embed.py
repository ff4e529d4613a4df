"""Builds the embed into `service/static` when its sources have changed; `embed.py SCRIPT…` runs its npm scripts.

Node comes from the machine where it is new enough, otherwise from a wheel. Needs nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import environment

EMBED = environment.ROOT / "embed"
STATIC = environment.ROOT / "service" / "static"
_MODULES = EMBED / "node_modules"
_OLDEST_NODE = (20, 19)


def build() -> None:
    """Make `service/static` what the sources say. Ends the program when that fails."""
    sources = _digest(path for path in sorted(EMBED.rglob("*")) if "node_modules" not in path.parts and path.is_file())
    stamp = environment.VENV / "parley-embed-stamp"
    if (STATIC / "manifest.json").exists() and _read(stamp) == sources:
        return
    print("Building the embed …", flush=True)
    npm("run", "--silent", "build", needs="build")
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(sources, encoding="utf-8")


def npm(*command: str, needs: Literal["build", "all"] = "all") -> None:
    """Run npm in `embed/` with the packages of its lock file. Ends the program when it fails.

    Building needs few of them; linting and testing need all, which take far more time and room.
    """
    node = environment_with_node()
    lock = _digest([EMBED / "package-lock.json"])
    stamp = _MODULES / ".parley-stamp"
    if _read(stamp) not in {f"{needs} {lock}", f"all {lock}"}:
        fewer = ["--omit=dev"] if needs == "build" else []
        _npm(["ci", "--no-audit", "--no-fund", "--loglevel=error", *fewer], node, stdout=subprocess.DEVNULL)
        _MODULES.mkdir(exist_ok=True)
        stamp.write_text(f"{needs} {lock}", encoding="utf-8")
    _npm(list(command), node)


def _npm(command: list[str], node: dict[str, str], stdout: int | None = None) -> None:
    # Looked up on the PATH that npm itself will see.
    program = shutil.which("npm", path=node["PATH"]) or "npm"
    if subprocess.run([program, *command], cwd=EMBED, env=node, stdout=stdout, check=False).returncode:
        sys.exit(f"That failed: npm {' '.join(command)} (in embed/)")


def environment_with_node() -> dict[str, str]:
    """The environment variables under which `node` and `npm` are found."""
    if not _is_new_enough():
        environment.ensure("node")
    # The wheel's programs lie in .venv/bin; a machine's own come first where they will do.
    path = os.environ.get("PATH", os.defpath)
    wheel = str(environment.VENV / "bin")
    return {
        # The wheel's Node brings certificates of its own; behind a company's proxy the machine's are needed.
        "NODE_USE_SYSTEM_CA": "1",
        **os.environ,
        "PATH": f"{path}:{wheel}" if _is_new_enough() else f"{wheel}:{path}",
    }


def _is_new_enough() -> bool:
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    asked = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)  # noqa: S607  # the user's
    version = re.match(r"v(\d+)\.(\d+)\.", asked.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= _OLDEST_NODE


def _read(stamp: Path) -> str:
    return stamp.read_text(encoding="utf-8") if stamp.exists() else ""


def _digest(files: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in files:
        found.update(f"{path.relative_to(EMBED)}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


if __name__ == "__main__":
    if sys.argv[1:]:
        for script in sys.argv[1:]:
            npm("run", "--silent", script)
    else:
        build()
