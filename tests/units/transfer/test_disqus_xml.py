"""Reading an export: what comes out of which bytes."""

from __future__ import annotations

import contextlib
import gzip
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.transfer import unpack
from service.transfer.errors import BadExport, CutShort, WrongFile
from service.transfer.formats.disqus import read
from service.transfer.records import Category, ExportPost, ExportThread, Record
from tests.stories.transfer.exports import HEAD, START, Export


def records(content: bytes) -> list[Record]:
    return list(read(io.BytesIO(content)))


def posts(content: bytes) -> list[ExportPost]:
    return [record for record in records(content) if isinstance(record, ExportPost)]


def small() -> bytes:
    export = Export()
    export.thread(identifier="a & b", title="Ä <title>", is_closed=True)
    export.post("123456789012", message="<p>é &amp; 🚋</p>", username=None)
    export.post("2", parent="123456789012", is_spam=True)
    return export.xml()


def test_every_value_comes_out() -> None:
    category, thread, first, second = records(small())
    assert isinstance(category, Category)
    assert thread == ExportThread(
        id="1",
        identifier="a & b",
        link="https://news.test/article",
        title="Ä <title>",
        created_at=START,
        is_closed=True,
        is_deleted=False,
        line=4,
    )
    assert isinstance(first, ExportPost)
    assert (first.id, first.thread, first.parent) == ("123456789012", "1", "")
    assert (first.message, first.name, first.username, first.is_anonymous) == ("<p>é &amp; 🚋</p>", "Ada", "", True)
    assert isinstance(second, ExportPost)
    assert (second.parent, second.is_spam, second.is_deleted, second.is_approved) == ("123456789012", True, False, True)
    assert second.line == 6


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(gzip.compress, id="gzip"),
        pytest.param(lambda xml: gzip.compress(xml) + b"\0" * 100, id="gzip, padded"),
        pytest.param(lambda xml: b"\xef\xbb\xbf" + xml, id="BOM"),
        pytest.param(lambda xml: b"\xef\xbb\xbf\r\n  " + xml, id="BOM and blanks"),
        pytest.param(lambda xml: b"\n\n" + xml.partition(b"?>\n")[2], id="no declaration"),
        pytest.param(lambda xml: xml.decode().replace("utf-8", "utf-16").encode("utf-16"), id="UTF-16"),
        pytest.param(lambda xml: xml.replace(b"utf-8", b"UTF-8"), id="capitals"),
        pytest.param(lambda xml: xml.rstrip() + b"\0\0\0", id="zeros at the end"),
        pytest.param(lambda xml: xml.replace(b"<disqus", b"<!-- made by -->\n<?x y?><disqus"), id="comments"),
        pytest.param(lambda xml: xml.replace(b"xmlns:dsq", b"xmlns:q").replace(b"dsq:", b"q:"), id="other prefix"),
        pytest.param(lambda xml: xml.replace(b"http://disqus.com", b"https://disqus.com"), id="other namespaces"),
        pytest.param(lambda xml: xml.replace(b"<id />", b"<new><id>5</id></new><id/><!-- -->"), id="unknown elements"),
        pytest.param(lambda xml: xml.replace(b"<thread dsq", b"<thread x='1' dsq"), id="unknown attributes"),
        pytest.param(lambda xml: xml.replace(b"</disqus>", b"<votes><post/></votes></disqus>"), id="unknown records"),
    ],
)
def test_forms_that_say_the_same(form: object) -> None:
    assert callable(form)
    same = records(form(small()))
    assert [replace(record, line=0) for record in same] == [replace(r, line=0) for r in records(small())]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2019-05-01T12:00:00Z", START),
        ("2019-05-01T12:00:00", START),
        ("2019-05-01T14:00:00+02:00", START),
        ("2019-05-01T12:00:00.123456Z", START.replace(microsecond=123456)),
        ("2019-05-01 12:00:00", START),
        ("\n\t2019-05-01T12:00:00Z\n", START),
        ("2005-10-30T00:00:00Z", datetime(2005, 10, 30, tzinfo=UTC)),
    ],
)
def test_times(written: str, meant: datetime) -> None:
    content = f'{HEAD}<post dsq:id="1"><createdAt>{written}</createdAt></post></disqus>'
    assert posts(content.encode())[0].created_at == meant


def test_a_comment_may_lack_nearly_everything() -> None:
    (post,) = posts(f'{HEAD}<post dsq:id="1"><createdAt>2019-05-01T12:00:00Z</createdAt></post></disqus>'.encode())
    assert (post.thread, post.parent, post.message, post.name, post.username) == ("", "", "", "", "")
    assert (post.is_deleted, post.is_spam, post.is_approved) == (False, False, True)


def test_it_is_cut_short_wherever_it_is_cut() -> None:
    whole = small()
    end = whole.rindex(b">") + 1
    assert records(whole[:end])
    for length in range(1, end):
        with pytest.raises(CutShort):
            records(whole[:length])


def test_it_is_cut_short_wherever_it_is_cut_packed() -> None:
    packed = gzip.compress(small())
    for length in range(2, len(packed)):
        with pytest.raises(CutShort):
            records(packed[:length])


@given(st.data())
def test_no_damage_makes_it_stumble(data: st.DataObject) -> None:
    content = bytearray(small())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    # A clear refusal, or records; nothing else.
    with contextlib.suppress(BadExport):
        assert all(isinstance(record, Record) for record in records(bytes(content)))


@pytest.mark.parametrize("written", ["\x08", "\x0b", "\x1f", "\x00", "&#8;", "&#x0B;", "&#x1f;", "&#0;", "&#00011;"])
def test_characters_xml_forbids_become_blanks(written: str) -> None:
    content = small().replace("é".encode(), written.encode())
    assert posts(content)[0].message == f"<p>{' ' * len(written)} &amp; 🚋</p>"


@pytest.mark.parametrize("written", ["&#9;", "&#10;", "&#13;", "&#x20;", "&#32;", "&#x1F68B;", "&amp;#8;"])
def test_other_references_stay(written: str) -> None:
    content = small().replace("é".encode(), written.encode())
    assert b"".join(unpack.chunks(io.BytesIO(content))) == content
    assert posts(content)


@given(st.integers(30, 200), st.integers(1, 60))
def test_pieces_do_not_matter(first: int, size: int) -> None:
    class Slow(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            return super().read(size if self.tell() else first)

    content = small().replace("é".encode(), b"&#8;&#x0B;&#x1F68B;\x01")
    whole = b"".join(unpack.chunks(io.BytesIO(content)))
    assert len(whole) == len(content)
    assert b"".join(unpack.chunks(Slow(content))) == whole


def test_records_come_one_by_one() -> None:
    thread = b'<thread dsq:id="1"><createdAt>2019-05-01</createdAt></thread>'
    found = read(io.BytesIO(HEAD.encode() + thread * 5_000 + b"and then"))
    for _ in range(1_000):
        next(found)
    with pytest.raises(BadExport):
        list(found)


def test_endless_nothing_is_refused() -> None:
    with pytest.raises(WrongFile, match="no thread and no comment in 32 MB"):
        records(HEAD.encode() + b"<unknown/>\n" * 3_200_000)
