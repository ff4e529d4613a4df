"""Answers of passkeys in every disorder are refused in one way, and nothing else comes of them."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.readers import passkeys
from service.readers.passkeys import Passkey, PasskeyRefused
from tests.servers.authenticator import Authenticator, coded

ORIGIN, HOST, CHALLENGE = "https://parley.test", "parley.test", secrets.token_urlsafe(32)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=60).map(coded),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")
_ANSWERS = st.fixed_dictionaries(
    {},
    optional={"id": _JSON, "rawId": _JSON, "type": _JSON, "response": st.dictionaries(st.sampled_from(_FIELDS), _JSON)},
)


def kept() -> tuple[Authenticator, Passkey]:
    """A passkey that was made, and how it is kept."""
    key = Authenticator(ORIGIN, HOST, counter=3)
    options = passkeys.making(ORIGIN, CHALLENGE, "a handle", "Ada", [])
    return key, passkeys.made(ORIGIN, CHALLENGE, "a handle", key.make(options))


@given(_ANSWERS)
def test_no_mixture_of_bytes_is_a_passkey(answer: dict[str, Any]) -> None:
    with pytest.raises(PasskeyRefused):
        passkeys.made(ORIGIN, CHALLENGE, "a handle", answer)
    with pytest.raises(PasskeyRefused):
        passkeys.asserted(ORIGIN, CHALLENGE, answer, None)
    number = passkeys.id_of(answer)
    assert number is None or len(number) <= 1_023


KEY, KNOWN = kept()
ANSWER = KEY.sign(passkeys.asking(ORIGIN, CHALLENGE))


@given(st.sampled_from(("clientDataJSON", "authenticatorData", "signature")), st.integers(0, 999), st.integers(1, 255))
def test_no_byte_of_an_answer_can_be_another(field: str, at: int, change: int) -> None:
    assert passkeys.asserted(ORIGIN, CHALLENGE, ANSWER, KNOWN) == 4
    raw = bytearray(base64.urlsafe_b64decode(ANSWER["response"][field] + "=="))
    raw[at % len(raw)] ^= change
    wrong = {**ANSWER, "response": {**ANSWER["response"], field: coded(bytes(raw))}}
    with pytest.raises(PasskeyRefused):
        passkeys.asserted(ORIGIN, CHALLENGE, wrong, KNOWN)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://comments.news.example", "comments.news.example"),
        ("https://comments.news.example:8443", "comments.news.example"),
        ("http://localhost:8000", "localhost"),
        ("http://comments.news.example", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_passkeys_need_a_name_and_tls(origin: str, host: str | None) -> None:
    assert passkeys.host_of(origin) == host
    if host is None:
        with pytest.raises(PasskeyRefused):
            passkeys.asking(origin, CHALLENGE)


def test_what_is_asked_is_what_was_decided() -> None:
    asked = passkeys.making(ORIGIN, CHALLENGE, "a handle", "Ada", [b"known"])
    assert [each["alg"] for each in asked["pubKeyCredParams"]] == [-7, -8, -257]
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert asked["excludeCredentials"] == [{"type": "public-key", "id": coded(b"known")}]
    assert "attestation" not in asked
    assert passkeys.asking(ORIGIN, CHALLENGE) == {
        "challenge": CHALLENGE,
        "rpId": HOST,
        "userVerification": "required",
    }
