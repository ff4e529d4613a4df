"""A file that is no whole export changes nothing, and its error names the place."""

from __future__ import annotations

import gzip

import pytest

from service import transfer
from service.transfer.unpack import HARMLESS_BYTES
from tests.stories.transfer.exports import HEAD, Export, Shelf


@pytest.fixture(scope="module")
def whole() -> bytes:
    """A file large enough to be read in several pieces."""
    export = Export()
    export.thread()
    for number in range(1, 400):
        export.post(str(number), message="<p>" + "Wörter " * 40 + "</p>")
    return export.xml()


async def refused(shelf: Shelf, content: bytes) -> transfer.BadExport:
    path = shelf.save(content, "bad.xml")
    before = await shelf.rows()
    with pytest.raises(transfer.BadExport) as caught:
        await transfer.import_file(shelf.db, shelf.site, path)
    assert await shelf.rows() == before
    assert not await shelf.db.read(transfer.was_imported, shelf.site, path.name)
    assert "Nothing was imported." in caught.value.detail
    return caught.value


@pytest.mark.parametrize("share", [0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.999])
async def test_a_file_that_was_cut_short(shelf: Shelf, whole: bytes, share: float) -> None:
    cut = whole[: int(len(whole) * share)]
    error = await refused(shelf, cut)
    assert isinstance(error, transfer.CutShort)
    assert error.more["line"] == cut.count(b"\n") + 1
    assert error.more["column"]


async def test_a_gzip_file_that_was_cut_short(shelf: Shelf, whole: bytes) -> None:
    packed = gzip.compress(whole)
    error = await refused(shelf, packed[: len(packed) // 2])
    assert isinstance(error, transfer.CutShort)
    assert "unpacked bytes" in error.detail


async def test_gzip_is_unpacked_whatever_the_name(shelf: Shelf, whole: bytes) -> None:
    half = len(whole) // 2
    # As `cat a.gz b.gz` makes it.
    path = shelf.save(gzip.compress(whole[:half]) + gzip.compress(whole[half:]))
    assert (await shelf.bring_file(path)).comments == 399


async def test_a_break_in_the_middle_is_named_to_the_column(shelf: Shelf, whole: bytes) -> None:
    lines = whole.split(b"\n")
    lines[200] = lines[200].replace(b"</message>", b"</massage>")
    error = await refused(shelf, b"\n".join(lines))
    assert isinstance(error, transfer.NotXML)
    assert error.more["line"] == 201
    # In characters, as editors count.
    column = lines[200].decode().index("</massage>") + 1
    assert column <= error.more["column"] <= column + len("</massage>")
    assert "massage" in error.detail


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "an empty file"),
        (b"  \n", "an empty file"),
        (b'{"comments": []}', "JSON"),
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "an HTML page"),
        (b"<html><body>Sign in</body></html>", "an HTML page"),
        (b"<rss></rss>", "an RSS feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "an Atom feed"),
        (b"<comments></comments>", "<comments>, which should be <disqus>"),
        (b"PK\x03\x04something", "a zip archive"),
        (b"%PDF-1.7", "a PDF"),
        (b"name;comment\nAda;Hello\n", "text or data of another kind"),
        (b"\x1f\x8bnot really", "gzip file is damaged"),
        (bytes(range(256)), "text or data of another kind"),
    ],
)
async def test_other_kinds_of_files_are_called_by_their_name(shelf: Shelf, content: bytes, says: str) -> None:
    error = await refused(shelf, content)
    assert isinstance(error, transfer.WrongFile)
    assert says in error.detail


@pytest.mark.parametrize(
    "declared",
    [
        b"<!DOCTYPE disqus>",
        b'<!DOCTYPE disqus SYSTEM "http://127.0.0.1:1/x.dtd">',
        b'<!DOCTYPE disqus [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        b'<!DOCTYPE d [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    ],
)
async def test_declarations_are_refused(shelf: Shelf, whole: bytes, declared: bytes) -> None:
    error = await refused(shelf, whole.replace(b"?>\n", b"?>\n" + declared, 1))
    assert isinstance(error, transfer.Declares)


async def test_entities_nobody_declared_are_an_error(shelf: Shelf, whole: bytes) -> None:
    error = await refused(shelf, whole.replace("Wörter".encode(), b"&xxe;", 1))
    assert isinstance(error, transfer.NotXML)
    assert "xxe" in error.detail
    assert error.more["line"]


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ("<post><createdAt>2020-01-01T00:00:00Z</createdAt></post>", "A post has no dsq:id"),
        ('<post dsq:id=" "><createdAt>2020-01-01T00:00:00Z</createdAt></post>', "A post has no dsq:id"),
        ('<post dsq:id="1 2"><createdAt>2020-01-01T00:00:00Z</createdAt></post>', "'1 2'"),
        ("<thread><createdAt>2020-01-01T00:00:00Z</createdAt></thread>", "A thread has no dsq:id"),
        ('<post dsq:id="5"></post>', "Post 5 has no createdAt"),
        ('<post dsq:id="5"><createdAt>yesterday</createdAt></post>', "Post 5 has the createdAt 'yesterday'"),
        ('<post dsq:id="5"><createdAt>2020-13-01T00:00:00Z</createdAt></post>', "'2020-13-01T00:00:00Z'"),
        ('<post dsq:id="5"><createdAt>0001-01-01T00:00:00+14:00</createdAt></post>', "'0001-01-01"),
        ('<post dsq:id="5"><createdAt>2020-01-01</createdAt><isSpam>123</isSpam></post>', "isSpam '123'"),
        ('<thread dsq:id="5"><createdAt>2020-01-01</createdAt><isClosed>no</isClosed></thread>', "isClosed 'no'"),
    ],
)
async def test_records_that_cannot_be_understood_are_named(shelf: Shelf, record: str, says: str) -> None:
    export = Export()
    export.thread()
    export.post("1")
    export.records.append(record)
    error = await refused(shelf, export.xml())
    assert isinstance(error, transfer.BadRecord)
    assert says in error.detail
    assert error.more["line"] == 6
    assert error.detail.startswith("Line 6: ")


async def test_a_file_that_blows_up_is_refused(shelf: Shelf) -> None:
    empty = b"<unknown/>\n" * 100_000
    bomb = HEAD.encode() + empty * (HARMLESS_BYTES // len(empty) + 2)
    packed = gzip.compress(bomb)
    assert len(packed) * 200 < len(bomb)
    error = await refused(shelf, packed)
    assert isinstance(error, transfer.WrongFile | transfer.Inflated)


async def test_an_error_does_not_tell_what_people_wrote(shelf: Shelf) -> None:
    export = Export()
    export.thread()
    export.records.append("<post dsq:id='1'><message><![CDATA[<p>my secret words")
    content = export.xml().partition(b"words")[0]
    assert "secret" not in (await refused(shelf, content)).detail


async def test_an_export_of_nothing_is_an_export(shelf: Shelf) -> None:
    report = await shelf.bring(Export())
    assert not report.changed
    assert (report.threads_read, report.posts_read) == (0, 0)


async def test_nothing_is_left_behind(shelf: Shelf, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = shelf.folder / "tmp"
    rooms.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(rooms))
    await refused(shelf, whole[:-20])
    await shelf.bring_file(shelf.save(whole))
    assert list(rooms.iterdir()) == []
