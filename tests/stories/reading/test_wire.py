"""Ready pages over a real socket: what the protocol answers by itself is what the application would have answered."""

from __future__ import annotations

import httpx
import pytest

from tests.stories.conftest import Wire


def _fields(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "date"}


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
@pytest.mark.parametrize("path", ["/embed", "/api/v1/threads"])
async def test_a_hit_is_the_very_answer_and_asks_nobody(wire: Wire, path: str, coding: str) -> None:
    first = await wire.get(wire.page(path), **{"Accept-Encoding": coding})
    wire.app.asked.clear()
    again = await wire.get(wire.page(path), **{"Accept-Encoding": coding})
    assert wire.app.asked == []
    assert again.status_code == first.status_code == 200
    assert _fields(again) == _fields(first)
    assert again.content == first.content
    assert "over the wire" in again.text
    assert again.headers["date"]


async def test_who_has_the_page_is_told_so(wire: Wire) -> None:
    first = await wire.get(wire.page())
    wire.app.asked.clear()
    for asked in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = await wire.get(wire.page(), **{"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert "content-length" not in again.headers
    assert (await wire.get(wire.page(), **{"If-None-Match": '"other"'})).status_code == 200
    assert wire.app.asked == []


async def test_head_has_the_headers_and_no_body(wire: Wire) -> None:
    first = await wire.get(wire.page(), **{"Accept-Encoding": "gzip"})
    wire.app.asked.clear()
    said = await wire.talk(
        f"HEAD {wire.page()} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n"
        f"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    )
    head, _, rest = said.partition(b"\r\n\r\n")
    assert f"content-length: {first.headers['content-length']}".encode() in head
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")
    assert wire.app.asked == ["/livez"]


async def test_answers_come_in_the_order_of_the_questions(wire: Wire) -> None:
    await wire.get(wire.page(), **{"Accept-Encoding": "identity"})
    hit = f"GET {wire.page()} HTTP/1.1\r\nHost: a\r\n\r\n"
    miss = f"GET {wire.page(sort='oldest')} HTTP/1.1\r\nHost: a\r\n\r\n"
    last = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    said = (await wire.talk((hit + miss + hit + last).encode())).decode()
    assert said.count("HTTP/1.1 200 OK") == 4
    lengths = [int(part.partition("\r\n")[0]) for part in said.split("content-length: ")[1:]]
    assert lengths[0] == lengths[2] != lengths[1]
    assert said.rindex("</html>") < said.rindex("HTTP/1.1 200 OK")


async def test_what_is_unusual_goes_the_usual_way(wire: Wire) -> None:
    await wire.get(wire.page(), **{"Accept-Encoding": "identity"})
    for version, more in (
        ("1.0", ""),
        ("1.1", "Connection: close\r\n"),
        ("1.1", "Connection: close\r\nContent-Length: 3\r\n\r\nabc"),
    ):
        said = await wire.talk(f"GET {wire.page()} HTTP/{version}\r\nHost: a\r\n{more}\r\n".encode())
        assert said.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"over the wire" in said
    with_body = f"GET {wire.page()} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    last = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert (await wire.talk((with_body + last).encode())).count(b"HTTP/1.1 200 OK") == 2
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{wire.port}", trust_env=False) as client:
        assert (await client.post(wire.page())).status_code == 405


async def test_a_connection_that_got_a_hit_is_not_kept_for_ever(wire: Wire) -> None:
    await wire.get(wire.page(), **{"Accept-Encoding": "identity"})
    wire.app.asked.clear()
    said = await wire.talk(f"GET {wire.page()} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert wire.app.asked == []


async def test_who_asks_from_where_makes_no_difference_here_either(wire: Wire) -> None:
    seen = set()
    for headers in (
        {},
        {"Host": "evil.test", "X-Forwarded-Host": "evil.test"},
        {"Origin": "https://evil.test", "Referer": "https://evil.test/"},
        {"Cookie": "parley-staff=stolen", "Authorization": "Bearer 1.2"},
        {"Accept-Language": "de"},
    ):
        response = await wire.get(wire.page(), **{"Accept-Encoding": "identity", **headers})
        assert "evil.test" not in response.text + str(response.headers)
        assert "set-cookie" not in response.headers
        seen.add(response.content)
    assert len(seen) == 1


async def test_what_changed_is_not_sent_any_more(wire: Wire) -> None:
    await wire.get(wire.page())
    await wire.world.guest("Ben").post("and another")
    assert "and another" in (await wire.get(wire.page())).text


async def test_a_viewers_own_is_never_answered_here(wire: Wire) -> None:
    ada = wire.world.guest("Eve")
    thread = (await ada.post("mine"))["comment"]["thread"]
    path = f"/api/v1/threads/{thread}/viewer"
    own = await wire.get(path, **ada.headers)
    assert own.json()["own"]
    assert (await wire.get(path)).json()["own"] == []
    assert own.headers["cache-control"] == "private, no-store"
