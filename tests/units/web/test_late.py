"""A page that is shown late says so, in whatever coding it is kept."""

from __future__ import annotations

import gzip

import brotli
import pytest

from service.kit.encoding import Coding, compress
from service.reading.cache import Entry, Headers
from service.web.late import marked

_PAGE = b'<html lang="de"><p class="notice" data-late hidden>Sie sehen \xe2\x80\xa6</p>' + b"<p>Words</p>" * 100
_READ = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}


def _kept(body: bytes, coding: Coding, kind: bytes = b"text/html; charset=utf-8") -> Entry:
    coded = compress(body, coding)
    headers: Headers = [
        (b"content-type", kind),
        (b"etag", b'"abc-%s"' % coding.encode()),
        (b"cache-control", b"public, no-cache"),
        (b"cdn-cache-control", b"public, max-age=10"),
        (b"content-length", b"%d" % len(coded)),
        *([(b"content-encoding", coding.encode())] if coding != "identity" else []),
    ]
    return Entry(headers, coded, frozenset({"thread-1"}), 0.0)


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_its_reader_is_told(coding: Coding) -> None:
    kept = _kept(_PAGE, coding)
    late = marked(kept, 75.4)
    fields = dict(late.headers)
    assert _READ[coding](late.body) == _PAGE.replace(b" data-late hidden>", b" data-late>")
    assert fields[b"content-length"] == b"%d" % len(late.body)
    assert fields[b"cache-status"] == b"parley; hit; ttl=-75"
    assert fields[b"cache-control"] == b"no-cache"
    assert b"cdn-cache-control" not in fields
    # Who has the page as it was does not have this one.
    assert not late.is_had(kept.etag)
    assert late.is_had(late.etag)


def test_what_programs_read_is_as_it_was() -> None:
    for body, kind in ((b'{"a":" data-late hidden>"}', b"application/json"), (b"<p>A piece</p>", b"text/html")):
        kept = _kept(body, "identity", kind)
        late = marked(kept, 3.0)
        assert late.body == body
        assert late.is_had(kept.etag)
