"""Comments come along from other systems: one pipeline, so each has the same dry run, report, second run and undo."""

from __future__ import annotations

import gzip
import json

import pytest

from service import identity, transfer
from service.transfer import runs
from tests.stories.transfer import foreign
from tests.stories.transfer.exports import Shelf, left_out, tree
from tests.stories.transfer.foreign import FORMATS, NAMES, PAGE, SECRET, Foreign


@pytest.fixture(params=FORMATS)
def system(request: pytest.FixtureRequest) -> Foreign:
    return FORMATS[request.param]


async def test_a_discussion_comes_over_whole(shelf: Shelf, system: Foreign) -> None:
    path = shelf.save(system.make(), "export")
    before = await shelf.rows()
    plan = await transfer.plan_file(shelf.db, shelf.site, path)
    assert await shelf.rows() == before
    report = await shelf.bring_file(path)
    assert (plan.source, report.source) == (system.name, system.name)
    assert (plan.comments, plan.tombstones) == (report.comments, report.tombstones) == (3, 1)
    assert sum(left_out(report).values()) == report.posts_read - 4

    prefix = f"{system.name}:"
    shown = {name.removeprefix(prefix): comment for name, comment in (await shelf.shown(PAGE)).items()}
    one, two, three, four, _ = (system.number(number) for number in range(1, 6))
    assert tree(shown) == {one: None, two: one, three: None, four: three}
    assert [shown[number].is_published for number in (one, two, three, four)] == [True, True, False, True]
    assert SECRET not in str(await shelf.rows())
    assert [shown[system.number(n)].created_at for n in (1, 2, 4)] == [foreign.at(n) for n in (1, 2, 4)]
    assert [shown[system.number(n)].html for n in (1, 4)] == ["<p>Words of 1.</p>", "<p>Words of 4.</p>"]
    people = await shelf.db.read(identity.people, [shown[number].person_id or 0 for number in (one, two, four)])
    assert {person.name for person in people.values()} == {NAMES[1], NAMES[2], NAMES[4]}
    assert (shown[one].up, shown[one].down) == ((3, 1) if system.tells_votes else (0, 0))
    # Nobody's address, of mail or of the net, came along.
    assert "mail.test" not in str(await shelf.rows())
    assert "192.0.2" not in str(await shelf.rows())
    await shelf.assert_counters_true()

    written = await shelf.rows()
    again = await shelf.bring_file(path)
    assert (again.changed, again.unchanged) == (False, 4)
    assert await shelf.rows() == written
    for run in await shelf.db.read(runs.of_site, shelf.site.id, None, 2):
        await transfer.undo(shelf.db, shelf.site, run.id)
    assert await shelf.rows() == before


async def test_wordpress_knows_a_page_by_two_addresses(shelf: Shelf) -> None:
    report = await shelf.bring_file(shelf.save(foreign.wordpress(), "export"))
    assert (report.pages, report.aliases) == (1, 1)
    assert (await shelf.thread("https://news.test/?p=8")).title == "An article"
    assert left_out(report) == {"spam": 1, "pingback": 1}


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in {"isso", "wordpress"}])
async def test_json_that_was_cut_short_brings_nothing(shelf: Shelf, name: str) -> None:
    whole = FORMATS[name].make()
    text = gzip.decompress(whole) if whole.startswith(b"\x1f\x8b") else whole
    for end in (len(text) - 30, len(text) // 2):
        with pytest.raises(transfer.BadExport) as refused:
            await shelf.bring_file(shelf.save(text[:end], "export"))
        assert refused.value.more["line"]
    assert (await shelf.rows())["comment"] == []


async def test_bad_values_are_named_by_their_line(shelf: Shelf) -> None:
    for wrong in ({"created_at": "yesterday"}, {"id": ""}, {"created_at": None}):
        bundle = json.loads(foreign.artalk())
        bundle[2] |= wrong
        with pytest.raises(transfer.BadRecord) as refused:
            await shelf.bring_file(shelf.save(json.dumps(bundle, indent=1).encode(), "export"))
        assert refused.value.more["line"] > 20
    with pytest.raises(transfer.WrongFile, match="no database of Isso"):
        await shelf.bring_file(shelf.save(b"SQLite format 3\0" + bytes(2_000), "export"))
    with pytest.raises(transfer.FormatUnknown):
        await shelf.bring_file(shelf.save(foreign.artalk(), "export"), source="livefyre")
