"""What Disqus's exports hold, and what becomes of it."""

from __future__ import annotations

import pytest

from service.kit.text import render

LINK = 'target="_blank" rel="nofollow ugc noopener noreferrer"'


def html(source: str) -> str:
    return render(source, "html").html


def disqus_link(href: str, shown: str) -> str:
    return f'<a href="{href}" rel="nofollow noopener" target="_blank" title="{href}">{shown}</a>'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>one<br>two</p><p>three</p>", "<p>one<br>two</p><p>three</p>"),
        ("one<br><br>two", "<p>one<br><br>two</p>"),
        ("<b>a</b> <i>b</i> <strike>c</strike> <s>d</s> <u>e</u>",
         "<p><strong>a</strong> <em>b</em> <s>c</s> <s>d</s> <u>e</u></p>"),
        ("<p>&lt;script&gt; &amp;lt;b&amp;gt; &amp;amp;</p>", "<p>&lt;script&gt; &amp;lt;b&amp;gt; &amp;amp;</p>"),
        ("<pre><code>a\n  b</code></pre>", "<pre><code>a\n  b</code></pre>"),
        ("<p>x <spoiler>the end</spoiler> y</p>",
         '<p>x </p><details class="spoiler"><summary>Spoiler</summary><p>the end</p></details><p>y</p>'),
        ("<h1>Big</h1>text", "<p><strong>Big</strong></p><p>text</p>"),
        ("<b><p>one</p><p>two</p></b> three", "<p><strong>one</strong></p><p><strong>two</strong></p><p>three</p>"),
        ("<div>a</div><table><tr><td>b</td><td>c</td></tr></table>", "<p>a</p><p>b</p><p>c</p>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<p>never closed <b>bold", "<p>never closed <strong>bold</strong></p>"),
        ("a < b and c > d", "<p>a &lt; b and c &gt; d</p>"),
        ("text <a href='http://a.example", "<p>text &lt;a href='http://a.example</p>"),
        ("<!-- no --><script>no()</script>yes", "<p>yes</p>"),
        ("<script>half", "<p>half</p>"),
        ("", ""),
        ("<p></p><p> </p>", ""),
    ],
)  # fmt: skip
def test_foreign_html(source: str, expected: str) -> None:
    assert html(source) == expected


@pytest.mark.parametrize(
    ("href", "shown", "restored"),
    [
        ("https://github.com/parley/examples/blob/main/x", "https://github.com/parley/...", "https://github.com/parley/examples/blob/main/x"),
        ("http://news.example/a/very/long/path", "news.example/a/very/lo...", "news.example/a/very/long/path"),
        ("http://news.example/a/very/long/path", "http://news.example/a/very…", "http://news.example/a/very/long/path"),
        ("http://news.example/%C3%BCber/uns/und/euch", "http://news.example/über/un...", "http://news.example/%C3%BCber/uns/und/euch"),
        ("http://news.example/a?b=1&amp;c=2&amp;d=3", "http://news.example/a?b=1&amp;c...", "http://news.example/a?b=1&amp;c=2&amp;d=3"),
        ("http://news.example/a", "I wonder...", "I wonder..."),
        ("http://news.example/a", "...", "..."),
        ("http://news.example/a", "http://news.example/b...", "http://news.example/b..."),
        ("http://news.example/lost", "", "http://news.example/lost"),
    ],
)  # fmt: skip
def test_the_text_of_a_link_that_disqus_cut_is_whole_again(href: str, shown: str, restored: str) -> None:
    assert html(disqus_link(href, shown)) == f'<p><a href="{href}" {LINK}>{restored}</a></p>'


def test_a_link_with_more_than_text_keeps_what_is_in_it() -> None:
    source = '<a href="http://news.example/long"><b>http://news...</b></a>'
    assert html(source) == f'<p><a href="http://news.example/long" {LINK}><strong>http://news...</strong></a></p>'


def test_markdown_is_not_restored() -> None:
    assert ">http://news...</a>" in render("[http://news...](http://news.example/long)").html


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_redirects_of_disqus_are_unwrapped_and_decoded_once(scheme: str) -> None:
    wrapped = f"{scheme}://disq.us/url?url=http%3A%2F%2Fnews.example%2Fa%3Fb%3D1%26c%3D%252541%3AQw3rTyUiOp_asDFghJ-klz&amp;cuid=42"
    rendered = render(disqus_link(wrapped, "http://news.example/a?b..."), "html")
    assert rendered.links == ("http://news.example/a?b=1&c=%2541",)
    assert rendered.plain == "http://news.example/a?b=1&c=%2541"


@pytest.mark.parametrize(
    "inner",
    [
        "javascript%3Aalert(1)%3AQw3rTyUiOpasDF",
        "",
        "%2F%2Fevil.example%3AQw3rTyUiOpasDF",
        "http%3A%2F%2F%3AQw3rTyUiOpasDF",
    ],
)
def test_a_redirect_to_nowhere_good_stays_one(inner: str) -> None:
    wrapped = f"http://disq.us/url?url={inner}&amp;cuid=1"
    assert render(disqus_link(wrapped, "x"), "html").links[0].startswith("http://disq.us/url?")


def test_a_port_is_no_hash() -> None:
    wrapped = "http://disq.us/url?url=http%3A%2F%2Fnews.example%3A8080&amp;cuid=1"
    assert render(disqus_link(wrapped, "x"), "html").links == ("http://news.example:8080",)


def test_mentions_and_images_lose_their_target_or_become_links() -> None:
    assert html('<a href="#comment-12">@Ada</a> hello') == "<p>@Ada hello</p>"
    assert render('<img src="https://a.example/i.png" alt="i">', "html").links == ("https://a.example/i.png",)
