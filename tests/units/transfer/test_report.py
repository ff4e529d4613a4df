"""The report, for scripts and for people."""

from __future__ import annotations

import json

from service.transfer.report import MENDED, POSTS_LEFT_OUT, THREADS_LEFT_OUT, Count, Host, Report, Twins

FULL = Report(
    source="disqus",
    file="export.xml",
    site="demo",
    threads_read=1_234,
    posts_read=56_789,
    pages=1,
    aliases=2,
    comments=1_000,
    tombstones=1,
    people=3,
    unchanged=1,
    posts_left_out=tuple(Count(kind, 6, ("1 in line 2",)) for kind in POSTS_LEFT_OUT),
    threads_left_out=tuple(Count(kind, 1, ("1 in line 2",)) for kind in THREADS_LEFT_OUT),
    mended=tuple(Count(kind, 1, ("1 in line 2",)) for kind in MENDED),
    foreign_hosts=(Host("old.test", 1, 2),),
    twins=(Twins("https://a.test/", "https://b.test/", 3),),
    seconds=1.25,
)


def test_scripts_get_all_of_it() -> None:
    read = json.loads(json.dumps(FULL.as_json()))
    assert read["changed"] is True
    assert read["foreign_hosts"] == [{"host": "old.test", "pages": 1, "comments": 2}]
    assert read["mended"][0] == {"kind": "parent-missing", "count": 1, "examples": ["1 in line 2"]}


def test_people_read_each_reason_once() -> None:
    lines = "\n".join(FULL.lines())
    for reason in (*POSTS_LEFT_OUT.values(), *THREADS_LEFT_OUT.values(), *MENDED.values()):
        assert reason in lines
    assert "1,000 comments and 1 tombstone; new are 3 authors, 1 page, 2 further addresses" in lines
    assert "6 marked as spam (1 in line 2 …)" in lines
    assert "old.test: 2 comments on 1 page" in lines
    assert "3 in https://a.test/ and https://b.test/" in lines


def test_an_idle_run_says_so() -> None:
    idle = Report("disqus", "export.xml", "demo", threads_read=1, posts_read=1, unchanged=1)
    assert not idle.changed
    assert "Nothing was changed." in idle.lines()
    assert not any(line.startswith("imported") for line in idle.lines())
