"""Files of other comment systems, made as those write them.

Each says the same discussion:

1  Ada: first words        (three for it, one against, where the format tells votes)
2    Bo: answers 1
3  gone, or never approved
4    Cy: answers 3
5  nobody may see it: spam, deleted or pending, with nothing below
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2021, 3, 4, 12, 0, tzinfo=UTC)
PAGE = "https://news.test/2021/article"
SECRET = "SECRET words"
NAMES = {1: "Ada", 2: "Bo", 3: "Dee", 4: "Cy", 5: "Eve"}
PARENTS = {2: 1, 4: 3}


def at(number: int) -> datetime:
    """When a comment was written."""
    return START + timedelta(minutes=number)


def words(number: int) -> str:
    """What a comment says."""
    return SECRET if number in {3, 5} else f"Words of {number}."


def iso(number: int) -> str:
    """A time as Go writes it, with parts of a second that say nothing."""
    return at(number).strftime("%Y-%m-%dT%H:%M:%S.000000000Z")


@dataclass(frozen=True)
class Foreign:
    """A format: its file, the ids of its comments, and what it tells."""

    name: str
    make: Callable[[], bytes]
    number: Callable[[int], str] = str
    tells_votes: bool = False


def wordpress() -> bytes:
    """A WXR as WordPress 6 writes it."""

    def comment(number: int) -> str:
        approved = {3: "trash", 5: "spam"}.get(number, "1")
        return (
            f"<wp:comment><wp:comment_id>{number}</wp:comment_id>"
            f"<wp:comment_author><![CDATA[{NAMES[number]}]]></wp:comment_author>"
            f"<wp:comment_author_email><![CDATA[reader{number}@mail.test]]></wp:comment_author_email>"
            "<wp:comment_author_url></wp:comment_author_url><wp:comment_author_IP>192.0.2.1</wp:comment_author_IP>"
            f"<wp:comment_date>{at(number) + timedelta(hours=2):%Y-%m-%d %H:%M:%S}</wp:comment_date>"
            f"<wp:comment_date_gmt>{at(number):%Y-%m-%d %H:%M:%S}</wp:comment_date_gmt>"
            f"<wp:comment_content><![CDATA[{words(number)}]]></wp:comment_content>"
            f"<wp:comment_approved>{approved}</wp:comment_approved><wp:comment_type>comment</wp:comment_type>"
            f"<wp:comment_parent>{PARENTS.get(number, 0)}</wp:comment_parent><wp:comment_user_id>0</wp:comment_user_id>"
            "</wp:comment>"
        )

    ping = comment(5).replace(">5<", ">6<").replace(">spam<", ">1<").replace(">comment<", ">pingback<")
    comments = "\n".join(comment(number) for number in range(1, 6)) + ping
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">\n'
        "<channel><title>News</title><link>https://news.test</link>\n"
        "<item><title>No comments</title><link>https://news.test/none</link><wp:post_id>7</wp:post_id></item>\n"
        f"<item><title>An article</title><link>{PAGE}/</link>"
        '<guid isPermaLink="false">https://news.test/?p=8</guid><content:encoded><![CDATA[<p>Text</p>]]>'
        f"</content:encoded><wp:post_id>8</wp:post_id><wp:post_date_gmt>{START:%Y-%m-%d %H:%M:%S}</wp:post_date_gmt>"
        f"<wp:comment_status>open</wp:comment_status>{comments}</item>\n</channel></rss>\n"
    ).encode()


def isso() -> bytes:
    """A database with the tables of Isso 0.13 and 0.14."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "comments.db"
        db = sqlite3.connect(path)
        db.executescript(
            "CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);"
            "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));"
            "CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER,"
            " created FLOAT NOT NULL, modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR NOT NULL,"
            " author VARCHAR, email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0,"
            " voters BLOB NOT NULL, notification INTEGER DEFAULT 0);"
        )
        db.execute("INSERT INTO threads VALUES (1, '/2021/article', 'An article')")
        for number in range(1, 6):
            mode, text = {3: (4, ""), 5: (2, SECRET)}.get(number, (1, words(number)))
            up, down = (3, 1) if number == 1 else (0, 0)
            db.execute(
                "INSERT INTO comments VALUES (1, ?, ?, ?, NULL, ?, '192.0.2.0', ?, ?, 'x@mail.test', NULL, ?, ?,"
                " x'00', 0)",
                (number, PARENTS.get(number), at(number).timestamp(), mode, text, NAMES[number], up, down),
            )
        db.commit()
        db.close()
        return path.read_bytes()


def remark42() -> bytes:
    """A backup, packed as Remark42 packs it."""

    def comment(number: int) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": f"id-{number}",
            "pid": f"id-{PARENTS[number]}" if number in PARENTS else "",
            "text": "" if number in {3, 5} else f"<p>{words(number)}</p>\n",
            "orig": words(number),
            "user": {"name": NAMES[number], "id": f"github_{number}", "picture": "", "ip": "abc", "admin": False},
            "locator": {"site": "news", "url": PAGE},
            "score": 2 if number == 1 else 0,
            "votes": {"a": True, "b": True, "c": True, "d": False} if number == 1 else {},
            "vote": 0,
            "time": at(number).isoformat(),
            "title": "An article",
        }
        return made | ({"delete": True} if number in {3, 5} else {})

    head = {"version": 1, "users": [{"id": "x", "blocked": {"status": False}}], "posts": [{"url": PAGE}]}
    return gzip.compress("".join(json.dumps(each) + "\n" for each in (head, *map(comment, range(1, 6)))).encode())


