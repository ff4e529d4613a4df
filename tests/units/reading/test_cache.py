"""The page cache, without a server."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reading.cache import LATE, Key, PageCache
from service.reading.pace import AT_ONCE

HEADERS = [(b"etag", b'"x"'), (b"content-type", b"text/html")]


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _key(name: str) -> Key:
    return (b"/embed?" + name.encode(), "br")


def _put(cache: PageCache, name: str, *tags: str, body: bytes = b"x", since: int | None = None) -> None:
    cache.put(_key(name), HEADERS, body, tags, since=cache.now() if since is None else since, life=60)


def test_what_changed_is_forgotten_and_nothing_else() -> None:
    cache = PageCache(10**6)
    _put(cache, "a", "thread-1")
    _put(cache, "b", "thread-1", "thread-2")
    _put(cache, "c", "thread-3")
    cache.forget(["thread-1"])
    assert [cache.get(_key(name)) is not None for name in "abc"] == [False, False, True]


def test_a_page_read_before_a_change_is_not_kept_after_it() -> None:
    cache = PageCache(10**6)
    since = cache.now()
    cache.forget(["thread-1"])
    _put(cache, "a", "thread-1", since=since)
    _put(cache, "b", "thread-2", since=since)
    assert cache.get(_key("a")) is None
    assert cache.get(_key("b")) is not None


def test_what_is_being_read_while_everything_is_dropped_is_not_kept() -> None:
    cache = PageCache(10**6)
    since = cache.now()
    cache.clear()
    _put(cache, "a", "thread-1", since=since)
    _put(cache, "b", "thread-1")
    assert cache.get(_key("a")) is None
    assert cache.get(_key("b"))


@pytest.mark.parametrize(
    ("asked", "is_had"),
    [
        (b"", False),
        (b'"x"', True),
        (b'W/"x"', True),
        (b' "y" , "x" ', True),
        (b"*", True),
        (b'"y"', False),
        (b"x", False),
    ],
)
def test_what_a_client_has_is_known_by_its_tag(asked: bytes, *, is_had: bool) -> None:
    cache = PageCache(10**6)
    _put(cache, "a", "t")
    entry = cache.get(_key("a"))
    assert entry
    assert entry.is_had(asked) is is_had


def test_a_header_that_would_make_two_is_not_kept() -> None:
    cache = PageCache(10**6)
    cache.put(_key("a"), [(b"link", b"</x>\r\nSet-Cookie: a=b")], b"x", ["t"], since=cache.now(), life=60)
    assert cache.get(_key("a")) is None


def test_it_lives_as_long_as_it_may() -> None:
    clock = _Clock()
    cache = PageCache(10**6, clock=clock)
    cache.life = 2
    _put(cache, "a", "t")
    clock.now = 1.9
    assert cache.get(_key("a"))
    clock.now = 2.0
    assert cache.get(_key("a")) is None


def test_a_page_past_its_time_is_there_late_only_while_changes_are_heard() -> None:
    clock = _Clock()
    cache = PageCache(10**6, clock=clock)
    cache.live(15)
    _put(cache, "a", "t")
    _put(cache, "b", "u")
    clock.now = 115.0
    assert cache.get(_key("a")) is None
    late = cache.late(_key("a"))
    assert late is not None
    assert late[1] == pytest.approx(100)
    cache.forget(["t"])
    assert cache.late(_key("a")) is None  # somebody took something down
    cache.live(2, deaf=True)
    assert cache.late(_key("b")) is None  # somebody may have
    cache.live(15)
    clock.now = 115.0 + LATE + 10
    assert cache.late(_key("b")) is None


def test_when_pages_may_live_shorter_those_that_are_there_do_too() -> None:
    clock = _Clock()
    cache = PageCache(10**6, clock=clock)
    _put(cache, "a", "t")
    cache.live(2)
    clock.now = 1.9
    assert cache.get(_key("a"))
    clock.now = 2.0
    assert cache.get(_key("a")) is None


def test_a_storm_makes_pages_a_second_old_at_most() -> None:
    clock = _Clock()
    cache = PageCache(10**6, clock=clock)
    _put(cache, "a", "t")
    for _ in range(100):
        cache.soften(["t"])
    assert cache.get(_key("a"))
    clock.now = 1.0
    assert cache.get(_key("a")) is None


def test_what_was_being_read_during_a_storm_is_a_second_old_at_most_too() -> None:
    clock = _Clock()
    cache = PageCache(10**6, clock=clock)
    since = cache.now()
    cache.soften(["t"])
    _put(cache, "a", "t", since=since)
    _put(cache, "b", "t")
    clock.now = 1.0
    assert cache.get(_key("a")) is None
    assert cache.get(_key("b"))


def test_the_least_asked_for_goes_first() -> None:
    cache = PageCache(20_000)
    for name in "abcd":
        _put(cache, name, name, body=b"x" * 3_000)
    cache.get(_key("a"))
    _put(cache, "e", "e", body=b"x" * 3_000)
    assert cache.get(_key("b")) is None
    assert cache.get(_key("a"))


def test_one_page_cannot_take_all_the_room() -> None:
    cache = PageCache(20_000)
    _put(cache, "small", "t")
    _put(cache, "huge", "t", body=b"x" * 9_000)
    assert cache.get(_key("huge")) is None
    assert cache.get(_key("small"))


@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.just("put"), st.sampled_from("abcdefgh"), st.sampled_from(["1", "2", "3"]), st.integers(0, 3_000)
            ),
            st.tuples(st.just("forget"), st.sampled_from(["1", "2", "3"])),
        ),
        max_size=60,
    )
)
def test_it_never_takes_more_room_than_it_has(steps: list[tuple[object, ...]]) -> None:
    cache = PageCache(20_000)
    for step in steps:
        if step[0] == "put":
            _put(cache, str(step[1]), str(step[2]), body=b"x" * int(str(step[3])))
        else:
            cache.forget([str(step[1])])
        entries = [entry for name in "abcdefgh" if (entry := cache.get(_key(name)))]
        assert cache.bytes == sum(entry.size for entry in entries) <= 20_000
        assert len(cache) == len(entries)
    cache.forget(["1", "2", "3"])
    assert (cache.bytes, len(cache)) == (0, 0)


def test_in_a_rush_a_page_is_drawn_four_times_a_second_and_not_for_each_comment() -> None:
    clock = _Clock()
    cache = PageCache(10**6, clock=clock)
    drawn = 0
    for _ in range(1_000):  # ten seconds of a hundred comments each, and somebody who always looks
        cache.grow(["thread-1"])
        if cache.get(_key("a")) is None:
            drawn += 1
            _put(cache, "a", "thread-1")
        clock.now += 0.01
    assert 40 <= drawn <= 40 + 2 * AT_ONCE
    clock.now += 0.25
    assert cache.get(_key("a")) is None, "the last comment is seen soon"


def test_what_is_taken_away_in_a_rush_is_gone_at_once() -> None:
    cache = PageCache(10**6, clock=_Clock())
    for _ in range(100):
        cache.grow(["thread-1"])
    _put(cache, "a", "thread-1")
    since = cache.now()
    cache.grow(["thread-1"])
    assert cache.get(_key("a")), "it may live a moment longer"
    cache.forget(["thread-1"])
    _put(cache, "a", "thread-1", since=since)
    assert cache.get(_key("a")) is None


def test_what_was_read_before_the_last_comment_of_a_rush_lives_a_moment() -> None:
    clock = _Clock()
    cache = PageCache(10**6, clock=clock)
    for _ in range(100):
        cache.grow(["thread-1"])
    since = cache.now()
    cache.grow(["thread-1"])
    _put(cache, "a", "thread-1", since=since)
    assert cache.get(_key("a"))
    clock.now += 0.25
    assert cache.get(_key("a")) is None


def test_slow_talk_is_seen_at_once_for_ever() -> None:
    clock = _Clock()
    cache = PageCache(10**6, clock=clock)
    for _ in range(200):
        clock.now += 0.25
        _put(cache, "a", "thread-1")
        cache.grow(["thread-1"])
        assert cache.get(_key("a")) is None


def _page(number: int, *, asked_in: int = 60) -> tuple[Key, list[tuple[bytes, bytes]], bytes, list[str]]:
    """A page, each byte of it its own, as those are that come from the app."""
    names = [b"content-type", b"etag", b"vary", b"cache-control", b"surrogate-key", b"content-security-policy"]
    headers = [(bytes(bytearray(name)), b"%d %b" % (number, b"x" * 80)) for name in names]
    asked = f"/embed?{number}".encode().ljust(asked_in, b"x")
    return (asked, "br"), headers, b"%d" % number + b"x" * 1_000, [f"thread-{number}", f"site-{number}"]


@pytest.mark.parametrize("asked_in", [60, 10_000])
def test_its_room_is_what_is_really_taken_whatever_was_asked(asked_in: int) -> None:
    """A long question is kept as well, and so is what Python needs for each of them."""
    cache = PageCache(10**6)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1_000):
            key, headers, body, tags = _page(number, asked_in=asked_in)
            cache.put(key, headers, body, tags, since=cache.now(), life=60)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 0.8 * cache.bytes < taken < 1.1 * cache.bytes <= 1.1 * 10**6


def test_changes_of_however_many_threads_take_no_more_room() -> None:
    """And what was read before those that are not remembered any more is not kept."""
    cache = PageCache(10**6)
    since = cache.now()
    cache.forget(["thread-0"])
    later = cache.now()
    for tell in (cache.forget, cache.soften):
        tell(f"thread-{number}" for number in range(1, 25_000))
    assert max(map(len, (cache._forgotten, cache._softened, cache._grown))) <= 10_000
    _put(cache, "a", "thread-0", since=since)
    _put(cache, "b", "thread-0", since=later)
    _put(cache, "c", "thread-0")
    assert [cache.get(_key(name)) is not None for name in "abc"] == [False, False, True]
