"""Rendering takes time in proportion to the text, whatever the text: four times as long takes not ten times as long."""

from __future__ import annotations

import contextlib
import time
from itertools import repeat

import pytest

from service.kit.builder import Form
from service.kit.errors import Invalid
from service.kit.intake import clean_source
from service.kit.text import render

LONG = 20_000
MARKDOWN = [
    ">", "> ", "- ", "1. ", "[", "![", "](", "[a](", "*", "*a ", "*a **b ", "_*", "**a ", "a_*", "~~a ", "||a ",
    "||a||", "`", "` `` ",
    "<", "<a ", "<!-- ", "<![CDATA[", "&", "&#x;", "&lt;", "a\n", "a\n\n", "> a\n", "\n", " ", "\\",
    "http://a. ", "www.", "a@", "a@a.",
    "[a](http://b) ", "http://é1.x ", "[*_`<", "*a*", "# a\n", "---\n", "<b>", "a\u0301", "\u0301\u0323",
    "\u2066", "> " * 19 + "a\n\n",
]  # fmt: skip
HTML = [
    "<", "<a", "<a ", "</", "</a", "<!", "<!--", "<!-- >", "<!-->", "<?", "<script>", "<script", "<style></",
    "<title>", "<b>", "<b a=1>",
    "<i><b><u><s><p>x", "<blockquote>", "</blockquote>", "<ul><li>", "<pre>", "<spoiler>x",
    "<b>x<spoiler>y</spoiler>", "&", "&amp",
    "<a href='http://a.x/'>", '<a href="http://a.x/">x...</a>', "<img src=http://a.x>",
    "a='", '<a a="', "<a a ", '"', "\u0301", "<p>", "<br>",
]  # fmt: skip
CASES = [*zip(repeat("markdown"), MARKDOWN), *zip(repeat("html"), HTML)]


def seconds(source: str, form: Form) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        with contextlib.suppress(Invalid):
            render(clean_source(source, max_chars=LONG) if form == "markdown" else source, form)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize(("form", "piece"), CASES)
def test_time_grows_with_length_only(form: Form, piece: str) -> None:
    short, long = ((piece * LONG)[: LONG // 4], (piece * LONG)[:LONG])
    # Linear is 4, quadratic 16. Below a few milliseconds the clock measures noise.
    assert seconds(long, form) < 10 * max(seconds(short, form), 0.0005)


@pytest.mark.parametrize(("form", "piece"), CASES)
def test_what_comes_out_is_in_proportion_too(form: Form, piece: str) -> None:
    source = (piece * LONG)[:LONG]
    try:
        assert len(render(source, form).html) <= 25 * LONG
    except Invalid:
        assert form == "markdown"


def test_one_definition_used_often_does_not_blow_up() -> None:
    source = "[a]: http://x.example/" + "y" * 2_000 + "\n\n" + "[a] " * 4_000
    assert len(render(source).html) <= 25 * LONG