def commento() -> bytes:
    """An export of Commento, and of Comentario before its third version."""

    def hexed(number: int) -> str:
        return f"{number:064x}"

    def comment(number: int) -> dict[str, Any]:
        return {
            "commentHex": hexed(number),
            "domain": "news.test",
            "url": "/2021/article",
            "commenterHex": "anonymous" if number == 5 else hexed(100 + number),
            "markdown": "[deleted]" if number == 3 else words(number),
            "html": "",
            "parentHex": hexed(PARENTS[number]) if number in PARENTS else "root",
            "score": 0,
            "state": "unapproved" if number == 5 else "approved",
            "creationDate": iso(number),
            "direction": 0,
            "deleted": number == 3,
        }

    who = [{"commenterHex": hexed(100 + n), "email": f"r{n}@mail.test", "name": NAMES[n]} for n in range(1, 5)]
    return json.dumps({"version": 1, "comments": [comment(n) for n in range(1, 6)], "commenters": who}).encode()


def uuid(number: int) -> str:
    """An id as Comentario makes them."""
    return f"00000000-0000-4000-8000-{number:012d}"


def comentario() -> bytes:
    """An export of Comentario 3, packed as it packs them."""

    def comment(number: int) -> dict[str, Any]:
        return {
            "id": uuid(number),
            "parentId": uuid(PARENTS[number]) if number in PARENTS else None,
            "pageId": uuid(90),
            "markdown": words(number),
            "html": f"<p>{words(number)}</p>",
            "score": 0,
            "isSticky": False,
            "isApproved": number != 5,
            "isPending": number == 5,
            "isDeleted": number == 3,
            "createdTime": iso(number),
            "userCreated": uuid(100 + number),
        }

    page = {"id": uuid(90), "path": "/2021/article", "title": "An article", "isReadonly": False, "createdTime": iso(0)}
    who = [{"id": uuid(100 + number), "name": name} for number, name in NAMES.items()]
    whole = {"version": 3, "pages": [page], "comments": [comment(n) for n in range(1, 6)], "commenters": who}
    return gzip.compress(json.dumps(whole).encode())


def artalk() -> bytes:
    """An artrans, in which everything is a text."""

    def comment(number: int) -> dict[str, str]:
        return {
            "id": str(number),
            "rid": str(PARENTS.get(number, 0)),
            "content": words(number),
            "ua": "Artalk/6.6",
            "ip": "192.0.2.1",
            "created_at": f"{at(number) + timedelta(hours=8):%Y-%m-%d %H:%M:%S} +0800",
            "updated_at": f"{at(number) + timedelta(hours=8):%Y-%m-%d %H:%M:%S} +0800",
            "is_collapsed": "false",
            "is_pending": "true" if number in {3, 5} else "false",
            "vote_up": "3" if number == 1 else "0",
            "vote_down": "1" if number == 1 else "0",
            "nick": NAMES[number],
            "email": "r@mail.test",
            "page_key": "/2021/article",
            "page_title": "An article",
            "page_admin_only": "false",
            "site_name": "News",
            "site_urls": "https://news.test,https://www.news.test",
        }

    return json.dumps([comment(number) for number in range(1, 6)], ensure_ascii=False, indent=1).encode()


def waline() -> bytes:
    """An export of Waline's tables."""

    def comment(number: int) -> dict[str, Any]:
        return {
            "user_id": 9 if number == 1 else None,
            "comment": words(number),
            "insertedAt": at(number).isoformat().replace("+00:00", "Z"),
            "ip": "192.0.2.1",
            "link": "",
            "mail": "r@mail.test",
            "nick": NAMES[number],
            "pid": PARENTS.get(number),
            "rid": PARENTS.get(number),
            "status": {3: "waiting", 5: "spam"}.get(number, "approved"),
            "like": None,
            "ua": "",
            "url": "/2021/article",
            "objectId": number,
        }

    tables = {"Comment": [comment(number) for number in range(1, 6)], "Counter": [], "Users": [{"objectId": 9}]}
    whole = {"__version": "1.39", "type": "waline", "version": 1, "time": 0, "tables": list(tables), "data": tables}
    return json.dumps(whole).encode()


FORMATS: Mapping[str, Foreign] = {
    each.name: each
    for each in (
        Foreign("wordpress", wordpress),
        Foreign("isso", isso, tells_votes=True),
        Foreign("remark42", remark42, lambda number: f"id-{number}", tells_votes=True),
        Foreign("commento", commento, lambda number: f"{number:064x}"),
        Foreign("comentario", comentario, uuid),
        Foreign("artalk", artalk, tells_votes=True),
        Foreign("waline", waline),
    )
}
