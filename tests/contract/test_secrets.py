"""What looks for secrets in the repository sees one of each kind, and lets examples be."""

from __future__ import annotations

import pytest

from check_secrets import FORMS, found_in

# Put together here, so that none of them stands in a file.
_PLANTED = {
    "a private key": "-----BEGIN PRIVATE" + " KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 4,
    "a key of AWS": "AKIA" + "Q3EGRJ7FXZ2MWP5L",
    "a token of GitHub": "ghp" + "_" + "k3" * 18,
    "a token of Slack": "xoxb" + "-" + "123456789012-abcdefgh",
    "a key of Google": "AIza" + "Sy" + "k" * 33,
    "a key of Stripe": "sk" + "_live_" + "k3" * 12,
    "a JWT": ".".join(["eyJ" + "hbGciOiJIUzI1NiIsInR5", "eyJ" + "zdWIiOiIxMjM0NTY3ODkw", "k3" * 20]),
    "a password in an address": "postgresql://parley:" + "k3Jx9qLm" + "@db.internal/parley",
    "a secret that is set": "PARLEY_SECRET_KEY=" + "k3Jx9qLm" * 5,
}


@pytest.mark.parametrize("what", FORMS)
def test_each_kind_is_seen(what: str) -> None:
    assert list(found_in(f"first line\n{_PLANTED[what]}\n")) == [f"line 2: {what}"]


@pytest.mark.parametrize(
    "example", ["smtp://user:password@host:587", "PARLEY_SECRET_KEY=change-me-to-something-long-enough", "sk_live_…"]
)
def test_examples_are_none(example: str) -> None:
    assert list(found_in(example)) == []
