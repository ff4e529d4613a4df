"""Compares what was acknowledged with what is there, and what is kept with what one counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.chaos.journal import Journal

CHANGED = ", changed"
_MOST = 20  # faults of one kind that are named

# Each finds rows that must not be there, as (id, kept, counted).
_RECOUNTS = {
    "ups": "SELECT c.id, c.up, (SELECT count(*) FROM vote v WHERE v.comment_id = c.id AND v.value = 1) AS there"
    " FROM comment c",
    "downs": "SELECT c.id, c.down, (SELECT count(*) FROM vote v WHERE v.comment_id = c.id AND v.value = -1) AS there"
    " FROM comment c",
    "comments of a thread": "SELECT t.id, t.comment_count,"
    " (SELECT count(*) FROM comment c WHERE c.thread_id = t.id AND c.state = 'published') AS there FROM thread t",
    "replies": "SELECT p.id, p.reply_count,"
    " (SELECT count(*) FROM comment c WHERE c.parent_id = p.id AND c.shown) AS there FROM comment p",
    "comments of a person": "SELECT p.id, p.published_count,"
    " (SELECT count(*) FROM comment c WHERE c.person_id = p.id AND c.state = 'published') AS there FROM person p",
    "decisions on record": "SELECT d.site_id, count(*), (SELECT count(*) FROM record_entry e WHERE e.chain = d.site_id"
    " AND e.subject LIKE 'comment:%') AS there FROM decision d GROUP BY d.site_id",
}
# What would stay for ever: nobody would come and end it.
_STUCK = {
    "a fact in the outbox": "SELECT id FROM outbox",
    "a delivery": "SELECT id FROM webhook_delivery WHERE state NOT IN ('delivered', 'moot')",
    "a vote that was never counted": "SELECT comment_id FROM vote WHERE counted IS NOT NULL",
    "a case": "SELECT id FROM moderation_case WHERE state = 'open'",
    "a held comment": "SELECT id FROM comment WHERE state = 'held'",
    "a bulk job": "SELECT id FROM bulk_job WHERE state IN ('waiting', 'running')",
}
_TWICE = {
    "two decisions about one version": "SELECT comment_id FROM decision GROUP BY comment_id, comment_version"
    " HAVING count(*) > 1",
    "two threads of one page": "SELECT min(id) FROM thread GROUP BY site_id, url HAVING count(*) > 1",
}


async def faults(connection: AsyncConnection, journal: Journal) -> list[str]:
    """All that was lost, is there twice, is stuck or was counted wrong; empty when everything is as it should be."""
    found = [f"answered with a fault: {each}" for each in journal.wrong]
    found += _of_texts(journal, await _rows(connection, "SELECT id, body, parent_id, person_id, state FROM comment"))
    found += await _of_voices(connection, journal)
    found += await _of_messages(connection, journal)
    for what, query in _RECOUNTS.items():
        rows = await _rows(connection, query)
        found += _some(f"{what}: {row[0]} has {row[1]}, counted {row[2]}" for row in rows if row[1] != row[2])
    for what, query in (*_STUCK.items(), *_TWICE.items()):
        found += _some(f"{what}: {row[0]}" for row in await _rows(connection, query))
    return found


def _of_texts(journal: Journal, rows: list[Any]) -> list[str]:
    there = {str(row.id): row for row in rows}
    bodies = Counter(row.body.removesuffix(CHANGED) for row in rows)
    found = [f"there {count} times: {body}" for body, count in bodies.items() if count > 1]
    for body, (comment, parent) in [*journal.posted.items(), *((body, (c, None)) for body, c in journal.held.items())]:
        row = there.get(comment)
        if row is None:
            found.append(f"lost: {body}")
        elif (row.body.removesuffix(CHANGED), row.parent_id) != (body, int(parent) if parent else None):
            found.append(f"another text or another place: {body}")
    for comment, body in journal.edited.items():
        if comment in there and there[comment].body != body:
            found.append(f"an edit is lost: {body}")
    for comment, state in journal.decided.items():
        if comment in there and there[comment].state != state:
            found.append(f"a decision is lost: {comment} is {there[comment].state}, decided was {state}")
    return found


async def _of_voices(connection: AsyncConnection, journal: Journal) -> list[str]:
    """Votes and reports, by the people whose they are."""
    person_of = {str(row[0]): row[1] for row in await _rows(connection, "SELECT id, person_id FROM comment")}
    people = {reader: person_of.get(comment) for reader, comment in journal.people.items()}
    cast = {
        (str(row[0]), row[1]): row[2]
        for row in await _rows(connection, "SELECT comment_id, person_id, value FROM vote")
    }
    told = {(str(row[0]), row[1]) for row in await _rows(connection, "SELECT comment_id, person_id FROM report")}
    votes = (
        f"a vote is lost: {reader} gave {comment} {value}, there is {cast.get((comment, people[reader]), 0)}"
        for (comment, reader), value in journal.votes.items()
        if cast.get((comment, people[reader]), 0) != value
    )
    reports = (
        f"a report is lost: of {comment} by {reader}"
        for comment, reader in journal.reported
        if (comment, people[reader]) not in told
    )
    decided = {str(row[0]) for row in await _rows(connection, "SELECT DISTINCT comment_id FROM decision")}
    unmade = (f"a decision was never made: {comment}" for comment in journal.decided if comment not in decided)
    return [*_some(votes), *_some(reports), *_some(unmade)]


async def _of_messages(connection: AsyncConnection, journal: Journal) -> list[str]:
    """What a receiver outside has, who counts each id once."""
    rows = await _rows(connection, "SELECT id, event, state FROM webhook_delivery")
    sent = {_message(row.id) for row in rows if row.state == "delivered"}
    made = {_message(row.id) for row in rows}
    readable = await _rows(connection, "SELECT id FROM comment WHERE state = 'published'")
    decisions = await _rows(connection, "SELECT id FROM decision")
    known = journal.message_ids
    found = _some(f"noted as delivered, and never arrived: {each}" for each in sent - known)
    found += _some(f"arrived, and nobody sent it: {each}" for each in known - made)
    if rows:
        silent = (row.id for row in readable if "comment.posted" not in journal.told[str(row.id)])
        found += _some(f"nobody was told of the comment {each}" for each in silent)
        if len(journal.delivered["case.decided"]) != len(decisions):
            found.append(f"{len(journal.delivered['case.decided'])} decisions told, {len(decisions)} made")
    return found


def _message(delivery: int) -> str:
    return f"msg_{delivery}"


async def _rows(connection: AsyncConnection, query: str) -> list[Any]:
    return list((await connection.execute(text(query))).all())


def _some(found: Iterator[str]) -> list[str]:
    every = list(found)
    return every if len(every) <= _MOST else [*every[:_MOST], f"… and {len(every) - _MOST} more of it"]
