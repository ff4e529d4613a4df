"""A publisher carries everything out, and in again somewhere else: nothing is lost, and nobody else reads it."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from service import comments, posting, threads, transfer
from service.comments import Comment
from service.identity import Visitor
from service.kit.db import Database
from service.kit.seal import Keeper
from service.posting import NewComment, PostingRules
from tests.stories.transfer.exports import NEWS, START, Export, Shelf
from tests.world import World

SECRET = "SECRET words"


async def lines_of(shelf: Shelf) -> list[dict[str, Any]]:
    return [json.loads(line) async for line in transfer.export_lines(shelf.db, shelf.site)]


def told(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What an export says: without the head, and with threads called by their address, since numbers are the site's."""
    urls = {line["thread"]["id"]: (line["thread"]["identifier"], line["thread"]["url"]) for line in lines[1:-1]
            if "thread" in line}  # fmt: skip
    found = []
    for line in lines[1:-1]:
        if "thread" in line:
            found.append({**line["thread"], "id": None})
        else:
            found.append({**line["comment"], "thread": urls[line["comment"]["thread"]]})
    return sorted(found, key=lambda each: json.dumps(each, sort_keys=True))


async def a_full_site(shelf: Shelf, keeper: Keeper) -> None:
    export = Export()
    export.thread(identifier="page-1", title="Trams & ferries")
    export.thread("2", link="http://old.test/article?x=1", identifier="page-1", title="Trams & ferries")
    for number in range(1, 8):
        parent = str(number - 1) if number > 2 else None
        export.post(str(number), parent=parent, username=None if number % 2 else "bo", is_deleted=number == 3)
    # Word for word the same, and no copy.
    export.post("20", message="<p>Yes</p>", created=START)
    await shelf.bring(export)
    posted = []
    for body, page in (("**Mine**", "article"), ("`Second`", "article"), (SECRET, "other"), ("Third", "other")):
        draft = posting.weigh(NewComment(body=body, url=f"{NEWS}/{page}", name="Dee"), PostingRules())
        posted.append((await shelf.db.transact(posting.post, keeper, shelf.site, Visitor("192.0.2.1"), draft)).comment)
    await decide(shelf, posted)
    empty = threads.canonical(f"{NEWS}/empty")
    made = await shelf.db.transact(threads.open_thread, shelf.site, empty, "nothing-yet", "Nothing yet", any_host=True)
    await shelf.db.transact(threads.set_state, made.id, "closed")


async def decide(shelf: Shelf, posted: list[Comment]) -> None:
    await shelf.db.transact(comments.mark, posted[0].id, posted[0].version, featured=True, pinned=True)
    await shelf.db.transact(comments.mark, posted[1].id, posted[1].version, replies_closed=True)
    await shelf.db.transact(comments.set_state, posted[2].id, None, "held")
    await shelf.db.transact(comments.set_state, posted[3].id, None, "spam")


async def test_out_and_in_again_it_is_the_same(shelf: Shelf, keeper: Keeper, tmp_path: Path) -> None:
    await a_full_site(shelf, keeper)
    out = await lines_of(shelf)
    assert out[-1] == {"end": {"threads": 3, "comments": 12}}
    content = "".join(json.dumps(line) + "\n" for line in out).encode()

    other = await Shelf.new(shelf.db, tmp_path)
    report = await other.bring_file(other.save(gzip.compress(content), "export.jsonl.gz"))
    assert (report.source, report.posts_read, report.pages) == ("parley", 12, 3)
    assert told(await lines_of(other)) == told(out)
    await other.assert_counters_true()
    # What nobody was to see, nobody sees.
    shown = await other.shown(f"{NEWS}/article")
    assert sum(comment.is_published for comment in shown.values()) == 9
    assert SECRET in str(await other.rows())
    assert not (await other.shown(f"{NEWS}/other"))
    assert (await other.thread(f"{NEWS}/other")).comment_count == 0
    assert not (await other.thread(f"{NEWS}/empty", "nothing-yet")).is_open
    mine = next(comment for comment in shown.values() if comment.body == "**Mine**")
    assert (mine.pinned, mine.featured, mine.html) == (True, True, "<p><strong>Mine</strong></p>")

    # A second time nothing changes, there and where it came from.
    for where in (other, shelf):
        before = await where.rows()
        again = await where.bring_file(where.save(content, "export.jsonl"))
        assert (again.changed, again.unchanged) == (False, 12)
        assert await where.rows() == before


async def test_a_file_that_is_not_whole_is_refused(shelf: Shelf) -> None:
    await shelf.bring(_one_comment())
    whole = "".join([line async for line in transfer.export_lines(shelf.db, shelf.site)])
    lines = whole.splitlines(keepends=True)
    for cut in ("".join(lines[:-1]), whole[:-20], "".join(lines[:2])):
        with pytest.raises(transfer.BadExport):
            await shelf.bring_file(shelf.save(cut.encode(), "export.jsonl"))
    for wrong in (whole.replace('"published"', '"shining"'), whole.replace('"parley":1', '"parley":9')):
        with pytest.raises(transfer.BadExport):
            await shelf.bring_file(shelf.save(wrong.encode(), "export.jsonl"))


def _one_comment() -> Export:
    export = Export()
    export.thread()
    export.post("1", created=START + timedelta(hours=1))
    return export


async def test_owners_get_it_over_http_and_it_is_on_record(world: World, db: Database, tmp_path: Path) -> None:
    shelf = Shelf(db, world.site, tmp_path)
    await shelf.bring(_one_comment())
    owner: AsyncClient = await world.staff("owner", f"owner@{world.site.name}.test")
    answer = await owner.get(f"/api/v1/sites/{world.site.name}/export.jsonl")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert json.loads(answer.text.splitlines()[-1]) == {"end": {"threads": 1, "comments": 1}}
    assert '"id":"disqus:1"' in answer.text
    log = await owner.get("/api/v1/moderation/log", params={"site": world.site.name})
    assert "exported" in [entry["action"] for entry in log.json()["items"]]
    moderator = await world.staff("moderator", f"moderator@{world.site.name}.test")
    assert (await moderator.get(f"/api/v1/sites/{world.site.name}/export.jsonl")).status_code == 403
