from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.threads.tracking import TRACKING
from service.threads.urls import CanonicalURL, InvalidURL, canonical, origin_allows

ARTICLE = "https://news.example/2026/the-article?id=3&page=2"

SAME_ARTICLE = [
    "http://news.example/2026/the-article?id=3&page=2",
    "HTTPS://NEWS.example/2026/the-article?id=3&page=2",
    "https://www.news.example/2026/the-article?id=3&page=2",
    "https://news.example./2026/the-article?id=3&page=2",
    "https://news.example:443/2026/the-article?id=3&page=2",
    "http://news.example:80/2026/the-article?id=3&page=2",
    "https://news.example/2026/the-article/?id=3&page=2",
    "https://news.example//2026//the-article?id=3&page=2",
    "https://news.example/2026/./x/../the-article?id=3&page=2",
    "https://news.example/2026/x/%2e%2E/the-article?id=3&page=2",
    "https://news.example/2026/%74he%2Darticle?id=3&%70age=2",
    "https://news.example/2026/the-article?id=3&page=2#comment-12",
    "https://news.example/2026/the-article?utm_source=mail&id=3&fbclid=Iw&page=2&UTM_Medium=x",
    "https://news.example/2026/the-article?&id=3&&page=2&",
    "https:\\\\news.example\\2026\\the-article?id=3&page=2",
    " \n https://news.example/2026/the-ar\nticle?id=3&page=2\t",
    "https://%6eews.example/2026/the-article?id=3&page=2",
    "https://ｎｅｗｓ。example/2026/the-article?id=3&page=2",
]

OTHER_ARTICLES = [
    "https://news.example/2026/The-Article?id=3&page=2",
    "https://news.example/2026/the-article?page=2&id=3",
    "https://news.example/2026/the-article?id=3",
    "https://news.example/2026/the-article?id=3&page=2&ref=home",
    "https://news.example/2026/the%2Farticle?id=3&page=2",
    "https://news.example:8443/2026/the-article?id=3&page=2",
    "http://news.example:443/2026/the-article?id=3&page=2",
    "https://blog.news.example/2026/the-article?id=3&page=2",
    "https://news.example.evil.example/2026/the-article?id=3&page=2",
    "https://news.example/2026/the-article?id=3&page=2%23x",
]


@pytest.mark.parametrize("variant", SAME_ARTICLE)
def test_variants_of_an_address_are_one_article(variant: str) -> None:
    assert canonical(variant).key == canonical(ARTICLE).key == "news.example/2026/the-article?id=3&page=2"


@pytest.mark.parametrize("other", OTHER_ARTICLES)
def test_other_addresses_are_other_articles(other: str) -> None:
    assert canonical(other).key != canonical(ARTICLE).key


@pytest.mark.parametrize(
    ("url", "text", "key"),
    [
        ("http://www.News.example:80", "http://www.news.example/", "news.example/"),
        ("https://news.example/?", "https://news.example/", "news.example/"),
        ("https://news.example/a/", "https://news.example/a/", "news.example/a"),
        ("https://news.example?p=1821", "https://news.example/?p=1821", "news.example/?p=1821"),
        ("http://bücher.example/ü?q=ß",
         "http://xn--bcher-kva.example/%C3%BC?q=%C3%9F", "xn--bcher-kva.example/%C3%BC?q=%C3%9F"),
        ("http://localhost:4000/a", "http://localhost:4000/a", "localhost:4000/a"),
        ("http://[2001:DB8:0::1]/", "http://[2001:db8::1]/", "[2001:db8::1]/"),
        ("http://a.example/%c3%a9%7E%2f%zz%", "http://a.example/%C3%A9~%2F%25zz%25", "a.example/%C3%A9~%2F%25zz%25"),
        ("http://a.example/a b|c?d e", "http://a.example/a%20b%7Cc?d%20e", "a.example/a%20b%7Cc?d%20e"),
        ("http://a.example/../../b/..", "http://a.example/", "a.example/"),
        ("http://www.example/", "http://www.example/", "www.example/"),
        ("https://evil.example\\@news.example/", "https://evil.example/@news.example/", "evil.example/@news.example"),
    ],
)  # fmt: skip
def test_canonical(url: str, text: str, key: str) -> None:
    found = canonical(url)
    assert (found.text, found.key) == (text, key)


def test_the_parts_are_at_hand() -> None:
    assert canonical("HTTP://www.news.example:8080/a") == CanonicalURL(
        text="http://www.news.example:8080/a",
        key="news.example:8080/a",
        scheme="http",
        host="www.news.example",
        port=8080,
    )
    assert canonical("https://news.example:443/").port is None


