"""What a remap's rule says of an address."""

from __future__ import annotations

import pytest

from service.kit.errors import Invalid
from service.publishing import mapping


def test_a_beginning_whatever_the_scheme() -> None:
    rule = mapping.rule("prefix", "http://news.test/blog/", "https://news.test/articles/")
    assert rule.apply("https://news.test/blog/2026/tram?page=2") == "https://news.test/articles/2026/tram?page=2"
    assert rule.apply("https://news.test/blogs/1") is None


def test_a_host_is_the_whole_host() -> None:
    rule = mapping.rule("host", "old.test", "www.new.test:8443")
    assert rule.apply("https://old.test/a") == "https://www.new.test:8443/a"
    assert rule.apply("https://gold.test/a") is None
    assert rule.apply("https://old.test.evil/a") is None


def test_pairs_with_and_without_names_above() -> None:
    told = '\r\nhttps://news.test/a?utm_source=x,https://news.test/1\r\n"https://news.test/b,c",https://news.test/2\r\n'
    expected = (("https://news.test/a", "https://news.test/1"), ("https://news.test/b,c", "https://news.test/2"))
    assert mapping.pairs(told).pairs == expected
    assert mapping.pairs("old,new" + told).pairs == expected
    assert mapping.Mapper.of_json(mapping.pairs(told).as_json()).pairs == expected


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("", "no pair"),
        ("https://news.test/a", "line 1 has 1 columns"),
        ("https://news.test/a,https://news.test/b\nhttps://news.test/c,nowhere", "line 2"),
        ('https://news.test/a,"https://news.test/b', "no CSV"),
    ],
)
def test_a_wrong_line_is_named(told: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        mapping.pairs(told)
    assert said in refused.value.detail
    assert refused.value.field == "csv"


@pytest.mark.parametrize(
    ("kind", "source", "target", "field"),
    [
        ("host", "a b", "new.test", "from"),
        ("host", "old.test", "new.test:99999", "to"),
        ("prefix", "news", "https://news.test/", "from"),
        ("prefix", "https://news.test/?a=", "https://news.test/", "from"),
        ("pattern", "(", "https://news.test/", "from"),
        ("pattern", "(a)", "https://news.test/$2", "to"),
    ],
)
def test_what_is_no_rule(kind: mapping.Kind, source: str, target: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        mapping.rule(kind, source, target)
    assert refused.value.field == field  # type: ignore[misc]
