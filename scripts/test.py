"""All tests: the embed's, then the service's on both floors and in a browser.

`test.py ARGUMENTS…` hands them to pytest. With CI=true or PARLEY_REQUIRE_BROWSER=1 nothing may be left out: no browser
is an error, and a skipped test has failed.

A few tests that failed in the whole run are run once more, by themselves: three workers with servers of their own on
two cores keep each other waiting, and what fails only then says more of the machine than of Parley (decision 66).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import embed
import environment

_MOST_AGAIN = 5  # failures; more are no accident
_TESTS_FAILED = 1  # pytest's exit code for this; others are no results
_FAILED = environment.ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
STRICT = os.environ.get("CI", "").lower() in {"1", "true"} or os.environ.get("PARLEY_REQUIRE_BROWSER") == "1"


def main(arguments: list[str]) -> int:
    """Run them; the exit code of what failed."""
    environment.ensure("dev")
    embed.build()
    left_out = [] if _has_browser() or _gets_browser() else ["the browser tests: there is no Chromium"]
    if left_out and STRICT:
        print(_loud("Not tested at all: there is no Chromium, and nothing may be left out here."))
        return 1
    embed_failed = _fails_in_embed()
    code = _pytest(arguments)
    if embed_failed:
        print(_loud(embed_failed))
    if left_out:
        how = "Install Chromium (Debian: apt install chromium), or name one with PARLEY_CHROMIUM."
        print(_loud(f"LEFT OUT: {'; '.join(left_out)}.", how))
    return code or int(bool(embed_failed))


def _fails_in_embed() -> str:
    # Not the end of the run: one broken thing must not hide another.
    try:
        embed.npm("run", "--silent", "test")
    except SystemExit as failure:
        return str(failure)
    return ""


def _pytest(arguments: list[str]) -> int:
    if arguments:
        return _run(arguments)
    _FAILED.unlink(missing_ok=True)
    # Three workers on two cores: what kills servers waits for them most of its time. Who is done takes from who is not.
    code = _run(["-n", "3", "--dist", "worksteal"])
    failed = _failed() if code == _TESTS_FAILED else []
    if not 0 < len(failed) <= _MOST_AGAIN:
        return code
    print(_loud("Once more, by themselves:", *failed), flush=True)
    again = _run(["--last-failed", "--last-failed-no-failures", "none"])
    if not again:
        print(_loud("FAILED in the whole run and passed by themselves; look at them:", *failed))
    return again


def _failed() -> list[str]:
    """The tests that failed in the last run, as pytest keeps them; none when it could not."""
    try:
        return sorted(json.loads(_FAILED.read_text()))
    except (OSError, ValueError):
        return []


def _run(arguments: list[str]) -> int:
    command = [str(environment.PYTHON), "-m", "pytest", "-p", "tests.no_skips"]
    strict = ["--no-skips"] if STRICT else []
    return subprocess.run(
        [*command, *strict, *arguments], cwd=environment.ROOT, env=_with_a_driver(), check=False
    ).returncode


def _with_a_driver() -> dict[str, str]:
    """The environment in which playwright starts: its own Node wants libatomic, which a bare machine has not."""
    asked = [str(environment.PYTHON), "-m", "playwright", "--version"]
    if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
        return dict(os.environ)
    node = embed.environment_with_node()
    return {"PLAYWRIGHT_NODEJS_PATH": shutil.which("node", path=node["PATH"]) or "node", **os.environ}


def _has_browser() -> bool:
    command = [str(environment.PYTHON), "-m", "tests.browser.chromium"]
    return subprocess.run(command, cwd=environment.ROOT, stdout=subprocess.DEVNULL, check=False).returncode == 0


def _gets_browser() -> bool:
    """Try playwright's own, which needs no root, and then apt, where we may."""
    if named := os.environ.get("PARLEY_CHROMIUM"):
        print(f"PARLEY_CHROMIUM={named} does not run.")
        return False
    print("There is no Chromium here. Trying to get one …", flush=True)
    ways = [[str(environment.PYTHON), "-m", "playwright", "install", "chromium", "--only-shell"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways += [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium", "fonts-dejavu-core"]]
    for way in ways:
        try:
            subprocess.run(way, env=_with_a_driver(), check=False, timeout=300, capture_output=True)
        except subprocess.TimeoutExpired:
            continue
        if _has_browser():
            return True
    return False


def _loud(*lines: str) -> str:
    bar = "!" * max(map(len, lines))
    return "\n".join(["", bar, *lines, bar, ""])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
