"""Secrets are compared in one place, in a time that tells nothing.

A comparison that ends at the first letter that differs tells how many were right. This reads the code for `==` on
whatever is called like a secret. A new one is a call of `kit.seal.is_same`, or a line in the table below with a reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.seal import is_same

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "service"
DOOR = "service/kit/seal.py"
_SECRET = re.compile(
    r"secret|token|signature|^sign(?:ed|s)?$|digest$|hash|hmac|(?:^|_)mac$|password|verifier|challenge|nonce|bearer|cookie"
    r"|capability|credential|pseudonym|fingerprint|proof|csrf|sealed|^given$|^presented$"
)
# What passes a secret on: `said.encode()` is what `said` is.
_THROUGH = {
    "encode",
    "decode",
    "strip",
    "lower",
    "hex",
    "get",
    "str",
    "bytes",
    "removeprefix",
    "join",
    "get_secret_value",
}
# A hash of a random token is looked up by its index; whoever could measure that learns a hash they cannot undo.
_LOOKED_UP = re.compile(
    r"(?:\w+Row|_?[A-Z_]+\.c)\.\w+(?:_hash|_key|public)\)? [=!]=|[=!]= col\(\w+Row\.\w+|== bindparam\("
)
REVIEWED = {
    ("service/record/verify.py", "row.hash != hash_of(row)"): "the chain of the record is no secret: staff read it",
    ("service/record/verify.py", "head.hash == last"): "the same",
    ("service/record/verify.py", "row.sealed != sealed(kept.salt, kept.words)"): "a check of what the database holds",
    ("service/backup/file.py", "value.get('sha256') != seen.hexdigest()"): "a sum against damage, in the file itself",
    ("service/readers/passkeys.py", "held.credential_id != said.raw_id"): "browsers are told a passkey's id",
}  # fmt: skip


def _name(node: ast.AST | None) -> str:  # noqa: PLR0911  # one for each kind of node
    match node:
        case ast.Attribute(attr=attr):
            return attr
        case ast.Name(id=name):
            return name
        case ast.Call(func=ast.Attribute(attr=attr, value=value)) if attr in _THROUGH:
            return _name(node.args[0]) if attr == "get" and node.args else _name(value)
        case ast.Call(func=ast.Name(id=called), args=[first, *_]) if called in _THROUGH:
            return _name(first)
        case ast.Call(func=func):
            return _name(func)
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Subscript(value=value):
            return _name(value)
        case ast.Constant(value=str(word)):
            return word
        case ast.Await(value=value):
            return _name(value)
    return ""


def compared(source: str) -> Iterator[str]:
    """Comparisons of what is called like a secret, by `==` and `!=`, and each other use of a constant-time one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute | ast.alias | ast.Name) and "compare_digest" in ast.unparse(node):
            yield ast.unparse(node)
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for one, kind, other in zip(sides, node.ops, node.comparators, strict=False):
            is_plain = any(isinstance(side, ast.Constant) for side in (one, other))
            if isinstance(kind, ast.Eq | ast.NotEq) and not is_plain:
                said = ast.unparse(node)
                if any(_SECRET.search(_name(side)) for side in (one, other)) and not _LOOKED_UP.search(said):
                    yield said


def _all() -> set[tuple[str, str]]:
    return {
        (str(path.relative_to(ROOT)), said)
        for path in SERVICE.rglob("*.py")
        for said in compared(path.read_text())
        if str(path.relative_to(ROOT)) != DOOR
    }


def test_secrets_are_compared_in_one_place() -> None:
    assert _all() == set(REVIEWED), "compare with kit.seal.is_same, or say in REVIEWED why it is no secret"
    assert list(compared((ROOT / DOOR).read_text())) == ["hmac.compare_digest"]


@pytest.mark.parametrize(
    "wrong",
    [
        "found.secret == secret",
        "keeper.sign('x', message) == given",
        "if token.encode() != wanted.get_secret_value().encode(): pass",
        "hmac.new(key, body, 'sha256').hexdigest() == headers.get('signature')",
        "said['nonce'] != kept",
        "hmac.compare_digest(one, other)",
        "from secrets import compare_digest",
        "[it for it in keys if it.secret == wanted]",
        "known == await capability(who)",
    ],
)
def test_a_comparison_that_tells_is_seen(wrong: str) -> None:
    assert list(compared(wrong))


@pytest.mark.parametrize(
    "right",
    [
        "is_same(found.secret, secret)",
        "select(SessionRow).where(SessionRow.token_hash == token_hash(token))",
        "delete(X).where(col(SessionRow.token_hash) == token_hash(token))",
        "row.state != 'waiting'",
        "signature == ''",
    ],
)
def test_what_tells_nothing_is_let_through(right: str) -> None:
    assert list(compared(right)) == []


@given(st.text() | st.binary(), st.text() | st.binary())
def test_whatever_is_sent_can_be_compared(one: str | bytes, other: str | bytes) -> None:
    """Texts beyond ASCII and lone surrogates too: an error is an answer as well."""
    assert is_same(one, one)
    alike = [side if isinstance(side, bytes) else side.encode("utf-8", "surrogatepass") for side in (one, other)]
    assert is_same(one, other) == (alike[0] == alike[1])
    assert not is_same("\ud800", "a")
