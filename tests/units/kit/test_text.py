from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import corpus
from service.kit.text import MOST_TAGS, BodyEmpty, BodyTooDeep, Rendered, TooManyMarks, render
from tests.units.kit.allowed import faults

LINK = 'target="_blank" rel="nofollow ugc noopener noreferrer"'
SPOILER = '<details class="spoiler"><summary>Spoiler</summary>'


def html(source: str) -> str:
    return render(source).html


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        (
            "*em* **strong** ~~gone~~ `a < b`",
            "<p><em>em</em> <strong>strong</strong> <del>gone</del> <code>a &lt; b</code></p>",
        ),
        ("> quote\n\nanswer", "<blockquote><p>quote</p></blockquote><p>answer</p>"),
        ("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
        ("3. c\n4. d", '<ol start="3"><li>c</li><li>d</li></ol>'),
        ("```python\nif a < b:\n\n    go()\n```", "<pre><code>if a &lt; b:\n\n    go()\n</code></pre>"),
        ("# Heading *x*\ntext", "<p><strong>Heading <em>x</em></strong></p><p>text</p>"),
        ("a line\n---\nanother", "<p>a line</p><p>— — —</p><p>another</p>"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<p>| a | b |<br>|---|---|<br>| 1 | 2 |</p>"),
        ("AT&T &amp; &lt;b&gt; &amp;lt;", "<p>AT&amp;T &amp; &lt;b&gt; &amp;lt;</p>"),
        ("He is ||dead *now*||, sadly", f"<p>He is </p>{SPOILER}<p>dead <em>now</em></p></details><p>, sadly</p>"),
        (
            "**so ||long|| and**",
            f"<p><strong>so </strong></p>{SPOILER}<p><strong>long</strong></p></details><p><strong>and</strong></p>",
        ),
    ],
)
def test_markdown(source: str, expected: str) -> None:
    assert html(source) == expected


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a <b>bold</b> <!-- x -->", "a &lt;b&gt;bold&lt;/b&gt; &lt;!-- x --&gt;"),
        ("<div>\n*x*\n</div>", "&lt;div&gt;<br>*x*<br>&lt;/div&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_raw_html_in_markdown_is_shown_as_it_was_typed(source: str, shown: str) -> None:
    assert html(source) == f"<p>{shown}</p>"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "http://a.example/b?c=d&e",
            f'<p><a href="http://a.example/b?c=d&amp;e" {LINK}>http://a.example/b?c=d&amp;e</a></p>',
        ),
        ("www.a.example.", f'<p><a href="http://www.a.example" {LINK}>www.a.example</a>.</p>'),
        ("[x](HTTPS://A.example/%41)", f'<p><a href="https://a.example/%41" {LINK}>x</a></p>'),
        ("me@a.example", f'<p><a href="mailto:me@a.example" {LINK}>me@a.example</a></p>'),
        ("[x](http://bücher.example/ü)", f'<p><a href="http://xn--bcher-kva.example/%C3%BC" {LINK}>x</a></p>'),
        ("![a cat](https://a.example/c.png)", f'<p><a href="https://a.example/c.png" {LINK}>a cat</a></p>'),
        (
            "![](https://a.example/c.png)",
            f'<p><a href="https://a.example/c.png" {LINK}>https://a.example/c.png</a></p>',
        ),
        ("[![cat](https://i.example)](https://a.example)", f'<p><a href="https://a.example" {LINK}>cat</a></p>'),
        ("[](http://a.example)", f'<p><a href="http://a.example" {LINK}>http://a.example</a></p>'),
    ],
)
def test_links(source: str, expected: str) -> None:
    assert html(source) == expected


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)", "JaVaScRiPt:x", "java\tscript:x", "&#106;avascript:x", "vbscript:x",
        "data:text/html,x",
        "/path", "//host.example/x", "path", "#x", "ftp://a.example", "file:///etc/passwd", "http:a.example",
        "https://",
        "http://user@a.example", "https://bank.example:x@evil.example", "https://bank.example\\@evil.example",
        "http://a..b", "http://[::g]", "http://a.example:99x", "mailto:", "http://256.1.1.1",
        "http://a.example:99999", "http://a.example\uaaf7", "blob:https://a.example/x", "\x01javascript:x",
    ],
)  # fmt: skip
def test_other_targets_are_no_links(target: str) -> None:
    assert "<a" not in html(f"[text](<{target}>)")
    assert render(f'<a href="{target}">text</a>', "html") == Rendered("<p>text</p>", (), "text")


