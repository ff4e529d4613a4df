"""The part of the report that the file alone decides: what was read, left out, mended, and what looks odd."""

from __future__ import annotations

from service.sites import Site
from service.transfer.formats import Format
from service.transfer.report import MENDED, POSTS_LEFT_OUT, Count, Host, Report, Twins
from service.transfer.staging import Staging

_EXAMPLES = 5
_PAIRS = 200
_HOSTS = 20

_WITHOUT_COMMENTS = "NOT is_deleted AND NOT EXISTS (SELECT 1 FROM post WHERE post.thread = thread.id AND is_kept)"
_WITH_POSTS = "EXISTS (SELECT 1 FROM post WHERE post.thread = thread.id)"
_MENDED = "seq IN (SELECT seq FROM mended WHERE kind = '{}')"
_ADDRESSES = """
    SELECT host, count(DISTINCT thread.page) AS pages, count(*) AS comments
    FROM page JOIN thread ON thread.seq = page.main JOIN post ON post.page = page.page AND post.is_kept
    WHERE NOT thread.is_own GROUP BY host ORDER BY comments DESC, host LIMIT ?
"""
# Copies by the dozen are not a moved article, and pairing them would take the square of their number.
_TWINS = """
    SELECT one.page AS first, two.page AS second, count(*) AS comments
    FROM (SELECT print FROM post WHERE is_kept AND fate = 'live' GROUP BY print HAVING count(*) BETWEEN 2 AND 4)
        AS shared
    JOIN post AS one ON one.print = shared.print AND one.is_kept
    JOIN post AS two ON two.print = shared.print AND two.is_kept AND two.page > one.page
    GROUP BY one.page, two.page ORDER BY comments DESC, one.page LIMIT ?
"""
_TWINS_FOUND = f"SELECT count(*) FROM ({_TWINS})"  # noqa: S608  # the constant above


def take_stock(staging: Staging, site: Site, form: Format, file_name: str) -> Report:
    """A report in which nothing is imported yet."""
    staging.db.execute("CREATE INDEX IF NOT EXISTS post_thread ON post (thread)")
    posts = [_twice(staging, "post") if kind == "duplicate" else _lost(staging, kind) for kind in POSTS_LEFT_OUT]
    left_out = "page IS NULL" if form.keeps_empty else f"(page IS NOT NULL OR NOT {_WITH_POSTS})"
    threads = [
        _threads(staging, "without-comments", f"{_WITHOUT_COMMENTS} AND {left_out}"),
        _threads(staging, "deleted", "is_deleted"),
        _twice(staging, "thread"),
        _threads(staging, "no-address", f"NOT is_deleted AND page IS NULL AND {_WITH_POSTS}"),
    ]
    mended = [_named(staging, kind, _MENDED.format(kind)) for kind in MENDED]
    return Report(
        source=form.name,
        file=file_name,
        site=site.name,
        threads_read=_total(staging, "thread", "SELECT count(*) FROM thread"),
        posts_read=_total(staging, "post", "SELECT count(*) FROM post"),
        posts_left_out=tuple(count for count in posts if count.count),
        threads_left_out=tuple(count for count in threads if count.count),
        mended=tuple(count for count in mended if count.count),
        foreign_hosts=tuple(Host(*row) for row in staging.db.execute(_ADDRESSES, (_HOSTS,))),
        twins=tuple(
            Twins(staging.page(row["first"]).url.text, staging.page(row["second"]).url.text, row["comments"])
            for row in staging.db.execute(_TWINS, (_PAIRS,)).fetchall()
        ),
        twins_found=staging.one(_TWINS_FOUND, -1),
    )


def _total(staging: Staging, kind: str, different: str) -> int:
    return int(staging.one(different) + staging.one("SELECT count(*) FROM twice WHERE kind = ?", kind))


def _lost(staging: Staging, fate: str) -> Count:
    return _named(staging, fate, f"fate = '{fate}' AND NOT is_kept")


def _named(staging: Staging, kind: str, where: str) -> Count:
    return _counted(staging, kind, f"FROM post WHERE {where}", "seq")


def _threads(staging: Staging, kind: str, where: str) -> Count:
    return _counted(staging, kind, f"FROM thread WHERE {where}", "seq")


def _twice(staging: Staging, kind: str) -> Count:
    return _counted(staging, "duplicate", f"FROM twice WHERE kind = '{kind}'", "line")


def _counted(staging: Staging, kind: str, rest: str, order: str) -> Count:
    count = staging.one(f"SELECT count(*) {rest}")
    rows = staging.db.execute(f"SELECT id, line {rest} ORDER BY {order} LIMIT ?", (_EXAMPLES,))
    return Count(kind, count, tuple(f"{row['id']} in line {row['line']}" for row in rows))
