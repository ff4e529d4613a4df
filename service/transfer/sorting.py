"""What becomes of each record of an export: which threads are one page, what hangs on what, what is left out and why.

All of it is SQL over the temporary database, in statements whose number depends on the depth of the deepest branch
and not on the number of comments.

A post's fate: `live`; `ours` (its state is in our own words, and kept); `deleted`, `spam`, `unapproved`, `empty` (kept
as a tombstone where something live hangs on it); `copy`, `orphan`, `thread-deleted`, `no-address` (left out).
"""

from __future__ import annotations

from service.transfer.staging import Staging

# Deeper branches than a site can set for itself go on flat at this depth.
DEEPEST = 2_000

_PAGES = """
CREATE INDEX thread_identifier ON thread (identifier);
CREATE INDEX thread_key ON thread (key);
CREATE TABLE address (key TEXT PRIMARY KEY, page INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE page (page INTEGER PRIMARY KEY, main INTEGER NOT NULL);

-- An identifier is the page's own name: it goes before the address.
UPDATE thread SET page = named.page
    FROM (SELECT identifier, min(seq) AS page FROM thread WHERE NOT is_deleted AND identifier <> '' GROUP BY identifier)
        AS named
    WHERE named.identifier = thread.identifier AND NOT thread.is_deleted;
-- A rule about one page was written by somebody who knows: it leads to the page there, whatever both are called.
UPDATE thread SET page = (
    SELECT there.page FROM thread AS there WHERE there.key = thread.key AND NOT there.is_deleted
    ORDER BY there.is_led, there.identifier = '', there.seq LIMIT 1
) WHERE is_led AND NOT is_deleted;
INSERT OR IGNORE INTO address
    SELECT key, page FROM thread WHERE page IS NOT NULL AND key IS NOT NULL ORDER BY seq;
INSERT OR IGNORE INTO address
    SELECT key, min(seq) FROM thread WHERE page IS NULL AND key IS NOT NULL AND NOT is_deleted GROUP BY key;
UPDATE thread SET page = (SELECT page FROM address WHERE address.key = thread.key)
    WHERE page IS NULL AND key IS NOT NULL AND NOT is_deleted;
CREATE INDEX thread_page ON thread (page);
UPDATE thread SET page = NULL
    WHERE page IS NOT NULL AND page NOT IN (SELECT page FROM thread WHERE key IS NOT NULL AND page IS NOT NULL);
"""

_FATES = """
CREATE INDEX post_print ON post (print);
CREATE TABLE copy (seq INTEGER PRIMARY KEY, first INTEGER NOT NULL);
CREATE TABLE mended (kind TEXT NOT NULL, seq INTEGER NOT NULL);

UPDATE post SET fate = 'orphan';
UPDATE post SET page = thread.page,
    fate = CASE WHEN thread.is_deleted THEN 'thread-deleted' WHEN thread.page IS NULL THEN 'no-address' ELSE state END
    FROM thread WHERE thread.id = post.thread;

-- Exact copies: in one page the first stands for all. In other pages they stay.
INSERT INTO copy SELECT post.seq, one.first
    FROM (SELECT page, print, min(seq) AS first FROM post WHERE fate = 'live' GROUP BY print, page HAVING count(*) > 1)
        AS one JOIN post ON post.print = one.print AND post.page = one.page
    WHERE post.fate = 'live' AND post.seq <> one.first;
UPDATE post SET fate = 'copy' WHERE seq IN (SELECT seq FROM copy);

UPDATE post SET up = (
    SELECT coalesce(copy.first, above.seq) FROM post AS above LEFT JOIN copy ON copy.seq = above.seq
    WHERE above.id = post.parent AND above.page = post.page
) WHERE parent <> '' AND page IS NOT NULL AND fate <> 'copy';
CREATE INDEX post_up ON post (up);

UPDATE thread SET live = counted.live
    FROM (SELECT thread, count(*) AS live FROM post WHERE fate IN ('live', 'ours') GROUP BY thread) AS counted
    WHERE counted.thread = thread.id;
-- The address a page is known by: one of the site's own, where most was said.
INSERT INTO page SELECT page, seq FROM (
    SELECT page, seq, row_number() OVER (
        PARTITION BY page ORDER BY is_own DESC, live DESC, url LIKE 'https:%' DESC, seq
    ) AS place FROM thread WHERE page IS NOT NULL AND key IS NOT NULL
) WHERE place = 1;
"""