def test_links_are_given_in_order_and_without_mail() -> None:
    source = (
        "[b](http://b.example) me@a.example https://a.example/x?y=1&z=2 ![i](http://i.example) [b](http://b.example)"
    )
    assert render(source).links == (
        "http://b.example", "https://a.example/x?y=1&z=2", "http://i.example", "http://b.example",
    )  # fmt: skip


def test_the_hundred_and_first_link_is_text() -> None:
    rendered = render(" ".join(f"http://a{n}.example" for n in range(150)))
    assert len(rendered.links) == rendered.html.count("<a ") == 100
    assert "http://a149.example" in rendered.plain


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("one\ntwo\n\n> three\n\n- four\n  - five", "one\ntwo\nthree\nfour\nfive"),
        ("**b** &amp; <i>", "b & <i>"),
        ("[shown](http://hidden.example) ||secret||", "shown\nsecret"),
        ("```\na\n\nb\n```", "a\nb"),
    ],
)
def test_plain_is_what_is_read(source: str, plain: str) -> None:
    assert render(source).plain == plain


@pytest.mark.parametrize("source", ["[ref]: http://a.example", "``` \n```", "> ", "- ", "&#8203;", "&#8238;", "#"])
def test_markdown_of_which_nothing_is_left_is_refused(source: str) -> None:
    with pytest.raises(BodyEmpty) as refused:
        render(source)
    assert refused.value.field == "body"


def test_characters_that_references_smuggle_in_are_taken_out() -> None:
    assert html("a&#8238;b&#x1;c&#x2066;d") == "<p>abcd</p>"
    assert html("a" + "&#x301;&#x323;" * 50).count("\u0323") == 2
    assert render("&#8238;evil&#8236;", "html").html == "<p>evil</p>"


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_lone_surrogates_and_nul_are_no_fault(form: str) -> None:
    assert render("a\ud800\x00b", form).html == "<p>ab</p>"  # type: ignore[arg-type]  # parametrised


def test_twenty_levels_are_shown_and_more_refused_in_markdown() -> None:
    assert html("> " * 20 + "x").count("<blockquote>") == 20
    for bomb in ("> " * 21 + "x", "- " * 21 + "x"):
        with pytest.raises(BodyTooDeep) as refused:
            render(bomb)
        assert refused.value.field == "body"


@pytest.mark.parametrize("piece", ["a\n", "a*\n", "`a` ", "||a||"])
def test_so_many_tags_are_shown_and_more_refused_in_markdown(piece: str) -> None:
    """The same number for lines of mere words, which take a shorter way."""
    few, many = 500, 5_000
    assert html(piece * few).count("<") <= MOST_TAGS
    with pytest.raises(TooManyMarks) as refused:
        render(piece * many)
    assert (refused.value.field, refused.value.more["limit"]) == ("body", MOST_TAGS)
    assert refused.value.more["length"] > MOST_TAGS


def test_what_people_write_is_far_from_that_bound() -> None:
    most = max(html(text).count("<") for text in corpus.texts())
    assert most * 20 < MOST_TAGS


def test_foreign_html_of_any_number_of_tags_is_shown() -> None:
    assert render("<b>a</b> " * MOST_TAGS, "html").html.count("<strong>") == MOST_TAGS