@pytest.mark.parametrize(
    "bad",
    [
        "", "news.example/a", "//news.example/a", "/a", "ftp://news.example", "javascript:alert(1)",
        "data:text/html,x",
        "https:news.example", "https://", "https:///a", "http://?", "http://:80/", "http://news.example:99999",
        "http://news.example:0",
        "http://news.example:8x", "http://a..b/", "http://-a.example/", "http://a b.example/", "http://a%20b/",
        "http://a%2Fb/", "http://[::1",
        "http://[fe80::1%25eth0]/", "http://news.example/\x00", "http://news.example/\x7f",
        "http://news.example/\ud800", "http://%zz.example",
        "http://" + "a" * 64 + ".example", "http://" + "a." * 130 + "example",
        "http://news.example/" + "a" * 2_000, "http://a\u200db.example",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_refused(bad: str) -> None:
    with pytest.raises(InvalidURL) as refused:
        canonical(bad)
    assert (refused.value.type, refused.value.field, refused.value.status) == ("invalid-url", "url", 422)


@pytest.mark.parametrize(
    "url",
    [
        "https://ada@news.example/",
        "https://ada:pw@news.example/",
        "https://@news.example/",
        "https://news.example@evil.example",
    ],
)
def test_credentials_are_refused_and_not_dropped(url: str) -> None:
    with pytest.raises(InvalidURL, match="password"):
        canonical(url)


def test_the_length_is_that_of_what_would_be_stored() -> None:
    room = 2_000 - len("https://news.example/")
    assert len(canonical("https://news.example/" + "a" * room).text) == 2_000
    assert canonical("https://news.example/" + "a" * room + "?utm_source=" + "x" * 500)
    with pytest.raises(InvalidURL, match="2,000"):
        canonical("https://news.example/" + "é" * 400)


@pytest.mark.parametrize("name", TRACKING)
def test_tracking_parameters_are_dropped(name: str) -> None:
    whole = name.replace("*", "anything")
    assert canonical(f"https://news.example/a?x=1&{whole}=2&{whole.upper()}&y").key == "news.example/a?x=1&y"


@pytest.mark.parametrize("name", ["p", "id", "page", "ref", "s", "q", "utm", "lang", "v", "share", "article"])
def test_parameters_that_may_name_a_page_are_kept(name: str) -> None:
    assert canonical(f"https://news.example/a?{name}=2").key == f"news.example/a?{name}=2"


def test_a_site_names_further_parameters_to_drop() -> None:
    assert canonical("https://news.example/a?ref=x&Test_1=y&z", drop=["REF", "test_*"]).key == "news.example/a?z"


SCHEMES = ["http://", "https://", "HTTP:\\\\", "https:/", ""]
HOSTS = ["news.example", "WWW.News.Example:80", "www.www.a.b", "bücher.example.", "[::1]:443", "u@h", "a..b", "%6e.x"]
MARKS = [
    "/", "//", "..", ".", "%2e", "%2E%2e", "%41", "%c3", "%25", "%zz", "%", "?", "&", "=", "#", ";", "\\", "a", "é",
    "utm_source=1", "@", ":", "[", "+", "|",
]  # fmt: skip
rests = st.lists(st.sampled_from(MARKS) | st.text(max_size=4)).map("".join)
urls = st.builds("{}{}{}".format, st.sampled_from(SCHEMES), st.sampled_from(HOSTS) | st.text(max_size=12), rests)


@given(st.text() | urls)
def test_any_text_is_canonical_or_refused(text: str) -> None:
    try:
        found = canonical(text)
    except InvalidURL:
        return
    assert found.text.isascii()
    assert len(found.text) <= 2_000
    assert found.text.startswith(f"{found.scheme}://{found.host}")


@given(urls)
def test_canonical_is_idempotent(url: str) -> None:
    try:
        found = canonical(url)
    except InvalidURL:
        return
    assert canonical(found.text) == found
    for scheme in ("http", "https"):
        again = canonical(f"{scheme}://{found.key}")
        # A port that is one scheme's own is a port to the other.
        if found.port not in {80, 443}:
            assert again.key == found.key


SITE = [
    "https://news.example",
    "https://*.paper.example",
    "http://localhost:4000",
    "https://bücher.example",
    "http://[::1]:8000/",
]


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/", "http://news.example/", "https://NEWS.example:443/x",
        "https://a.paper.example", "https://a.b.paper.example",
        "http://localhost:4000/x", "https://localhost:4000/", "http://xn--bcher-kva.example", "http://[0::1]:8000",
    ],
)  # fmt: skip
def test_a_page_of_the_sites_origins_is_allowed(url: str) -> None:
    page = canonical(url)
    assert origin_allows(SITE, page.host, page.port)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.news.example/", "https://news.example:8443/", "https://paper.example",
        "https://evilpaper.example", "https://paper.example.evil",
        "https://news.example.evil.example", "http://localhost/", "http://localhost:4001",
        "https://xnews.example", "http://[::2]:8000",
    ],
)  # fmt: skip
def test_a_page_of_another_host_is_not(url: str) -> None:
    page = canonical(url)
    assert not origin_allows(SITE, page.host, page.port)


@given(
    st.lists(
        st.text()
        | st.sampled_from(["*", "https://*", "https://", "https://*.", "news.example", "https://u@news.example"])
    )
)
def test_a_malformed_pattern_allows_nothing(patterns: list[str]) -> None:
    assert not origin_allows(patterns, "news.example", None)
