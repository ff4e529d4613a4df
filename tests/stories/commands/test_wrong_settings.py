"""Whoever has written a setting wrongly is told which one and how it should look, not where in the code it was met."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.parley import ROOT, SECRET

# Much is asked, one thing after the other, while other tests take the processors.
pytestmark = pytest.mark.timeout(300)

_STORES = {
    "PARLEY_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/x",
    "PARLEY_REDIS_URL": "redis://127.0.0.1:9",
    "PARLEY_SECRET_KEY": SECRET,
}
_NO_SECRET = {name: value for name, value in _STORES.items() if name != "PARLEY_SECRET_KEY"}
_SERVE = ("serve", "--port", "0")
# What is run, with which variables, and a word that must be said.
CASES: tuple[tuple[tuple[str, ...], dict[str, str], str], ...] = (
    (("migrate",), {"PARLEY_DATABASE_URL": "mysql://x"}, "PARLEY_DATABASE_URL: must begin with postgresql://"),
    (("migrate",), {"PARLEY_DATABASE_URL": "postgresql://u:p@h@host:x/db"}, "PARLEY_DATABASE_URL: this is no address"),
    (("migrate",), _STORES, "cannot be reached"),
    (("migrate",), {**_STORES, "PARLEY_DATABASE_URL": "postgresql://no-such-host.invalid/x"}, "cannot be reached"),
    (("site", "list"), _STORES, "cannot be reached"),
    (_SERVE, {**_STORES, "PARLEY_DATABASE_URL": "postgresql://u:p@host:port/db"}, "PARLEY_DATABASE_URL: this is no"),
    (_SERVE, {"PARLEY_REDIS_URL": "redis://host:port"}, "PARLEY_REDIS_URL: this is no address"),
    (_SERVE, {"PARLEY_REDIS_URL": "http://host"}, "PARLEY_REDIS_URL: must begin with redis://"),
    (("worker",), {"PARLEY_REDIS_URL": "redis+sentinel://host:26379"}, "PARLEY_REDIS_URL: name the service"),
    (("worker",), {}, "PARLEY_REDIS_URL is not set"),
    (_SERVE, {"PARLEY_DATA_DIR": "/dev/null/x"}, "/dev/null/x: Not a directory"),
    (("migrate",), {"PARLEY_DATA_DIR": "/dev/null"}, "/dev/null: File exists"),
    (_SERVE, {"PARLEY_SECRET_KEY": "short"}, "PARLEY_SECRET_KEY must have at least 32 characters"),
    (_SERVE, _NO_SECRET, "PARLEY_SECRET_KEY is not set"),
    (("worker",), _NO_SECRET, "PARLEY_SECRET_KEY is not set"),
    (("backup", "-"), _NO_SECRET, "PARLEY_SECRET_KEY is not set"),
    (_SERVE, {"PARLEY_OIDC_PROVIDERS": "not json"}, "PARLEY_OIDC_PROVIDERS: Expecting value"),
    (_SERVE, {"PARLEY_OIDC_PROVIDERS": '[{"id": "google"}]'}, "PARLEY_OIDC_PROVIDERS: there is no 'client_id' in it"),
    (_SERVE, {"PARLEY_TRUSTED_PROXIES": "0.0.0.0/0"}, "a catch-all network is refused"),
    (_SERVE, {"PARLEY_SMTP_URL": "nonsense"}, "PARLEY_SMTP_URL must look like"),
    (_SERVE, {"PARLEY_MAIL_FROM": "nobody"}, "PARLEY_MAIL_FROM: must be an address such as"),
    (_SERVE, {"PARLEY_HOST": "no-such-host.invalid"}, "cannot listen on no-such-host.invalid"),
    (
        _SERVE,
        {"PARLEY_DATABASE_URL": "sqlite:////no/such/folder/x", "PARLEY_SECRET_KEY": SECRET},
        "there is no folder /no/such",
    ),
    (_SERVE, {"PARLEY_TRACES_URL": "collector"}, "PARLEY_TRACES_URL: must be an address such as"),
    (_SERVE, {"PARLEY_OUTBOUND_HOSTS": "http://x/y"}, "PARLEY_OUTBOUND_HOSTS: not the name of a host"),
    (_SERVE, {"PARLEY_PORT": "eighty"}, "PARLEY_PORT: Input should be a valid integer"),
)


def test_each_is_told_in_plain_words(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PARLEY_", "OTEL_"))}
    asked = [[command, {"PARLEY_DATA_DIR": str(tmp_path / "var"), **variables}] for command, variables, _ in CASES]
    done = subprocess.run(
        [sys.executable, "-m", "tests.servers.misconfigured"],
        input=json.dumps(asked),
        env={**clean, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,  # where no .env is
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    wrong = []
    for (command, variables, word), (code, said) in zip(CASES, json.loads(done.stdout), strict=True):
        if code not in {1, 2} or word not in " ".join(said.split()) or "Traceback" in said:
            wrong.append(f"{' '.join(command)} {variables}: {code} {said[-600:]}")
    assert not wrong, "\n\n".join(wrong)
