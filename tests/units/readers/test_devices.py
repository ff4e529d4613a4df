"""A browser and a network, in so few words that they are of many."""

from __future__ import annotations

import pytest

from service.kit.seal import Keeper
from service.readers import devices

_CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
)
_SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (_CHROME, "Chrome, Android"),
        (_SAFARI, "Safari, iPhone"),
        (f"{_CHROME} EdgA/140.0", "Edge, Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, macOS"),
        ("curl/8.9", ""),
        ("", ""),
    ],
)
def test_two_words_of_a_browser(agent: str, words: str) -> None:
    assert devices.words_of(agent) == words


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.*"),
        ("2001:db8:1:2::/64", "2001:db8::*"),
        ("0.0.0.0", ""),
        ("nothing", ""),
    ],
)
def test_the_part_of_an_address_that_a_town_shares(address: str, network: str) -> None:
    assert devices.network_of(address) == network
    keeper = Keeper("a secret that only the tests know, long enough")
    kept = devices.sealed(keeper, _CHROME, address)
    assert devices.opened(keeper, kept) == ("Chrome, Android", network)
    assert devices.opened(Keeper("another secret, which is long enough as well"), kept) == ("", "")
