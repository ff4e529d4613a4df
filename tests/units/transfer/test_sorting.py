"""What becomes of each comment, against a slow and simple reckoning of the same."""

from __future__ import annotations

import tempfile
import threading
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from service.transfer.formats import disqus
from service.transfer.sorting import DEEPEST, sort_out
from service.transfer.staging import StagedPost, Staging
from tests.stories.transfer.exports import NEWS, START, Export


def sorted_out(export: Export) -> list[StagedPost]:
    """Everything that is to be written, in its order."""
    with tempfile.TemporaryDirectory() as folder, Staging() as staging:
        path = Path(folder) / "export.xml"
        path.write_bytes(export.xml())
        staging.fill(disqus.read(path), [NEWS], lambda _done, _total: None, threading.Event())
        sort_out(staging)
        return [post for batch in staging.batches(7, 3) for post in batch]


Drawn = tuple[int | None, bool, int, int]
drawn = st.lists(
    st.tuples(st.none() | st.integers(0, 24), st.booleans(), st.integers(0, 1), st.integers(0, 5)), max_size=24
)


def export_of(drawing: list[Drawn]) -> Export:
    export = Export()
    export.thread("0", link=f"{NEWS}/zero")
    export.thread("1", link=f"{NEWS}/one")
    for number, (parent, is_deleted, thread, minute) in enumerate(drawing):
        export.post(
            str(number),
            thread=str(thread),
            parent=None if parent is None else str(parent),
            is_deleted=is_deleted,
            created=START + timedelta(minutes=minute),
        )
    return export


@settings(max_examples=150, deadline=None)
@given(drawn)
def test_what_is_kept_and_where_it_hangs(drawing: list[Drawn]) -> None:
    def above(number: int) -> int | None:
        parent, _, thread, _ = drawing[number]
        return parent if parent is not None and parent < len(drawing) and drawing[parent][2] == thread else None

    kept: set[int] = set()
    for number, (_, is_deleted, _, _) in enumerate(drawing):
        at: int | None = None if is_deleted else number
        seen: set[int] = set()
        while at is not None and at not in seen:
            seen.add(at)
            kept.add(at)
            at = above(at)
    found = sorted_out(export_of(drawing))
    assert {int(post.id) for post in found} == kept
    written: dict[str, int] = {}
    for post in found:
        number = int(post.id)
        # Parents first, each where the export has it, unless that would have gone around in a circle.
        assert post.parent is None or post.parent in written
        if post.parent is None:
            assert above(number) is None or in_circle(number, above)
        else:
            assert int(post.parent) == above(number)
        written[post.id] = post.page
        assert post.fate == ("deleted" if drawing[number][1] else "live")


def in_circle(number: int, above: object) -> bool:
    assert callable(above)
    at, seen = above(number), set[int]()
    while at is not None and at not in seen:
        if at == number:
            return True
        seen.add(at)
        at = above(at)
    return False


@settings(max_examples=60, deadline=None)
@given(drawn)
def test_each_page_comes_in_one_piece_and_each_level_by_time(drawing: list[Drawn]) -> None:
    found = sorted_out(export_of(drawing))
    pages = [post.page for post in found]
    assert pages == sorted(pages)
    depth: dict[str, int] = {}
    order = []
    for post in found:
        depth[post.id] = depth[post.parent] + 1 if post.parent else 0
        order.append((post.page, depth[post.id], post.created_at))
    assert order == sorted(order)


def test_what_is_deeper_than_any_site_goes_on_flat() -> None:
    export = Export()
    export.thread()
    export.post("0")
    for number in range(1, DEEPEST + 50):
        export.post(str(number), parent=str(number - 1))
    found = {post.id: post.parent for post in sorted_out(export)}
    assert len(found) == DEEPEST + 50
    assert found[str(DEEPEST)] == str(DEEPEST - 1)
    assert {found[str(number)] for number in range(DEEPEST, DEEPEST + 50)} == {str(DEEPEST - 1)}
