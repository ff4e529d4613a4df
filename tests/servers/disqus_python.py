"""Disqus's own Python client, from its package, whose hash is checked. Nothing of it is in this repository.

It was written for Python 2. What is run is what Python's own `lib2to3` makes of its files: other names of the standard
library, and nothing of what it does. Its set-up asks for nose, whether tests are to be run or not.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

_PACKAGE = "disqus-python==0.4.2"
_HASH = "aac773ab21fdea9e525de3e43bab6714899575f8fdccb70d31688fe6bc68020f"
_BESIDE = Path(__file__).with_suffix(".txt")
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")


class Unreachable(Exception):
    """The package cannot be had: no registry answers, or this Python cannot read Python 2 any more."""


def client_in(kept: Path) -> Path:
    """A folder to import `disqusapi` from, made in `kept` unless it is there. Raises Unreachable."""
    made = kept / _HASH[:16]
    if made.exists():
        return made
    if importlib.util.find_spec("lib2to3") is None:
        raise Unreachable("this Python has no lib2to3; 3.12 was the last one that had")
    with TemporaryDirectory(dir=kept) as folder:
        _make(Path(folder) / "made", Path(folder))
        shutil.move(Path(folder) / "made", made)
    return made


def _make(made: Path, folder: Path) -> None:
    pure = ("--only-binary", ":all:", "--platform", "any", "--require-hashes", "--requirement", str(_BESIDE))
    _run(*_PIP, "install", "--no-deps", "--target", str(made), *pure)
    _run(
        *_PIP,
        *("download", "--no-deps", "--no-build-isolation", "--no-binary", "disqus-python"),
        *("--dest", str(folder), _PACKAGE),
        path=made,
    )
    (source,) = folder.glob("*.tar.gz")
    if hashlib.sha256(source.read_bytes()).hexdigest() != _HASH:
        raise AssertionError(f"{source.name} is not the file that was looked at")
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.glob("disqus-python-*/disqusapi")
    shutil.copytree(unpacked, made / "disqusapi", ignore=shutil.ignore_patterns("tests.py"))
    _run(sys.executable, "-W", "ignore", "-m", "lib2to3", "-w", "-n", str(made / "disqusapi"))


def _run(*command: str, path: Path | None = None) -> None:
    env = {**os.environ, "PYTHONPATH": str(path)} if path is not None else None
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise Unreachable(f"{command[3] if len(command) > 3 else command[0]}: {done.stderr[-600:]}")
