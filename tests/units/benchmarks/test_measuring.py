"""What the benchmarks reckon with; the measuring itself is run by `make bench --quick`."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import corpus, load, pictures, report, results
from benchmarks.options import Options
from benchmarks.parts import Part, parts
from benchmarks.processes import held
from benchmarks.requests import ISSO_POST, PARLEY_POST
from benchmarks.results import Chart, Result, Table, Target
from benchmarks.rounds import Spread, alternate, least, ratios
from benchmarks.slopes import Slope
from benchmarks.told import Heap


def test_the_corpus_is_the_same_for_everybody() -> None:
    assert list(corpus.thread(500, texts=9, authors=9)) == list(corpus.thread(500, texts=9, authors=9))
    assert corpus.texts(20) == corpus.texts(20)
    assert len(set(corpus.texts(500))) == 500


def test_replies_come_behind_what_they_answer_and_half_are_roots() -> None:
    planned = list(corpus.thread(5_000, texts=9, authors=9))
    for each in planned:
        if each.parent is not None:
            assert each.parent < each.number
            assert each.depth == planned[each.parent].depth + 1
    roots = sum(each.parent is None for each in planned)
    assert 0.4 < roots / len(planned) < 0.5


def test_rounds_alternate_and_go_back_and_forth() -> None:
    seen: list[str] = []
    found = alternate({name: lambda name=name: seen.append(name) or len(seen) for name in "abc"}, 2)
    assert seen == [*"abc", *"cba"]
    assert found == {"a": [1, 6], "b": [2, 5], "c": [3, 4]}


def test_ratios_are_taken_round_by_round() -> None:
    assert ratios([10, 1, 6], [10, 2, 2]) == Spread(1.0, 0.5, 3.0)
    assert Spread.of([1_234.5, 1, 2_000]).text() == "1,234 (1 to 2,000)"


def test_what_only_ever_adds_is_told_by_the_least() -> None:
    assert least([20.0, 26.0, 90.0], [50.0, 20.0]) == 1.0


def test_growth_is_told_with_how_sure_it_is() -> None:
    """What goes up and down in waves does not grow; that it grows is seen where it does more than that."""
    waves = [(second, 100 + 5 * (second // 20 % 2)) for second in range(180)]
    assert abs(Slope.of(waves).a_second) < 2 * Slope.of(waves).error
    growing = Slope.of([(second, value + second / 10) for second, value in waves])
    assert growing.a_second - 3 * growing.error > 0
    assert abs(growing.a_second - 0.1) < 2 * growing.error
    assert Slope.of([(second, 3.0 + second / 4) for second in range(100)]).text(3_600) == "+900.0 ± 0.0"
    assert Slope.of([(0, 1.0)]).text(1) == "+0.0 ± inf"


def test_a_process_tells_what_it_holds() -> None:
    """Each part where it belongs: what is made here is this process's own, and Python's objects are counted."""
    before, heap = held(os.getpid()), Heap.now()
    kept = [bytearray(b"x" * 30_000_000), [[number] for number in range(200_000)]]
    after, more = held(os.getpid()), Heap.now()
    assert after.own - before.own > 28
    assert more.objects - heap.objects > 150
    assert abs(after.children - before.children) < 20
    assert after.together >= after.own
    assert len(kept) == 2


def test_parts_are_measured_singly_and_the_others_sections_stay() -> None:
    one, other = Part("one", "One", "About one.", _never), Part("other", "Other", "About other.", _never)
    first = {"when": "then", "cores": 2, "memory": "m", "system": "s", "python": "p", "commit": "c", "load": 1.0}
    found = Result([Table("t", ["a"], [["x"]])], [], [Target("share", 0.5, 0.35)], machine=first)
    both = "\n".join(report.document([(one, found), (other, found)], ""))
    anew = Result([], [], [Target("share", 0.7, 0.35)], ["said anew"], machine=first | {"when": "now"})
    after = "\n".join(report.document([(one, None), (other, anew)], both))
    assert "| share | 0.50 | at least 0.35 | held | one |" in after
    assert "| share | 0.70 | at least 0.35 | held | other |" in after
    assert after.count("| x |") == 1
    assert after.index("About one.") < after.index("| x |") < after.index("About other.") < after.index("said anew")
    assert "\n".join(report.document([(one, None), (other, None)], after)) == after


def _never(_options: Options) -> Result:
    raise AssertionError


def test_a_picture_is_one_and_its_words_are_only_words() -> None:
    chart = Chart("x", "a < b & c", "ms", ["1", "<2>"], {"one & two": [1.0, 2_000.0], "none": [0.0, 0.0]})
    drawn = ET.fromstring(pictures.bars(chart))  # noqa: S314  # it was just made here
    assert drawn.tag.endswith("svg")
    assert sum(each.tag.endswith("rect") for each in drawn.iter()) == 1 + 4 + 2


def test_what_was_found_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    found = Result([Table("t", ["a", "b"], [["x", "1"]])], [], [Target("share", 0.5, 0.35)], ["said"])
    found.save("some")
    again = Result.load("some")
    assert again is not None
    assert (again.tables, again.targets, again.notes) == (found.tables, found.targets, found.notes)
    assert again.machine["cores"] >= 1
    assert "| x | 1 |" in again.tables[0].markdown()
    assert Result.load("other") is None


def test_a_target_is_reached_or_kept() -> None:
    assert Target("share", 0.4, 0.35).is_met
    assert not Target("share", 0.3, 0.35).is_met
    assert Target("ratio", 1.2, 1.3, most=True).is_met
    assert not Target("ratio", 1.4, 1.3, most=True).is_met


def test_requests_are_never_the_same_text_twice_and_name_the_same_pages(tmp_path: Path) -> None:
    for kind in (PARLEY_POST, ISSO_POST):
        script = kind.script(tmp_path, ["/article/1"])
        assert "{text}" in kind.body
        assert f'METHOD = "{kind.method}"' in script
    assert len((tmp_path / "texts").read_text().splitlines()) == 2_000


def test_load_goes_to_this_machine_only() -> None:
    with pytest.raises(ValueError, match="this machine"):
        load.read("http://news.test/", [], connections=1, seconds=1)


def test_every_part_says_what_it_measures() -> None:
    assert {"hot_page", "cold_page", "writing", "memory", "start"} <= set(parts())
    for part in parts().values():
        assert part.title
        assert len(part.about) > 80
