"""The same export as other programs write it: prefixes, encodings, ends of lines, and what is left away."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from service.transfer.formats import disqus
from service.transfer.records import ExportPost
from tests.stories.transfer.exports import Export

_ROOT = '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">'
_DECLARED = '<?xml version="1.0" encoding="utf-8"?>\n'


def _export() -> str:
    export = Export()
    export.thread(title="Größe")
    export.post("11", message="<p>Wörter.</p>")
    export.post("12", parent="11", username=None)
    return export.xml().decode()


def _prefixed(prefix: str, root: str) -> str:
    plain = _export().replace(_ROOT, root).replace("</disqus>", f"</{prefix}:disqus>")
    return re.sub(rf"<(/?)(?!{prefix}:|\?)([a-zA-Z])", rf"<\1{prefix}:\2", plain)


def _said(encoding: str) -> str:
    return _export().replace("utf-8", encoding)


def _records(content: bytes) -> list[Any]:
    assert disqus.is_this(content[:4_096])
    return [replace(record, line=0) for record in disqus.read(BytesIO(content))]


@pytest.mark.parametrize(
    "content",
    [
        _prefixed(
            "d", '<d:disqus xmlns:d="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">'
        ).encode(),
        _prefixed("dsq", '<dsq:disqus xmlns:dsq="http://disqus.com">').encode(),
        _export().replace(' xmlns="http://disqus.com"', "").encode(),
        _export().replace("dsq:id", "id").encode(),
        b"\xef\xbb\xbf" + _export().encode(),
        b"\xef\xbb\xbf\r\n" + _export().replace("\n", "\r\n").encode(),
        _export().replace(_DECLARED, "").encode(),
        _said("utf-16").encode("utf-16"),
        _said("iso-8859-1").encode("latin-1"),
        _said("windows-1252").encode("cp1252"),
        _export().replace("Z</createdAt>", "</createdAt>").encode(),
        _export().replace("Z</createdAt>", ".000000+00:00</createdAt>").encode(),
        _export().replace(">false<", ">False<").replace(">true<", ">1<").encode(),
        _export().replace("&lt;p&gt;Wörter.&lt;/p&gt;", "<![CDATA[<p>Wörter.</p>]]>").encode()
        + b"\n<!-- end -->\n\0\0",
        _export().replace("?>\n", '?>\n<?xml-stylesheet href="a.xsl"?>\n<!-- made by hand -->\n', 1).encode(),
    ],
)
def test_it_says_the_same(content: bytes) -> None:
    assert _records(content) == _records(_export().encode())


@pytest.mark.parametrize(
    ("pattern", "more"),
    [
        (r"<message>.*?</message>", {"message": ""}),
        (r"<author>.*?</author>", {"name": "", "username": "", "is_anonymous": False}),
        (r"<isAnonymous>.*?</isAnonymous>", {"is_anonymous": False}),
        (r"<is(Deleted|Spam)>.*?</is\1>", {}),
    ],
)
def test_what_is_left_away_is_nothing(pattern: str, more: dict[str, Any]) -> None:
    posts = [each for each in _records(_export().encode()) if isinstance(each, ExportPost)]
    there, _, after = _export().partition("<post")
    found = _records(f"{there}<post{re.sub(pattern, '', after)}".encode())
    assert [each for each in found if isinstance(each, ExportPost)] == [replace(each, **more) for each in posts]


def test_a_post_without_disqus_id_has_its_own() -> None:
    own = _export().replace('<post dsq:id="12"><id />', "<post><id> wp_id=77 </id>")
    assert [each.id for each in _records(own.encode()) if isinstance(each, ExportPost)] == ["11", "wp_id=77"]
