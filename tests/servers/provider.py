"""An OpenID provider in a process of its own: anybody signs in there as whomever they like."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from tests.servers.parley import free_port
from tests.servers.waiting import until

CLIENT = {"client_id": "parley", "client_secret": "a secret"}


@contextlib.contextmanager
def provider(*users: Mapping[str, Any], port: int | None = None) -> Iterator[str]:
    """Its issuer, for as long as the block runs; `users` are the claims of who may sign in there."""
    port = port or free_port()
    issuer = f"http://127.0.0.1:{port}"
    known = [part for user in users for part in ("--user-claims", json.dumps(user))]
    options = ["--port", str(port), "--require-nonce", "true"]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", *options]
    process = subprocess.Popen([*command, *known], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def is_up() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{issuer}/.well-known/openid-configuration", trust_env=False).is_success
        return False

    try:
        until(is_up, "a provider that answers")
        yield issuer
    finally:
        process.kill()
        process.wait()