_FRONTIER = """
CREATE TEMP TABLE frontier (seq INTEGER PRIMARY KEY);
CREATE TEMP TABLE next (seq INTEGER PRIMARY KEY);
"""
_NEXT = "DELETE FROM frontier; INSERT INTO frontier SELECT seq FROM next; DELETE FROM next;"

_MENDED = """
INSERT INTO mended
    SELECT CASE WHEN EXISTS (SELECT 1 FROM post AS above WHERE above.id = post.parent)
        THEN 'parent-elsewhere' ELSE 'parent-missing' END, seq
    FROM post WHERE is_kept AND parent <> '' AND up IS NULL;
"""

_AFTER = """
CREATE INDEX post_order ON post (page, depth, created, seq) WHERE is_kept;
CREATE TABLE account AS
    SELECT who, name, min(coalesce(since, created)) AS created FROM post WHERE is_kept AND who <> '' GROUP BY who;
CREATE UNIQUE INDEX account_who ON account (who);
"""


def sort_out(staging: Staging) -> None:
    """Decide everything. Afterwards `is_kept`, `fate`, `up`, `depth` and the table `page` say what is to be written."""
    db = staging.db
    db.executescript(_PAGES)
    db.executescript(_FATES)
    db.executescript(_FRONTIER)
    _keep(staging)
    db.executescript(_MENDED)
    _measure(staging)
    db.executescript(_AFTER)


def _keep(staging: Staging) -> None:
    """Live comments, those whose state is ours to keep, and whatever else has one of them below it."""
    db = staging.db
    db.execute("UPDATE post SET is_kept = 1 WHERE fate IN ('live', 'ours')")
    db.execute("INSERT INTO frontier SELECT seq FROM post WHERE is_kept")
    while db.execute(
        "INSERT INTO next SELECT DISTINCT above.seq FROM frontier JOIN post ON post.seq = frontier.seq"
        " JOIN post AS above ON above.seq = post.up WHERE NOT above.is_kept"
    ).rowcount:
        db.execute("UPDATE post SET is_kept = 1 WHERE seq IN (SELECT seq FROM next)")
        db.executescript(_NEXT)


def _measure(staging: Staging) -> None:
    """The depth of each kept comment, from the roots down; circles are opened at their oldest comment."""
    db = staging.db
    db.execute("CREATE INDEX post_unmeasured ON post (seq) WHERE is_kept AND depth IS NULL")
    db.executescript("DELETE FROM frontier; DELETE FROM next;")
    db.execute("INSERT INTO frontier SELECT seq FROM post WHERE is_kept AND up IS NULL")
    _descend(staging)
    while (left := db.execute("SELECT seq FROM post WHERE is_kept AND depth IS NULL LIMIT 1").fetchone()) is not None:
        seq = _oldest_of_circle(staging, left["seq"])
        db.execute("UPDATE post SET up = NULL WHERE seq = ?", (seq,))
        db.execute("INSERT INTO mended VALUES ('circle', ?)", (seq,))
        db.execute("DELETE FROM frontier")
        db.execute("INSERT INTO frontier VALUES (?)", (seq,))
        _descend(staging)


def _descend(staging: Staging) -> None:
    db = staging.db
    depth = 0
    db.execute("UPDATE post SET depth = 0 WHERE seq IN (SELECT seq FROM frontier)")
    while db.execute(
        "INSERT INTO next SELECT post.seq FROM frontier JOIN post ON post.up = frontier.seq"
        " WHERE post.is_kept AND post.depth IS NULL"
    ).rowcount:
        if depth < DEEPEST:
            depth += 1
        else:
            db.execute(
                "UPDATE post SET up = (SELECT above.up FROM post AS above WHERE above.seq = post.up)"
                " WHERE seq IN (SELECT seq FROM next)"
            )
            db.execute("INSERT INTO mended SELECT 'too-deep', seq FROM next")
        db.execute("UPDATE post SET depth = ? WHERE seq IN (SELECT seq FROM next)", (depth,))
        db.executescript(_NEXT)


def _oldest_of_circle(staging: Staging, seq: int) -> int:
    """Walk up from a comment that no root leads to: the walk comes into a circle, and around it once."""
    above: dict[int, tuple[int, int]] = {}
    while seq not in above:
        row = staging.db.execute("SELECT up, created FROM post WHERE seq = ?", (seq,)).fetchone()
        above[seq] = row["up"], row["created"]
        seq = row["up"]
    circle, first = [seq], seq
    while (seq := above[seq][0]) != first:
        circle.append(seq)
    return min(circle, key=lambda each: (above[each][1], each))
