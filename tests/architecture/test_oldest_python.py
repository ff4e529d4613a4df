"""What CI's own Python would not show: the oldest one that we support is the one that Debian 12 brings, 3.11.2."""

from __future__ import annotations

import re
from pathlib import Path

SERVICE = Path(__file__).resolve().parents[2] / "service"
RAW_STRING = re.compile(r"""\brf?["']""")
POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)(?:\+\+|\*\+|\?\+)")


def test_no_regular_expression_repeats_a_group_possessively() -> None:
    # Python before 3.11.5 keeps what the last, failing round of `(?:…)++` has eaten (CPython issue 106052).
    # `(?>(?:…)+)` means the same and works; a possessive `x++` without a group does too.
    found = [
        f"{path.relative_to(SERVICE)}:{number}"
        for path in sorted(SERVICE.rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if RAW_STRING.search(line) and POSSESSIVE_GROUP.search(line)
    ]
    assert found == []


def test_the_pattern_finds_what_it_is_for() -> None:
    assert POSSESSIVE_GROUP.search(r"(?:\.\w++)++")
    assert POSSESSIVE_GROUP.search(r"(a|b)*+")
    assert not POSSESSIVE_GROUP.search(r"(?>(?:\.\w++)+)")
    assert not POSSESSIVE_GROUP.search(r"\)++")
