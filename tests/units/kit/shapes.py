"""Texts that make parsers work: each piece over and over, alone and mixed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

PIECES = [
    ">", "> ", "- ", "1. ", "    ", "#", "[", "]", "![", "](", "[a](", "[a][", "[a]: b\n", "*", "**", "_", "*a ", "_a*",
    "~~", "~~a ", "||", "||a ", "`", "`` ", "```\n", "<", "<a ", "<a a='", "<!--", "-->", "<![CDATA[", "<?",
    "&", "&#x;", "&lt;", "\\", "\n", "\n\n", "a\n", "| a ", "|---", "http://a.", "www.", "a@a.", "[a](http://b)", "![a](http://b)",
    "<b>", "</b>", "<p>", "<pre>", "<ul><li>", "<blockquote>", "<script>", "<svg>", "a\u0301", "\u2066", "\u200d", "é",
    ">> ", "***", "__", "~", "|", "|a|b|\n", "---\n", "~~~\n", "`a`", "\\\n", "\\*", "a  \n", "\t", "\t- ", "   1) ",
    "+ ", "!", "<http://a.b>", "<a@b.c>", "https://a.b/(", "&amp;", "&nbsp;", "&#128512;", "&NotEqualTilde;", "&#0;",
    "</a>", "<div\n", "<br>", "@ada ", "#a ", "\U0001f600", "\U0001f468\u200d\U0001f469\u200d", "\U0001f1e9",
    "\ufe0f", "\u2067\u05d0\u2069", "\u2069", "\u202e", "\u0e01\u0e33\u0e49", "\u1112\u1161\u11ab", "\u0958",
    "\ufb2c", "\u00a0", "\u3000", "\u3042", "\u0130", '"', "'", "(", ")", "a",
]  # fmt: skip

# Characters that stand on others: none, one, as many as are let, and far more.
_TOWERS = [
    "\u0301",
    "\u0301\u0327",
    "\u0316" * 4,
    "\u0301\u0316" * 10,
    "\u0e49" * 9,
    "\u20dd",
    "\u200d" * 6,
    "\U0001d165" * 5,
    "\u0345\u0301",
]


def shapes(length: int) -> Iterator[str]:
    """Each piece, each pair of two, and what opens first and closes at the end, as long as that."""
    for piece in PIECES:
        yield (piece * length)[:length]
    for one, other in itertools.permutations(PIECES, 2):
        yield ((one + other) * length)[:length]
        half = length // 2
        yield (one * half)[:half] + (other * half)[:half]


def grown(length: int) -> Iterator[str]:
    """What gets longer or deeper with each line, has each time another name, or is one thing as long as all of it."""
    for make in (
        lambda n: "> " * n + "a\n",
        lambda n: ">" * n + "\n\n",
        lambda n: "  " * n + "- a\n",
        lambda n: " " * n + "1. a\n",
        lambda n: "`" * n + " ",
        lambda n: "`" * n + "\n",
        lambda n: "*" * n + "a ",
        lambda n: "*a " + "_" * n,
        lambda n: "~" * n + "\n",
        lambda n: "[" * n + "a",
        lambda n: f"[a{n}]: http://b/{n}\n",
        lambda n: f"[a{n}][a{n}] ",
        lambda n: f"http://a.b/{n} ",
        lambda n: f"www.a{n}.b ",
        lambda n: f"[{n}](http://a.b/{n})\n",
        lambda n: f"![{n}](//a.b/{n})",
        lambda n: f"&#{n};",
        lambda n: f"<a{n} ",
        lambda n: f"- {n}\n\n  > {n}\n",
        lambda n: f"{n}. *a* **b** `c` ~~d~~ ||e||\n",
        lambda n: f"# {n}\n***\n",
        lambda n: "|" * n + "\n",
        lambda n: "(" * n + "http://a.b/" + ")" * n + "\n",
    ):
        yield _cut((make(n) for n in range(1, length)), length)
    for open_, close in (
        ("[", "]"),
        ("*", "*"),
        ("**", "**"),
        ("~~", "~~"),
        ("||", "||"),
        ("`", "`"),
        ("![", "](b)"),
        ("<", ">"),
        ("*_", "_*"),
    ):
        half = length // (len(open_) + len(close))
        yield open_ * half + close * half
        yield open_ * half + "a" + close * half
    for once, more in (
        ("http://a.", "b."),
        ("http://a/", "(*"),
        ("http://", "ü."),
        ("a@", "b-"),
        ("&#", "9"),
        ("&#x", "f"),
        ("&", "a"),
        ("<a ", "b "),
        ("[a]:\n", "<"),
        ("[", "\\]"),
        ("[a](", "("),
        ("[a](<", "\\"),
        ("[a](b '", "c"),
        ("```", "a"),
        ("<!--", "-"),
        ("", "\u2066" * 50 + "\n"),
        ("\u2066", "a"),
    ):
        yield _cut(itertools.chain([once], itertools.repeat(more)), length)


def towers(length: int) -> Iterator[str]:
    """Letters with marks on them, some beyond the length: normal form may shorten a text to a quarter."""
    for letter, marks in itertools.product(("a", "e`", "\u05d0", "\u0915", "\u1100\u1161", "*", "\n"), _TOWERS):
        for times in (1, 4):
            yield ((letter + marks) * length)[: times * length]
            yield (letter + marks * length)[: times * length]


def _cut(pieces: Iterable[str], length: int) -> str:
    whole, left = [], length
    for piece in pieces:
        if left <= 0:
            break
        whole.append(piece[:left])
        left -= len(whole[-1])
    return "".join(whole)
