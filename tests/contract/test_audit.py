"""What asks for known vulnerabilities tells one that is there from none, and from nobody having been asked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

import audit
import check
from audit import NOT_ASKED, Accepted, Report, Unanswered

TODAY = date(2026, 11, 26)
CHECKS = dict(check.CHECKS)
GHSA = "GHSA-q2x7-8rv6-6q7h"
FAULT = {"id": "PYSEC-2026-1", "fix_versions": ["3.1.6"], "aliases": [GHSA, "CVE-2026-1"], "description": "…"}
NPM = {
    "vulnerabilities": {
        # What depends on it only names it; npm lists both.
        "builder": {"name": "builder", "via": ["minimist"]},
        "minimist": {
            "name": "minimist",
            "via": [
                {
                    "name": "minimist",
                    "title": "Prototype pollution",
                    "severity": "high",
                    "url": f"https://advisories.test/{GHSA}",
                }
            ],
        },
    },
    "metadata": {"dependencies": {"total": 184}},
}


def _pip(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def _clean(name: str = "httpx") -> dict[str, Any]:
    return {"name": name, "version": "0.28.1", "vulns": []}


def _ends(*reports: Report, accepted: list[Accepted] | None = None, must_answer: bool = False) -> tuple[int, str]:
    code, told = audit.judged(reports, accepted or [], [], must_answer=must_answer)
    return code, "\n".join(told)


def test_a_vulnerability_fails_whatever_its_keeper_calls_it() -> None:
    report = audit.of_pip(_pip(_clean(), {"name": "jinja2", "version": "3.1.2", "vulns": [FAULT]}))
    code, told = _ends(report, audit.of_npm(json.dumps({**NPM, "vulnerabilities": {}})))
    assert code == 1
    assert "jinja2 3.1.2 has CVE-2026-1/GHSA-q2x7-8rv6-6q7h/PYSEC-2026-1, mended in 3.1.6" in told
    code, told = _ends(audit.of_pip(_pip(_clean())), audit.of_npm(json.dumps(NPM)))
    assert code == 1
    assert told.count(GHSA) == 1
    assert _ends(audit.of_pip(_pip(_clean(), _clean("lxml")))) == (0, "Python: 2 packages looked at")


def test_what_nobody_looked_at_is_not_called_well() -> None:
    """A mirror that has no advisories: pip-audit itself says "No known vulnerabilities found", and ends with 0."""
    skipped = {"name": "lxml", "skip_reason": "Dependency not found and could not be audited: lxml (6.1)"}
    code, told = _ends(audit.of_pip(_pip(skipped, skipped)))
    assert code == NOT_ASKED
    assert "Python: NOT looked at" in told
    assert "2 of 2" in told
    assert _ends(audit.of_pip(_pip(skipped)), must_answer=True)[0] == 1
    # What is found is found, however much else was not looked at.
    partly = audit.of_pip(_pip(skipped, {"name": "jinja2", "version": "3.1.2", "vulns": [FAULT]}))
    code, told = _ends(partly)
    assert code == 1
    assert "1 of 2" in told
    assert GHSA in told


@pytest.mark.parametrize(
    ("said", "complained"),
    [
        (
            "",
            "ERROR: Could not connect to …\nERROR: Tip: your network may be blocking this service.",
        ),
        ("", "Traceback …\npip_audit._service.interface.ServiceError"),
    ],
)
def test_a_registry_that_is_away_says_nothing(said: str, complained: str) -> None:
    with pytest.raises(Unanswered):
        audit.of_pip(said, complained)


@pytest.mark.parametrize(
    "told",
    [
        {"message": "405 Method Not Allowed - POST …/advisories/bulk", "error": {"summary": "", "detail": ""}},
        {"message": "request to … failed", "error": {"code": "ENOTFOUND"}},
        {"error": {"summary": "away"}},
    ],
)
def test_an_npm_registry_that_is_away_says_nothing(told: dict[str, Any]) -> None:
    with pytest.raises(Unanswered):
        audit.of_npm(json.dumps(told))


def test_what_is_broken_here_is_no_registry_that_is_away() -> None:
    """A lock file that cannot be read is a fault of ours, and may not pass for a bad network."""
    with pytest.raises(RuntimeError, match="hashes"):
        audit.of_pip("", "ERROR: requirements-dev.lock: not every line has hashes")
    with pytest.raises(RuntimeError, match="it said nothing"):
        audit.of_pip("")
    with pytest.raises(RuntimeError, match="loadVirtual"):
        audit.of_npm(json.dumps({"error": {"code": "ENOLOCK", "summary": "loadVirtual requires a lockfile"}}))
    with pytest.raises(RuntimeError):
        audit.of_npm("<html>")


def test_what_is_accepted_is_told_and_does_not_fail() -> None:
    listed = f'[[accepted]]\nid = "{GHSA}"\nreason = "only in the loopback server"\nuntil = 2026-12-24\n'
    accepted, faults = audit.accepted_in(listed, TODAY)
    assert faults == []
    report = audit.of_pip(_pip({"name": "jinja2", "version": "3.1.2", "vulns": [FAULT]}))
    code, told = _ends(report, accepted=accepted)
    assert code == 0
    assert "accepted until 2026-12-24: only in the loopback server" in told


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (f'id = "{GHSA}"\nreason = "x"\nuntil = 2026-11-25', "to be looked at again"),
        (f'id = "{GHSA}"\nreason = "x"\nuntil = 2027-11-25', "more than 180 days"),
        (f'id = "{GHSA}"\nreason = " "\nuntil = 2026-12-24', "needs an id, a reason and the day"),
        (f'id = "{GHSA}"\nreason = "x"', "needs an id, a reason and the day"),
        (f'id = "{GHSA}"\nreason = "x"\nuntil = "soon"', "needs an id, a reason and the day"),
        ('reason = "x"\nuntil = 2026-12-24', "needs an id, a reason and the day"),
    ],
)
def test_nothing_is_accepted_for_ever_or_without_a_reason(entry: str, fault: str) -> None:
    accepted, faults = audit.accepted_in(f"[[accepted]]\n{entry}\n", TODAY)
    assert accepted == []
    assert len(faults) == 1
    assert fault in faults[0]
    assert audit.judged([], accepted, faults, must_answer=False)[0] == 1


def test_the_list_of_this_repository_can_be_read() -> None:
    audit.accepted_in(audit.ACCEPTED.read_text("utf-8"), datetime.now(UTC).date())


def test_make_check_tells_that_nobody_was_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not fail for that, and does not say "ok" either."""
    monkeypatch.setattr(check.environment, "ensure", lambda _: None)
    monkeypatch.setattr(check.embed, "build", lambda: None)
    program = "import sys; print('npm: NOT looked at'); sys.exit({})"
    for code, ends, mark in ((NOT_ASKED, 0, "note"), (1, 1, "FAIL"), (0, 0, "ok  ")):
        monkeypatch.setattr(check, "CHECKS", {"audit": ["python", "-c", program.format(code)]})
        assert check.main() == ends
        said = capsys.readouterr().out
        assert said.startswith(f"{mark} audit")
        assert ("npm: NOT looked at" in said) == (code != 0)
    assert ["python", "scripts/audit.py"] in CHECKS.values()
