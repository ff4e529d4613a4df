"""Whatever comes as a token, it is a refusal or what a key has signed; never anything else."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sso.pictures import picture_of_site
from service.sso.token import Expected, SSOExpired, SSORefused, Trusted, is_sign_out, read
from tests.stories.sso.signing import disqus, signed

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
EXPECTED = Expected("demo", "", 7_200)
SECRET = "sk_" + "0" * 40
KEYS = [Trusted(1, None, "HS256", SECRET), Trusted(2, None, "disqus", SECRET)]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
)
GOOD = {"sub": "1", "id": "1", "name": "A", "username": "A", "aud": "demo", "iat": AT, "exp": AT + 60}
NAMES = st.sampled_from(
    ["sub", "id", "name", "username", "aud", "iat", "exp", "nbf", "email", "picture", "avatar", "url", "roles"]
)


@given(token=st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()))
def test_nonsense_is_refused(token: str) -> None:
    is_sign_out(token)
    with pytest.raises((SSORefused, SSOExpired)):
        read(token, KEYS, EXPECTED, NOW)


@given(said=st.dictionaries(NAMES, VALUES), good=st.sampled_from([GOOD, {}]), form=st.sampled_from(["jwt", "disqus"]))
def test_whatever_a_site_signs_is_a_reader_or_a_refusal(said: dict[str, Any], good: dict[str, Any], form: str) -> None:
    payload = {**good, **said}
    try:
        token = signed(SECRET, payload) if form == "jwt" else disqus(SECRET, payload, AT)
    except (TypeError, ValueError):  # what cannot be written down cannot be sent
        return
    try:
        found = read(token, KEYS, EXPECTED, NOW)
    except (SSORefused, SSOExpired):
        return
    assert 0 < len(found.remote_id) <= 150
    assert found.remote_id.isprintable()
    assert 0 < len(found.name) <= 80
    assert found.email is None or "@" in found.email
    for url in (found.avatar_url, found.profile_url):
        assert url is None or url.startswith(("https://", "http://"))
    json.dumps([found.remote_id, found.name, found.email, sorted(found.roles)]).encode()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.test/a.png", 1),
        ("https://news.test:443/a.png", 1),
        ("https://news.test:8443/a.png", 0),
        ("https://img.cdn.test/a.png", 1),
        ("https://cdn.test/a.png", 0),
        ("https://evilcdn.test/a.png", 0),
        ("https://news.test.evil.test/a.png", 0),
        ("https://news.test@evil.test/a.png", 0),
    ],
)
def test_pictures_come_from_the_sites_own_hosts(url: str, shown: int) -> None:
    assert picture_of_site(url, ["https://news.test", "https://*.cdn.test"]) == (url if shown else None)
