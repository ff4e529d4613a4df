"""Texts that make parsers work: each piece over and over, alone and mixed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

PIECES = [
    ">", "> ", "- ", "1. ", "    ", "#", "[", "]", "![", "](", "[a](", "[a][", "[a]: b\n", "*", "**", "_", "*a ", "_a*",
    "~~", "~~a ", "||", "||a ", "`", "`` ", "```\n", "<", "<a ", "<a a='", "<!--", "-->", "<![CDATA[", "<?",
    "&", "&#x;", "&lt;", "\\", "\n", "\n\n", "a\n", "| a ", "|---", "http://a.", "www.", "a@a.", "[a](http://b)", "![a](http://b)",
    "<b>", "</b>", "<p>", "<pre>", "<ul><li>", "<blockquote>", "<script>", "<svg>", "a\u0301", "\u2066", "\u200d", "é",
]  # fmt: skip


def shapes(length: int) -> Iterator[str]:
    """Each piece, each pair of two, and what opens first and closes at the end, as long as that."""
    for piece in PIECES:
        yield (piece * length)[:length]
    for one, other in itertools.permutations(PIECES, 2):
        yield ((one + other) * length)[:length]
        half = length // 2
        yield (one * half)[:half] + (other * half)[:half]
