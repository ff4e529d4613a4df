"""Fails when something that looks like a secret is in the repository: keys, tokens, passwords in addresses.

What is meant to be read there (the tests' own secrets, examples) says so by its words; nothing is looked up outside.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The forms in which providers hand out what must stay secret, and our own.
FORMS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*\n[A-Za-z0-9+/=\s]{80,}",
    "a key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    "a token of Slack": r"\bxox[abprs]-[0-9A-Za-z-]{20,}",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a key of Stripe": r"\b[rs]k_live_[0-9A-Za-z]{20,}",
    "a JWT": r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}",
    "a password in an address": r"\b[a-z][a-z0-9+]{2,12}://[^\s:/@'\"`<>{}$]+:(?P<secret>[^\s:/@'\"`<>{}$]{6,})@[a-z0-9]",
    "a secret that is set": r"(?i)\b(?:PARLEY_SECRET_KEY|PARLEY_METRICS_TOKEN|client_secret)\s*[=:]\s*[\"']?(?P<secret>"
    r"[A-Za-z0-9+/_=-]{24,})",
}
# What is plainly none: words of an example.
_EXAMPLE = re.compile(r"(?i)password|secret|example|change|test|your|dummy|token|xxx|p%40ss|…|\.\.\.")
_NOT_OURS = {".git", ".venv", "node_modules", "static", "var", "dist", ".mypy_cache", ".ruff_cache"}
_BINARY = {".png", ".woff2", ".ico", ".gz", ".br", ".lock"}


def found_in(text: str) -> Iterator[str]:
    """What looks like a secret in a text, without saying the secret."""
    for what, form in FORMS.items():
        for match in re.finditer(form, text):
            secret = match.groupdict().get("secret")
            if secret is None or not _EXAMPLE.search(secret):
                yield f"line {text.count(chr(10), 0, match.start()) + 1}: {what}"


def names() -> list[str]:
    """All that git has; where there is no git, all that was not built or installed."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)  # noqa: S607
        found = listed.stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        found = [str(path) for path in paths if not _NOT_OURS & set(path.parts)]
    return [name for name in found if name and Path(name).suffix not in _BINARY and (ROOT / name).is_file()]


def main() -> int:
    """Look through them; 1 when something was found."""
    looked_at = names()
    found = [
        f"{name}, {fault}"
        for name in looked_at
        for fault in found_in((ROOT / name).read_text("utf-8", errors="replace"))
    ]
    print("\n".join(found) if found else f"{len(looked_at)} files hold no secret")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
