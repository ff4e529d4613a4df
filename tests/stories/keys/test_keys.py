"""A site's keys: shown once, two at a time while one is exchanged for the other, worth nothing elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from service import keys
from service.kit import clock
from tests.world import World


def _pem(key: ed25519.Ed25519PublicKey | rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_a_key_from_its_making_to_its_end(world: World) -> None:
    owner, parts = await world.staff("owner"), world.parts
    path = f"/api/v1/sites/{world.site.name}/keys"
    made = await owner.post(path, json={"name": "Our shop", "scopes": ["read", "sso", "sso"]})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "private, no-store"
    key, secret = made.json()["key"], made.json()["secret"]
    assert key["scopes"] == ["sso", "read"]
    assert key["public"].removeprefix("pk_") in secret

    # It is recognised by its secret, of this site alone, and its secret is shown and kept nowhere.
    found = await parts.db.read(keys.by_secret, parts.keeper, secret)
    assert found is not None
    assert (found.site_id, found.public) == (world.site.id, key["public"])
    for wrong in (secret[:-1], secret + "A", "sk_", "", "pk_" + secret[3:], secret.replace("_", "é", 1)):
        assert await parts.db.read(keys.by_secret, parts.keeper, wrong) is None
    assert secret not in (await owner.get(path)).text
    async with parts.db.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT * FROM site_key"))).all()
    assert secret not in str(rows)

    # Rotated: both are valid for a day, then only the new one.
    rotated = (await owner.post(f"{path}/{key['id']}/rotate", json={"keep_hours": 24})).json()
    both = await parts.db.read(keys.usable, parts.keeper, world.site.id, "sso")
    assert [each.secret for each in both] == [rotated["secret"], secret]
    now = clock.now()
    with clock.frozen(now + timedelta(hours=25)):
        assert await parts.db.read(keys.by_secret, parts.keeper, secret) is None
        assert await parts.db.read(keys.by_public, key["public"]) is None
        still = await parts.db.read(keys.by_secret, parts.keeper, rotated["secret"])
        assert still is not None

    # Revoked: at once, and on record with the others.
    assert (await owner.delete(f"{path}/{rotated['key']['id']}")).status_code == 204
    assert await parts.db.read(keys.by_secret, parts.keeper, rotated["secret"]) is None
    assert (await owner.post(f"{path}/{rotated['key']['id']}/rotate", json={})).status_code == 422
    log = (await owner.get("/api/v1/moderation/log", params={"site": world.site.name})).json()["items"]
    assert [entry["action"] for entry in log if "key" in entry["action"]] == ["key-revoked", "key-rotated", "key-made"]
    assert secret not in str(log)

    # After a while the ended ones are forgotten, not before.
    with clock.frozen(now + timedelta(days=80)):
        await parts.db.transact(keys.forget_ended)
    assert len(await parts.db.read(keys.of_site, world.site.id)) == 2
    with clock.frozen(now + timedelta(days=92)):
        await parts.db.transact(keys.forget_ended)
    assert await parts.db.read(keys.of_site, world.site.id) == []


async def test_another_sites_owner_finds_no_key_here(world: World) -> None:
    owner, other = await world.staff("owner"), await world.another()
    path = f"/api/v1/sites/{world.site.name}/keys"
    key = (await owner.post(path, json={"name": "x", "scopes": ["sso"]})).json()["key"]["id"]
    stranger, theirs = await other.staff("owner"), f"/api/v1/sites/{other.site.name}/keys"
    for answer in (
        await stranger.get(path),
        await stranger.delete(f"{path}/{key}"),
        await stranger.delete(f"{theirs}/{key}"),
        await stranger.post(f"{theirs}/{key}/rotate", json={}),
    ):
        assert answer.status_code == 404
    assert (await owner.get(path)).json()["items"][0]["is_valid"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"scopes": ["sso"], "algorithm": "none"}, "algorithm"),
        ({"scopes": ["sso"], "algorithm": "EdDSA"}, "public_key"),
        ({"scopes": ["sso"], "algorithm": "EdDSA", "public_key": "no pem"}, "public_key"),
        ({"scopes": ["sso"], "algorithm": "HS256", "public_key": "no pem"}, "algorithm"),
        ({"scopes": ["sso", "read"], "algorithm": "disqus"}, "scopes"),
        ({"scopes": ["sso"], "algorithm": "RS256", "jwks_url": "https://169.254.169.254/keys"}, "jwks_url"),
    ],
)
async def test_a_key_that_would_not_work_is_not_made(world: World, body: dict[str, object], field: str) -> None:
    owner = await world.staff("owner")
    answer = await owner.post(f"/api/v1/sites/{world.site.name}/keys", json={"name": "x", **body})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_public_key_is_of_the_kind_its_algorithm_needs(world: World) -> None:
    owner, path = await world.staff("owner"), f"/api/v1/sites/{world.site.name}/keys"
    kinds = {
        "EdDSA": _pem(ed25519.Ed25519PrivateKey.generate().public_key()),
        "ES256": _pem(ec.generate_private_key(ec.SECP256R1()).public_key()),
        "RS256": _pem(rsa.generate_private_key(65537, 2048).public_key()),
    }
    for algorithm in kinds:
        for kind, pem in kinds.items():
            answer = await owner.post(
                path, json={"name": kind, "scopes": ["sso"], "algorithm": algorithm, "public_key": pem}
            )
            assert answer.status_code == (201 if kind == algorithm else 422)
            assert answer.json().get("secret") is None
    weak = _pem(rsa.generate_private_key(65537, 1024).public_key())  # noqa: S505  # too weak on purpose
    answer = await owner.post(path, json={"name": "x", "scopes": ["sso"], "algorithm": "RS256", "public_key": weak})
    assert answer.status_code == 422


async def test_there_are_only_so_many(world: World) -> None:
    owner, path = await world.staff("owner"), f"/api/v1/sites/{world.site.name}/keys"
    for _ in range(20):
        assert (await owner.post(path, json={"name": "x", "scopes": ["sso"]})).status_code == 201
    full = await owner.post(path, json={"name": "x", "scopes": ["sso"]})
    assert (full.status_code, full.json()["type"]) == (409, "/errors#too-many-keys")
