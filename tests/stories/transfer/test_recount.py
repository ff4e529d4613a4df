"""Exports with all the quirks of real ones at once, made at random and recounted with regular expressions alone."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from datetime import timedelta

import pytest

from service import comments
from tests.stories.transfer.exports import NEWS, START, Export, Shelf, left_out

# One article each: what it was seen under.
_SPELLINGS = (
    "{}/a{}", "http://www.news.test/a{}/", "{}/a{}?fbclid=IwAR0x", "{}/a{}/?utm_source=feed&utm_medium=rss",
    "https://webcache.googleusercontent.com/search?q=cache:Ab3dEf6hIj0K:{}/a{}",
    "https://translate.googleusercontent.com/translate_c?depth=1&u={}/a{}&sl=en",
)  # fmt: skip


def quirks(seed: int) -> Export:
    """Padded values, empty identifiers and titles, tombstones, orphans, foreign hosts, threads without posts."""
    rng = random.Random(seed)
    export = Export(pad=rng.choice(["", "\n\t  ", " "]))
    threads = []
    for article in range(12):
        for number in range(rng.randint(1, 4)):
            link = rng.choice(_SPELLINGS)
            link = link.format(article) if link.startswith("http://") else link.format(NEWS, article)
            threads.append(
                export.thread(f"{article}0{number}", link=link, identifier="", title=rng.choice(["", "Wörter 🚋"]))
            )
    threads.append(export.thread("9000", link="http://localhost:4000/draft"))
    threads.append(export.thread("9001", link="http://192.168.1.7:8080/draft?p=1"))
    export.thread("9002", link=f"{NEWS}/nobody-wrote-here", identifier="1821 http://news.test/?p=1821")
    posts: dict[str, list[str]] = defaultdict(list)
    for number in range(1, 220):
        thread = rng.choice(threads)
        above = rng.choice(posts[thread]) if posts[thread] and rng.random() < 0.6 else None
        posts[thread].append(
            export.post(
                str(3_000_000_000 + number),
                thread=thread if rng.random() > 0.02 else "404404",
                parent=above if rng.random() > 0.02 else "404405",
                username=rng.choice(["ada", "bo", None]),
                message=rng.choice(["<p>Yes &amp; &lt;b&gt;no&lt;/b&gt;</p>", f"<p>Words of {number} 東京</p>"]),
                created=START + timedelta(minutes=number),
                is_deleted=rng.random() < 0.1,
                is_spam=rng.random() < 0.1,
            )
        )
    return export


def recounted(xml: str) -> tuple[set[str], set[str], dict[str, str]]:
    """Live comments, tombstones, and the parent each shown one hangs on: read with regular expressions."""
    known = set(re.findall(r'<thread dsq:id="(\d+)"><id>', xml))
    article = {number: number[:-2] if len(number) > 2 and number[0] != "9" else number for number in known}
    state, parent, page = {}, {}, {}
    for post in re.findall(r"<post .*?</post>", xml, re.DOTALL):
        number, thread = re.findall(r'<post dsq:id="(\d+)"', post)[0], re.findall(r'<thread dsq:id="(\d+)"', post)[0]
        if thread not in known:
            continue
        gone = re.search(r"<isDeleted>\s*true", post) or re.search(r"<isSpam>\s*true", post)
        state[number], page[number] = not gone, article[thread]
        if found := re.findall(r'<parent dsq:id="(\d+)"', post):
            parent[number] = found[0]
    parent = {number: above for number, above in parent.items() if page.get(above) == page[number]}
    live = {number for number, is_live in state.items() if is_live}
    stones: set[str] = set()
    for number in live:
        while (number := parent.get(number, "")) and number not in stones:  # the way up
            stones.add(number)
    stones -= live
    return live, stones, {number: parent[number] for number in live | stones if number in parent}


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_live_comment_arrives_once_and_where_it_was(shelf: Shelf, seed: int) -> None:
    export = quirks(seed)
    live, stones, parents = recounted(export.xml().decode())
    report = await shelf.bring(export)
    assert (report.comments, report.tombstones) == (len(live), len(stones))
    assert report.posts_read == 219
    hosts = {each.host for each in report.foreign_hosts}
    assert hosts - {"www.news.test"} == {"localhost:4000", "192.168.1.7:8080"}
    assert set(left_out(report)) <= {"deleted", "spam", "orphan"}
    found = await shelf.db.read(comments.places, shelf.site.id, [f"disqus:{number}" for number in live | stones])
    assert len(found) == len(live) + len(stones)
    rows = await shelf.db.read(comments.get_many, [place.id for place in found.values()], comments.STAFF)
    name = {place.id: origin.removeprefix("disqus:") for origin, place in found.items()}
    assert {name[number] for number, row in rows.items() if row.is_published} == live
    assert {name[n]: name[row.parent_id] for n, row in rows.items() if row.parent_id} == parents
    # One discussion for each article, and one for each of the two drafts.
    assert report.pages == len({row.thread_id for row in rows.values()}) == 14
    await shelf.assert_counters_true()
    before = await shelf.rows()
    assert not (await shelf.bring(export)).changed
    assert await shelf.rows() == before
