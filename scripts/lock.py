"""Writes the lock files anew from `pyproject.toml` and `embed/package.json`: exact versions and hashes, no hosts."""

from __future__ import annotations

import subprocess

import embed
import environment

# For every platform at once, and for the oldest Python we support.
_COMPILE = [
    *("pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--upgrade", "--quiet"),
]
_PARTS = {
    "requirements.lock": ["pyproject.toml"],
    "requirements-traces.lock": ["pyproject.toml", "--extra", "traces"],
    "requirements-dev.lock": ["pyproject.toml", "--group", "dev"],
    "requirements-node.lock": ["--group", "pyproject.toml:node"],
}


def main() -> None:
    """Write them all."""
    environment.ensure("dev")
    for name, part in _PARTS.items():
        command = [str(environment.VENV / "bin" / "uv"), *_COMPILE, *part, "--output-file", name]
        subprocess.run(command, cwd=environment.ROOT, check=True, stdout=subprocess.DEVNULL)
    embed.npm("update", "--package-lock-only", "--no-audit", "--no-fund", needs="build")


if __name__ == "__main__":
    main()