def test_depth_is_flattened_in_foreign_html() -> None:
    rendered = render("<blockquote>" * 500 + "kept" + "</blockquote>" * 500, "html")
    assert rendered.plain == "kept"
    assert rendered.html.count("<blockquote>") == 20


# From many collections: each must be harmless both as Markdown and as foreign HTML.
ATTACKS = [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.example></sCrIpT>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>", "<math><mtext><img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>', "<a href='jav&#x0A;ascript:alert(1)'>x</a>",
    "<iframe src=javascript:alert(1)>",
    '<p style="position:fixed;inset:0">x</p>', '<p id="thread" class="composer" onclick="x()">x</p>',
    "<details open ontoggle=alert(1)>", "<details class='spoiler evil'><summary onclick=x>y</summary></details>",
    "<form action=//evil.example><input><button>x</button></form>", "<base href=//evil.example>",
    "<meta http-equiv=refresh>",
    "<object data=x></object><embed src=x>", "<style>@import '//evil.example'</style>",
    "<link rel=stylesheet href=x>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>", "<?php echo 1 ?>",
    "<a href='http://a.example' target=_self rel=x>y</a>",
    "<template><img src=x onerror=alert(1)></template>", "<title><img src=x onerror=alert(1)></title>",
    "<textarea><img src=x onerror=alert(1)></textarea>", "<xmp><img src=x onerror=alert(1)></xmp>", "<plaintext><b>",
    '<a href=http://a.example/"onmouseover=alert(1)//>x</a>', '[x](http://a.example/"onmouseover=alert(1)//)',
    '!["onerror=alert(1)](http://a.example)', "[a](javascript:alert(1))", "<javascript:alert(1)>",
    "[a]: javascript:x\n\n[a]",
    '```"onmouseover=alert(1)\n```', '3"onclick. x', "<ol start='1\" onclick=x'><li>x</ol>", "<spoiler onclick=x>y",
    "<b><p><i></b></p></i>", "</p></div></body></html>x", "<table><td><a href=http://a.example><td>", "<a><a><a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "<im<img src=x>g src=x onerror=x>",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_but_the_few_tags_comes_out(attack: str) -> None:
    assert faults(render(attack, "html").html) == []
    with contextlib.suppress(BodyEmpty):
        assert faults(html(attack)) == []


def test_the_attacks_would_be_noticed() -> None:
    assert sum(bool(faults(attack)) for attack in ATTACKS) > 30


MARKS = [
    "*", "**", "_", "~~", "||", "`", "```", ">", "-", "1.", "#", "[", "](", ")", "![", "<", ">", "&lt;", "&#60;",
    "http://a.example", "<b>", "</b>", "<p>", "</p>", "<a", "</a>", "<li>", "<ul>", "</ul>", "<pre>",
    "<blockquote>", "</blockquote>", "<code>", "<spoiler>", "</spoiler>", "<br>", "href='http://a.example'>",
    "<img", "src='http://i.example'>",
]  # fmt: skip

pieces = st.lists(
    st.one_of(st.sampled_from(ATTACKS), st.sampled_from([*MARKS, " ", "\n", "\n\n"]), st.text(max_size=8)), max_size=30
).map("".join)


@given(pieces)
def test_no_mixture_gets_through_as_foreign_html(source: str) -> None:
    rendered = render(source, "html")
    assert faults(rendered.html) == []
    assert render(source, "html") == rendered


@given(pieces)
def test_no_mixture_gets_through_as_markdown(source: str) -> None:
    try:
        rendered = render(source)
    except (BodyEmpty, BodyTooDeep):
        return
    assert faults(rendered.html) == []
    assert rendered.plain
    assert "<p></p>" not in rendered.html


@given(pieces)
def test_what_was_rendered_is_rendered_to_itself(source: str) -> None:
    once = render(source, "html").html.replace(SPOILER, "<spoiler>").replace("</details>", "</spoiler>")
    assert render(once, "html").html == render(source, "html").html
