"""A forum is pulled through Disqus's API: page by page, within its limits, and on from where it stopped."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service import transfer
from service.kit.http import Outbound, URLRefused
from tests.servers.disqus_api import KEY, TOKEN, DisqusAPI, post, refusal, thread
from tests.servers.listener import Listener, answer, listener
from tests.stories.transfer.exports import Export, Shelf, left_out, tree


@pytest.fixture
async def there() -> AsyncIterator[tuple[Listener, DisqusAPI]]:
    api = DisqusAPI(page=10)
    api.threads = [thread(number) for number in range(1, 26)]
    api.posts = [post(number, of=1 + number % 3) for number in range(1, 36)]
    api.posts[4] |= {"isDeleted": True, "message": "<p>SECRET</p>"}
    api.posts[7] |= {"parent": 5, "thread": api.posts[4]["thread"]}
    api.posts[8] |= {"isSpam": True, "message": "<p>SECRET</p>"}
    api.posts[9] |= {"isApproved": False, "message": "<p>SECRET</p>"}
    async with listener() as made:
        made.reply = api.reply
        yield made, api


class Hours:
    """Sleeps without sleeping."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def forum(there: Listener, key: str = KEY, token: str | None = None) -> transfer.Forum:
    return transfer.Forum("news", key, token, f"{there.url}/api/3.0")


@pytest.fixture
async def out(there: tuple[Listener, DisqusAPI]) -> AsyncIterator[Outbound]:
    made = Outbound([f"127.0.0.1:{there[0].port}"])
    yield made
    await made.close()


async def test_all_of_it_comes_and_a_moderators_token_tells_more(
    shelf: Shelf, there: tuple[Listener, DisqusAPI], out: Outbound, tmp_path: Path
) -> None:
    listening, api = there
    path = tmp_path / "with.jsonl"
    assert await transfer.pull(out, forum(listening, token=TOKEN), path) == 35
    assert [what for what, _ in api.asked] == ["listThreads"] * 3 + ["listPosts"] * 4
    assert path.stat().st_mode & 0o077 == 0
    report = await shelf.bring_file(path)
    assert (report.source, report.comments, report.tombstones) == ("disqus-api", 32, 1)
    assert left_out(report) == {"spam": 1, "unapproved": 1}
    assert "SECRET" not in str(await shelf.rows())
    shown = await shelf.shown("https://news.test/a3")
    assert tree(shown)["8"] == "5"
    assert (shown["8"].up, shown["8"].html) == (2, "<p>Words of 8.</p>")
    await shelf.assert_counters_true()

    # Without it the same, but nobody says that there was something above.
    bare = tmp_path / "without.jsonl"
    assert await transfer.pull(out, forum(listening), bare) == 32
    again = await shelf.bring_file(bare)
    assert (again.changed, again.unchanged) == (False, 32)
    # The XML export knows them by the same ids.
    export = Export()
    export.thread("3", link="https://news.test/a3", identifier="page-3")
    export.post("8", thread="3")
    assert (await shelf.bring(export)).unchanged == 1


async def test_it_goes_on_where_it_stopped(there: tuple[Listener, DisqusAPI], out: Outbound, tmp_path: Path) -> None:
    listening, api = there
    whole = tmp_path / "whole.jsonl"
    await transfer.pull(out, forum(listening), whole)
    path, hours = tmp_path / "news.jsonl", Hours()
    api.asked.clear()
    api.before = lambda number: answer(503) if number > 5 else None
    with pytest.raises(transfer.PullStopped):
        await transfer.pull(out, forum(listening), path, sleep=hours)
    assert hours.slept == [1, 2, 4, 8, 16, 32]
    # Half a line is what a power cut leaves.
    with path.open("ab") as file:
        file.write(b'{"post": {"id": "9')
    api.asked.clear()
    api.before = None
    await transfer.pull(out, forum(listening), path)
    assert api.asked[0] == ("listPosts", "20:0:0")
    assert path.read_bytes() == whole.read_bytes()
    api.asked.clear()
    assert await transfer.pull(out, forum(listening), path) == 32
    assert api.asked == []


async def test_limits_are_kept_and_refusals_are_told(
    there: tuple[Listener, DisqusAPI], out: Outbound, tmp_path: Path
) -> None:
    listening, api = there
    reset, hours = str(int(time.time()) + 1_000), Hours()
    api.before = lambda number: (
        refusal(13, "You have exceeded your hourly limit", 400, X_Ratelimit_Reset=reset) if number == 2 else None
    )
    assert await transfer.pull(out, forum(listening), tmp_path / "a.jsonl", sleep=hours) == 32
    assert len(hours.slept) == 1
    assert 900 < hours.slept[0] <= 1_000
    api.before = None
    with pytest.raises(transfer.PullRefused, match="Invalid API key"):
        await transfer.pull(out, forum(listening, key="wrong"), tmp_path / "b.jsonl")
    with pytest.raises(transfer.PullRefused, match="no file of the forum"):
        await transfer.pull(out, transfer.Forum("other", KEY, None, listening.url), tmp_path / "a.jsonl")
    with pytest.raises(URLRefused):
        await transfer.pull(out, transfer.Forum("news", KEY, None, "http://192.0.2.1/api"), tmp_path / "c.jsonl")
    api.before = lambda _: answer(200, b"<html>")
    with pytest.raises(transfer.PullRefused):
        await transfer.pull(out, forum(listening), tmp_path / "d.jsonl")


async def test_half_a_pull_is_not_imported(shelf: Shelf) -> None:
    content = b'{"disqus_api":1,"forum":"news"}\n{"next":"post","cursor":null}\n'
    with pytest.raises(transfer.CutShort):
        await shelf.bring_file(shelf.save(content, "news.jsonl"))
