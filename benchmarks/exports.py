"""Writes Disqus exports nobody's readers wrote: any number of comments, in constant memory.

    python -m benchmarks.exports 1000000 export.xml

One comment in 50 is spam, one in 100 was deleted, and nearly half answer another. Articles are of every size: half of
the comments are in one in a hundred of them. Every third article was also seen under a further address.
"""

from __future__ import annotations

import argparse
import html
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from benchmarks import corpus
from benchmarks.seed import ORIGIN

_SEED = 20_261_126
_START = datetime(2012, 1, 1, tzinfo=UTC)
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com"'
    ' xmlns:dsq="http://disqus.com/disqus-internals">\n<category dsq:id="1"><forum>bench</forum><title>General</title>'
    "<isDefault>true</isDefault></category>\n"
)


def write(path: Path, count: int) -> dict[str, int]:
    """Write an export of so many comments; how many of each kind are in it."""
    articles = max(1, count // 100)
    kinds = {"live": 0, "spam": 0, "deleted": 0}
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        _threads(file, articles)
        for kind, post in _posts(count, articles):
            kinds[kind] += 1
            file.write(post)
        file.write("</disqus>\n")
    return kinds


def _threads(file: IO[str], articles: int) -> None:
    for number in range(1, articles + 1):
        _thread(file, number, f"{ORIGIN}/{number % 300}/article-{number}.html", f"a-{number}" if number % 2 else "")
        if number % 3 == 0:
            _thread(
                file, articles + number, f"http://www.news.test/{number % 300}/article-{number}.html?utm_source=x", ""
            )


def _thread(file: IO[str], number: int, link: str, identifier: str) -> None:
    at = _stamp(_START + timedelta(minutes=number))
    file.write(
        f'<thread dsq:id="{number}"><id>{identifier}</id><forum>bench</forum><category dsq:id="1" /><link>'
        f"{html.escape(link)}</link><title>Article {number}</title><message /><createdAt>{at}</createdAt><author>"
        "<name>Editor</name><isAnonymous>false</isAnonymous><username>editor</username></author>"
        "<isClosed>false</isClosed><isDeleted>false</isDeleted></thread>\n"
    )


def _posts(count: int, articles: int) -> Iterator[tuple[str, str]]:
    rng = random.Random(_SEED)
    texts = [f"<p>{html.escape(text)}</p>" for text in corpus.texts()]
    names = corpus.authors()
    latest: dict[int, list[int]] = {}
    busy = max(1, articles // 100)
    for number in range(1, count + 1):
        thread = rng.randrange(1, busy + 1) if number % 2 else rng.randrange(1, articles + 1)
        known = latest.setdefault(thread, [])
        parent = rng.choice(known) if known and rng.random() < 0.45 else None
        latest[thread] = [*known[-7:], number]
        yield _post(rng, number, thread, parent, rng.choice(texts), rng.choice(names))


def _post(rng: random.Random, number: int, thread: int, parent: int | None, words: str, name: str) -> tuple[str, str]:
    lot = rng.random()
    kind = "spam" if lot < 0.02 else "deleted" if lot < 0.03 else "live"
    # A third are guests, who are a new person each time.
    author = f"<name>{name}</name><isAnonymous>{'true' if number % 3 == 0 else 'false'}</isAnonymous>"
    if number % 3:
        author += f"<username>{name.replace(' ', '').lower()}</username>"
    above = f'<parent dsq:id="{parent}" />' if parent else ""
    return kind, (
        f'<post dsq:id="{number}"><id /><message><![CDATA[{words}]]></message>'
        f"<createdAt>{_stamp(_START + timedelta(seconds=number * 37))}</createdAt>"
        f"<isDeleted>{'true' if kind == 'deleted' else 'false'}</isDeleted>"
        f"<isSpam>{'true' if kind == 'spam' else 'false'}</isSpam><author>{author}</author>"
        f'<thread dsq:id="{thread}" />{above}</post>\n'
    )


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("count", type=int)
    asked.add_argument("path", type=Path)
    given = asked.parse_args()
    print(write(given.path, given.count))
