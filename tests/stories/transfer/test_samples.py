"""Real exports (authors renamed), recounted from the XML by other means than the importer's."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import pytest

from service import comments, identity
from service.threads import canonical
from tests.stories.transfer.exports import Shelf, left_out

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"
_DSQ = "{http://disqus.com/disqus-internals}id"
_NS = "{http://disqus.com}"


@dataclass(frozen=True)
class Sample:
    """A whole export in memory."""

    root: ET.Element

    @cached_property
    def posts(self) -> dict[str, ET.Element]:
        return {post.attrib[_DSQ]: post for post in self.root.findall(f"{_NS}post")}

    @cached_property
    def threads(self) -> dict[str, ET.Element]:
        return {thread.attrib[_DSQ]: thread for thread in self.root.findall(f"{_NS}thread")}

    @cached_property
    def live(self) -> set[str]:
        return {name for name in self.posts if not (self.says(name, "isDeleted") or self.says(name, "isSpam"))}

    @cached_property
    def tombstones(self) -> set[str]:
        above: set[str] = set()
        for name in self.live:
            parent = self.parent(name)
            while parent is not None and parent not in above:
                above.add(parent)
                parent = self.parent(parent)
        return above - self.live

    @cached_property
    def commented(self) -> set[str]:
        return {self.reference(name, "thread") for name in self.live | self.tombstones}

    def says(self, name: str, flag: str) -> bool:
        return self.text(self.posts[name], flag) == "true"

    def parent(self, name: str) -> str | None:
        return self.reference(name, "parent") or None

    def reference(self, name: str, kind: str) -> str:
        found = self.posts[name].find(f"{_NS}{kind}")
        return "" if found is None else found.attrib[_DSQ]

    def text(self, element: ET.Element, *path: str) -> str:
        return (element.findtext("/".join(f"{_NS}{step}" for step in path)) or "").strip()


@pytest.fixture(params=["disqus-export-blog.xml", "disqus-export-padded.xml"])
def path(request: pytest.FixtureRequest) -> Path:
    """A sample; they lie beside the repository, since they are other people's words."""
    found: Path = SAMPLES / request.param
    if not found.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{found} is not there")
    return found


@pytest.fixture
def sample(path: Path) -> Sample:
    return Sample(ET.parse(path).getroot())  # noqa: S314  # the samples are ours; another parser is the point


async def test_the_report_is_true(shelf: Shelf, path: Path, sample: Sample) -> None:
    report = await shelf.bring_file(path)
    assert report.threads_read == len(sample.threads)
    assert report.posts_read == len(sample.posts)
    assert report.comments == len(sample.live)
    assert report.tombstones == len(sample.tombstones)
    gone = set(sample.posts) - sample.live - sample.tombstones
    assert sum(left_out(report).values()) == len(gone)
    assert left_out(report).get("spam", 0) == sum(
        sample.says(n, "isSpam") for n in gone if not sample.says(n, "isDeleted")
    )
    assert {count.kind: count.count for count in report.threads_left_out} == {
        "without-comments": len(sample.threads) - len(sample.commented)
    }
    assert report.mended == ()


async def test_every_comment_is_where_it_was(shelf: Shelf, path: Path, sample: Sample) -> None:
    await shelf.bring_file(path)
    seen: set[str] = set()
    for thread in sample.commented:
        element = sample.threads[thread]
        shown = await shelf.shown(sample.text(element, "link"), sample.text(element, "id") or None)
        by_id = {comment.id: name for name, comment in shown.items()}
        here = {name for name in sample.live | sample.tombstones if sample.reference(name, "thread") == thread}
        assert here <= set(shown)
        people = await shelf.db.read(identity.people, [c.person_id for c in shown.values() if c.person_id])
        for name in here:
            comment, post = shown[name], sample.posts[name]
            assert by_id.get(comment.parent_id or 0) == sample.parent(name)
            assert comment.created_at == datetime.fromisoformat(sample.text(post, "createdAt"))
            assert comment.is_published == (name in sample.live)
            if comment.is_published:
                assert comment.body == sample.text(post, "message")
                assert people[comment.person_id or 0].name == sample.text(post, "author", "name")
        seen |= here
    assert seen == sample.live | sample.tombstones
    await shelf.assert_counters_true()


async def test_nothing_deleted_and_no_spam_is_shown(shelf: Shelf, path: Path, sample: Sample) -> None:
    await shelf.bring_file(path)
    origins = [f"disqus:{name}" for name in sample.posts if name not in sample.live]
    found = await shelf.db.read(comments.places, shelf.site.id, origins)
    assert set(found) == {f"disqus:{name}" for name in sample.tombstones}
    rows = await shelf.db.read(comments.get_many, [place.id for place in found.values()], comments.STAFF)
    assert all(not comment.body and not comment.html for comment in rows.values())


async def test_pages_are_merged_and_no_more_than_that(shelf: Shelf, path: Path, sample: Sample) -> None:
    report = await shelf.bring_file(path)
    names = {thread: sample.text(sample.threads[thread], "id") for thread in sample.commented}
    keys = {thread: canonical(sample.text(sample.threads[thread], "link")).key for thread in sample.commented}
    # No identifier stands for two threads in these files, so an address with one or no identifier is one page.
    at_key: dict[str, set[str]] = {}
    for thread, key in keys.items():
        at_key.setdefault(key, set()).add(names[thread])
    assert report.pages == sum(max(1, len(found - {""})) for found in at_key.values())


async def test_a_second_run_changes_nothing(shelf: Shelf, path: Path) -> None:
    await shelf.bring_file(path)
    before = await shelf.rows()
    assert not (await shelf.bring_file(path)).changed
    assert await shelf.rows() == before
