"""Asks the package registries which faults are known of what our lock files name, for Python and for npm.

Ends with 0 when none is known, 1 when one is, 75 when no registry could be asked: that is told in plain words and
stops nobody, unless PARLEY_REQUIRE_AUDIT=1 says that it must. What is known and accepted for a while stands in
`scripts/audit_accepted.toml`, with its reason and the day on which it is looked at again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import embed
import environment

NOT_ASKED = 75  # EX_TEMPFAIL of sysexits.h: nothing is wrong that we know of, and nothing is known to be right
ACCEPTED = environment.ROOT / "scripts" / "audit_accepted.toml"
_LONGEST = timedelta(days=180)  # for which something may be accepted without another look
_SECONDS = 240
_PIP = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "15"]
# What pip-audit says when nobody answers; anything else it stops at is a fault of ours.
_UNREACHED = ("your network may be blocking", "Could not connect", "ServiceError", "ConnectionError", "timed out")
_NPM_BROKEN = {"ENOLOCK", "EJSONPARSE", "EUSAGE"}  # our own files, and no registry


class Unanswered(Exception):
    """The registry did not say what is known; the message says why not."""


@dataclass(frozen=True)
class Advisory:
    """What is known of one package; `ids` are its names with different keepers of such lists."""

    package: str
    ids: frozenset[str]
    about: str


@dataclass(frozen=True)
class Accepted:
    """An advisory that the team lives with until a day, and why."""

    id: str
    reason: str
    until: date


@dataclass(frozen=True)
class Report:
    """What one registry said; `unanswered` says why it said nothing, or not all."""

    of: str
    looked_at: int = 0
    found: tuple[Advisory, ...] = ()
    unanswered: str = ""


def of_pip(said: str, complained: str = "") -> Report:
    """The report in what pip-audit printed. Raises Unanswered, and RuntimeError when it stopped at something else.

    A mirror without advisories answers 404 for each package, which pip-audit calls "no known vulnerabilities": one that
    was skipped has been looked at by nobody.
    """
    try:
        packages: list[dict[str, Any]] = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        last = complained.strip().splitlines()[-1:] or ["it said nothing"]
        if any(words in complained for words in _UNREACHED):
            raise Unanswered(last[0]) from error
        raise RuntimeError(f"pip-audit: {last[0]}") from error
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    why = f"nothing is told of {len(skipped)} of {len(packages)} packages ({skipped[0]} …)" if skipped else ""
    found = [
        Advisory(
            f"{each['name']} {each['version']}", frozenset([fault["id"], *fault.get("aliases", [])]), _about(fault)
        )
        for each in packages
        for fault in each.get("vulns", [])
    ]
    return Report("Python", len(packages) - len(skipped), tuple(found), why)


def _about(fault: dict[str, Any]) -> str:
    versions = ", ".join(fault.get("fix_versions") or ["no version yet"])
    return f"mended in {versions}"


def of_npm(said: str) -> Report:
    """The report in what `npm audit --json` printed. Raises Unanswered, and RuntimeError for what is no report."""
    try:
        told = json.loads(said)
    except ValueError as error:
        raise RuntimeError(f"npm audit: {said.strip()[:200] or 'it said nothing'}") from error
    if "error" in told or "vulnerabilities" not in told:
        fault = told.get("error") or {}
        why = str(told.get("message") or fault.get("summary") or "no report")
        if fault.get("code") in _NPM_BROKEN:
            raise RuntimeError(f"npm audit: {why}")
        raise Unanswered(why)
    # Who only depends on what is at fault names it by a word; what is at fault is told whole.
    found = {
        via["url"]: Advisory(via["name"], frozenset({_id_of(via["url"])}), f"{via['severity']}: {via['title']}")
        for package in told["vulnerabilities"].values()
        for via in package["via"]
        if isinstance(via, dict)
    }
    return Report("npm", told["metadata"]["dependencies"]["total"], tuple(found.values()))


def _id_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def accepted_in(text: str, today: date) -> tuple[list[Accepted], list[str]]:
    """What is accepted in the repository's list, and what is wrong with that list."""
    entries, faults = [], []
    for entry in tomllib.loads(text).get("accepted", []):
        name, until = str(entry.get("id", "")), entry.get("until")
        if not name or not str(entry.get("reason", "")).strip() or type(until) is not date:
            faults.append(f"accepted: {name or 'an entry'} needs an id, a reason and the day `until` which it holds")
        elif until < today:
            faults.append(f"accepted: {name} was to be looked at again on {until}")
        elif until - today > _LONGEST:
            faults.append(f"accepted: {name} is accepted for more than {_LONGEST.days} days")
        else:
            entries.append(Accepted(name, entry["reason"], until))
    return entries, faults


def judged(
    reports: Sequence[Report], accepted: Sequence[Accepted], faults: Sequence[str], *, must_answer: bool
) -> tuple[int, list[str]]:
    """How this ends, and what is to be told."""
    by_id = {each.id: each for each in accepted}
    code, told = (1 if faults else 0), list(faults)
    for report in reports:
        if report.looked_at:
            told.append(f"{report.of}: {report.looked_at} packages looked at")
        if report.unanswered:
            told.append(f"{report.of}: NOT looked at, the registry does not say what is known: {report.unanswered}")
            code = code or (1 if must_answer else NOT_ASKED)
        for fault in report.found:
            known = next((by_id[name] for name in sorted(fault.ids) if name in by_id), None)
            names = "/".join(sorted(fault.ids))
            how = f"accepted until {known.until}: {known.reason}" if known else fault.about
            told.append(f"{report.of}: {fault.package} has {names}, {how}")
            code = code if known else 1
    return code, told


def _asked_pip() -> Report:
    program = shutil.which("pip-audit", path=str(environment.VENV / "bin"))
    if program is None:
        raise RuntimeError("pip-audit is not in .venv: is it in requirements-dev.lock?")
    locks = [word for lock in environment.LOCKS.values() for word in ("--requirement", str(lock))]
    said = _run([program, *locks, *_PIP], environment.ROOT, dict(os.environ))
    return of_pip(said.stdout, said.stderr)


def _asked_npm() -> Report:
    node = embed.environment_with_node()
    program = shutil.which("npm", path=node["PATH"]) or "npm"
    return of_npm(_run([program, "audit", "--json", "--package-lock-only"], embed.EMBED, node).stdout)


def _run(command: list[str], folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise Unanswered(f"no answer within {_SECONDS} s") from error


def main() -> int:
    """Ask both, and tell."""
    reports, faults = [], list[str]()
    for of, asked in (("Python", _asked_pip), ("npm", _asked_npm)):
        try:
            reports.append(asked())
        except Unanswered as unanswered:
            reports.append(Report(of, unanswered=str(unanswered)))
        except RuntimeError as broken:
            faults.append(str(broken))
    accepted, wrong = accepted_in(ACCEPTED.read_text("utf-8"), datetime.now(UTC).date())
    must_answer = os.environ.get("PARLEY_REQUIRE_AUDIT", "") not in {"", "0"}
    code, told = judged(reports, accepted, [*faults, *wrong], must_answer=must_answer)
    print("\n".join(told))
    return code


if __name__ == "__main__":
    sys.exit(main())
