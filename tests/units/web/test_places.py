"""As many are answered at once as are answered in good time: played through with a clock of its own."""

from __future__ import annotations

import heapq
from collections import Counter

import pytest

from service.web.places import Places

DEADLINE = 2.0


class Server:
    """Does so many requests a second, all it has taken at the same time and equally fast, and refusals for nothing."""

    def __init__(self, *, a_second: float, most: int = 200) -> None:
        self.now = 0.0
        self.places = Places(most, clock=lambda: self.now)
        self._each = 1 / a_second
        self._under_way: list[tuple[float, float]] = []  # work left to do when it ends, and since when
        self._done = 0.0  # work that each one under way was given so far
        self.said: Counter[str] = Counter()

    def offered(self, *, a_second: float, seconds: float) -> Counter[str]:
        """Offer so many; what became of those that were offered and answered meanwhile."""
        self.said = Counter()
        for _ in range(int(a_second * seconds)):
            self._until(self.now + 1 / a_second)
            self.said["offered"] += 1
            if self.places.take():
                heapq.heappush(self._under_way, (self._done + self._each, self.now))
            else:
                self.said["refused"] += 1
        return self.said

    def _until(self, moment: float) -> None:
        while self._under_way:
            ends, since = self._under_way[0]
            takes = (ends - self._done) * len(self._under_way)
            if self.now + takes > moment:
                self._done += (moment - self.now) / len(self._under_way)
                break
            self.now, self._done = self.now + takes, ends
            heapq.heappop(self._under_way)
            self.places.leave(self.now - since)
            self.said["good" if self.now - since <= DEADLINE else "late"] += 1
        self.now = moment


@pytest.mark.parametrize("peak", [25, 50, 250, 500])
def test_four_times_as_much_as_can_be_done(peak: int) -> None:
    server = Server(a_second=peak)
    calm = server.offered(a_second=peak * 0.7, seconds=10)
    assert calm["refused"] == calm["late"] == 0
    storm = server.offered(a_second=4 * peak, seconds=20)
    assert storm["good"] >= 0.8 * 20 * peak, storm
    # What is left is refused, and refused at once.
    assert storm["refused"] >= 2.5 * 20 * peak
    after = server.offered(a_second=peak * 0.7, seconds=10)
    assert after["refused"] <= 0.1 * after["offered"]
    assert server.offered(a_second=peak * 0.7, seconds=10)["refused"] == 0


def test_a_fixed_number_would_have_answered_nobody_in_time() -> None:
    """What this is for: on a slow machine two hundred at once are four seconds' work, all of it in vain."""
    server = Server(a_second=50)
    server.places._limit = server.places._least = 200.0
    server.offered(a_second=200, seconds=10)
    assert server.offered(a_second=200, seconds=10)["good"] == 0


def test_a_quick_machine_has_them_all() -> None:
    server = Server(a_second=2_000)
    server.offered(a_second=8_000, seconds=10)
    assert server.places.limit == 200
    assert server.said["late"] == 0


def test_a_few_that_take_long_keep_nobody_out() -> None:
    """A search, an export: less than half of the answers, or fewer than tell anything."""
    now = 0.0
    places = Places(200, clock=lambda: now)
    before = places.limit
    for _ in range(200):
        now += 0.05
        for seconds in (3.0, 0.01, 0.01):
            assert places.take()
            places.leave(seconds)
    assert places.limit == before


def test_the_way_back_is_short() -> None:
    """A database that was slow for a while: as soon as it is not, the places come back by themselves."""
    now = 0.0
    places = Places(200, clock=lambda: now)
    for _ in range(100):
        now += 0.02
        places.take()
        places.leave(5.0)
    assert places.limit == 32
    answers = 0
    while places.limit < 200:
        taken = [places.take() for _ in range(places.limit + 1)]
        assert taken.pop() is False
        now += 0.11
        for _ in taken:
            places.leave(0.1)
        answers += 1
    assert answers < 25


def test_those_who_have_come_and_not_taken_theirs_are_counted() -> None:
    places = Places(200)
    places._limit = 3.0
    assert places.take()
    assert [places.promise(), places.promise()] == [True, False]
    assert places.are_promised
    assert not places.is_full  # for those two themselves
    places.recount()
    assert not places.are_promised
