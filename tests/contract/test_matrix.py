"""Who may do what: every route × every caller × one's own, a hidden, a foreign and an absent thing.

The table below is the promise; a route that is not in it fails. A verdict is read as `401 moderator,owner=200`: the
status for everybody, then who differs. `changed_by` says by whom the comment in question changed; nobody else's
request may have left a trace in it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pytest
from fastapi import APIRouter, FastAPI
from httpx import AsyncClient, Response
from starlette.routing import Route

from service import comments, identity, publishing
from service.demo.seed import ARTICLES
from service.identity import Role
from service.web.parts import Parts
from service.web.who import console_cookie
from tests.world import Guest, World, some_address

Subject = Literal["own", "held", "foreign", "absent"]
CALLERS = (
    "nobody",
    "author",
    "guest",
    "forged",
    "member",
    "expert",
    "moderator",
    "local",  # a moderator of the section the comments are in
    "sports",  # a moderator of another section of the same site
    "editor",
    "owner",
    "admin",
    "neighbour",
    "former",
)
ABSENT = "999999999999999999"
PARTS = 8  # the table in parts that several workers can look at, each within a test's time
HELD_WORD = "pineapple"
_READERS = "nobody,author,guest,forged"
# Signed in, and no moderators (any more).
_OTHERS = "former,member,expert"
_WHOLE = "moderator,editor,owner,admin"
_TEAM = f"{_WHOLE},local,sports"
_REACH = f"{_WHOLE},local"


@dataclass(frozen=True)
class Thing:
    """What a request is about."""

    site: str
    url: str
    thread: str
    comment: str
    version: int
    claim: str
    member: str  # somebody of the team
    person: str = ABSENT  # who wrote the comment
    case: str = ABSENT
    decision: str = ABSENT
    sanction: str = ABSENT
    queue: str = ABSENT
    rule: str = ABSENT
    job: str = ABSENT
    webhook: str = ABSENT
    delivery: str = ABSENT
    hook: str = ABSENT
    key: str = ABSENT
    access: str = ABSENT
    run: str = ABSENT
    change: str = ABSENT
    thread_job: str = ABSENT
    session: str = ABSENT
    export: str = ABSENT


@dataclass(frozen=True)
class Row:
    """One route with what it is to be asked; `ask` gives the arguments of the request."""

    route: str
    ask: Callable[[Thing], dict[str, Any]]
    verdicts: Mapping[Subject, str]
    changed_by: Mapping[Subject, str] = field(default_factory=dict)
    is_fresh: bool = False  # every request gets a comment of its own
    ends_sessions: bool = False
    needs: Literal["decision", "sanction", "queue", "rule", "job", "key", "access", "change", "thread_job"] | None = (
        None  # what is made of the comment before it is asked about
    )


def _plain(_: Thing) -> dict[str, Any]:
    return {}


def _for_all(verdict: str) -> Mapping[Subject, str]:
    return {"own": verdict}


def _by_site(thing: Thing) -> dict[str, Any]:
    return {"params": {"site": thing.site}}


def _by_page(thing: Thing) -> dict[str, Any]:
    return {"params": {"site": thing.site, "url": thing.url}}


def _of_forum(thing: Thing) -> dict[str, Any]:
    return {"params": {"forum": thing.site, "thread": thing.thread}}


def _decision(thing: Thing) -> dict[str, Any]:
    return {"json": {"items": [{"comment": thing.comment, "version": thing.version}], "action": "spam"}}


def _decision_form(thing: Thing) -> dict[str, Any]:
    return {"data": {"comment": thing.comment, "version": str(thing.version), "action": "spam"}}


def _reply(thing: Thing) -> dict[str, Any]:
    said = {"body": "New.", "author": {"name": "Bob"}}
    return {"json": {"site": thing.site, "url": thing.url, "parent": thing.comment, **said}}


_PUBLIC: Mapping[Subject, str] = {"own": "200", "foreign": "200", "absent": "404"}
_SCRIPTS: Mapping[Subject, str] = {"own": "200", "foreign": "200", "absent": "200"}
_AUTHORS_ONLY: Mapping[Subject, str] = {
    "own": "403 author=200",
    "held": "404 author=202",
    "foreign": "403",
    "absent": "404",
}
_OF_THE_TEAM: Mapping[Subject, str] = {
    "own": f"404 {_TEAM}=200 {_OTHERS}=403 {_READERS}=401",
    "foreign": f"404 neighbour,admin=200 {_OTHERS}=403 {_READERS}=401",
    "absent": f"404 {_OTHERS}=403 {_READERS}=401",
}
# What is about one comment is asked for its section too.
_IN_REACH: Mapping[Subject, str] = {**_OF_THE_TEAM, "own": f"404 {_REACH}=200 {_OTHERS}=403 {_READERS}=401"}
_OF_THE_OWNER: Mapping[Subject, str] = {
    "own": f"404 owner,admin=200 moderator,editor,local,sports,{_OTHERS}=403 {_READERS}=401",
    "foreign": f"404 neighbour,admin=200 {_OTHERS}=403 {_READERS}=401",
    "absent": f"404 {_OTHERS}=403 {_READERS}=401",
}
_WEBHOOK = {"url": "http://127.0.0.1:9/parley", "events": ["thread.closed"]}
_HOOK = {"name": "tone", "url": "http://127.0.0.1:9/screen", "timing": "after", "enabled": False}
_OF_THE_WHOLE: Mapping[Subject, str] = {
    **_OF_THE_TEAM,
    "own": f"404 {_WHOLE}=200 local,sports,{_OTHERS}=403 {_READERS}=401",
}
_OF_EDITORS: Mapping[Subject, str] = {
    **_OF_THE_TEAM,
    "own": f"404 editor,owner,admin=200 moderator,local,sports,{_OTHERS}=403 {_READERS}=401",
}
_DECIDED: Mapping[Subject, str] = {"own": _REACH, "held": _REACH, "foreign": "neighbour,admin"}
_EVERYBODY = ",".join(CALLERS)
# Who is not signed in is sent to where one can; of what is not theirs staff learn nothing.
_FORMS_OF_THE_TEAM: Mapping[Subject, str] = {
    "own": f"303 sports,neighbour,{_OTHERS}=404",
    "foreign": f"303 moderator,editor,owner,local,sports,{_OTHERS}=404",
    "absent": f"404 {_READERS}=303",
}

_SITE_FORMS: Mapping[Subject, str] = {**_FORMS_OF_THE_TEAM, "own": f"303 neighbour,{_OTHERS}=404"}


def _swapped(verdicts: Mapping[Subject, str], old: str, new: str) -> Mapping[Subject, str]:
    return {subject: verdict.replace(f"={old}", f"={new}") for subject, verdict in verdicts.items()}


def _rule(_: Thing) -> dict[str, Any]:
    return {"json": {"kind": "word", "pattern": f"word {some_address()}"}}


def _at(thing: Thing, **body: Any) -> dict[str, Any]:
    return {"json": {"site": thing.site, **body}}


# Of a claim everybody of its site's team may ask; others are told that it is none.
_CLAIMS: Mapping[Subject, str] = {subject: v.replace("404 ", "422 ") for subject, v in _OF_THE_TEAM.items()}
_DESK = (
    Row("GET /api/v1/moderation/counts", _by_site, _OF_THE_TEAM),
    Row("GET /api/v1/moderation/live", lambda t: {"params": {"site": t.site, "seconds": 0}}, _OF_THE_TEAM),
    Row("GET /api/v1/moderation/queues", _by_site, _OF_THE_TEAM),
    Row(
        "POST /api/v1/moderation/queues",
        lambda t: {**_by_site(t), "json": {"name": f"Queue {some_address()}"}},
        _swapped(_OF_THE_TEAM, "200", "201"),
    ),
    Row(
        "PUT /api/v1/moderation/queues/{queue}",
        lambda _: {"json": {"name": f"Queue {some_address()}", "filter": {"reasons": ["held"]}}},
        _OF_THE_TEAM,
        needs="queue",
    ),
    Row("DELETE /api/v1/moderation/queues/{queue}", _plain, _swapped(_OF_THE_TEAM, "200", "204"), needs="queue"),
    Row("PUT /api/v1/moderation/claims", lambda t: {"json": {"claims": [t.claim]}}, _CLAIMS),
    Row("POST /api/v1/moderation/claims/release", lambda t: {"json": {"claims": [t.claim]}}, _CLAIMS),
    Row("POST /api/v1/moderation/claims/release", _plain, _for_all(f"200 {_OTHERS}=403 {_READERS}=401")),
    Row("POST /api/v1/moderation/claims/{claim}/skip", _plain, _swapped(_CLAIMS, "200", "204")),
    Row("GET /api/v1/moderation/rules", _by_site, _OF_THE_TEAM),
    Row(
        "POST /api/v1/moderation/rules",
        lambda t: {**_by_site(t), **_rule(t)},
        _swapped(_OF_THE_OWNER, "200", "201"),
    ),
    Row("PUT /api/v1/moderation/rules/{rule}", _rule, _OF_THE_OWNER, needs="rule"),
    Row("DELETE /api/v1/moderation/rules/{rule}", _plain, _swapped(_OF_THE_OWNER, "200", "204"), needs="rule"),
    Row("POST /api/v1/moderation/rules/try", lambda t: _at(t, rule=_rule(t)["json"]), _OF_THE_TEAM),
    Row("POST /api/v1/moderation/rules/adopt", _at, _OF_THE_OWNER),
    Row("POST /api/v1/moderation/bulk/preview", lambda t: _at(t, filter={"word": "nothing"}), _OF_THE_TEAM),
    # A token is its owner's; whose it is not is told no more than that.
    Row(
        "POST /api/v1/moderation/bulk",
        lambda _: {"json": {"token": "not a token", "action": "spam"}},
        _for_all(f"422 {_OTHERS}=403 {_READERS}=401"),
    ),
    Row("GET /api/v1/moderation/bulk", _by_site, _OF_THE_TEAM),
    Row("GET /api/v1/moderation/bulk/{job}", _plain, _OF_THE_TEAM, needs="job"),
    Row("POST /api/v1/moderation/bulk/{job}/cancel", _plain, _OF_THE_TEAM, needs="job"),
    Row("POST /api/v1/moderation/bulk/{job}/undo", _plain, _swapped(_OF_THE_TEAM, "200", "202"), needs="job"),
    Row("GET /api/v1/moderation/stats", _by_site, _OF_THE_TEAM),
    Row("GET /api/v1/moderation/stats.csv", _by_site, _OF_THE_TEAM),
)
# Of a discussion moderators of its section may see all and close it; name and move it may owners.
_OF_ITS_OWNER: Mapping[Subject, str] = {
    "own": f"404 owner,admin=200 moderator,editor,local,{_OTHERS}=403 {_READERS}=401",
    "foreign": f"404 neighbour,admin=200 {_OTHERS}=403 {_READERS}=401",
    "absent": f"404 {_OTHERS}=403 {_READERS}=401",
}
_PUBLISHERS = (
    Row(
        "POST /api/v1/sites",
        lambda _: {"json": {"name": f"new-{some_address().replace('.', '-')}", "origins": ["https://new.test"]}},
        _for_all(f"403 admin=201 {_READERS}=401"),
    ),
    Row("GET /api/v1/outbox", _plain, _for_all(f"403 admin=200 {_READERS}=401")),
    Row("POST /api/v1/outbox/retry", lambda _: {"json": {}}, _for_all(f"403 admin=200 {_READERS}=401")),
    Row("GET /api/v1/sites/{site}/changes", _plain, _OF_THE_OWNER),
    # From a version there never was: nothing is changed.
    Row(
        "POST /api/v1/sites/{site}/changes/{change}/undo",
        lambda _: {"json": {"settings_version": 2**31 - 1}},
        _swapped(_OF_THE_OWNER, "200", "409"),
        needs="change",
    ),
    Row("GET /api/v1/sites/{site}/erasure", _plain, _OF_THE_OWNER),
    Row(
        "POST /api/v1/sites/{site}/erasure",
        lambda _: {"json": {"confirm": "not its name"}},
        _swapped(_OF_THE_OWNER, "200", "422"),
    ),
    # Nobody has asked to erase it.
    Row("DELETE /api/v1/sites/{site}/erasure", _plain, _swapped(_OF_THE_OWNER, "200", "404")),
    Row("GET /api/v1/sites/{site}/threads", _plain, _OF_THE_TEAM),
    Row("GET /api/v1/sites/{site}/threads/{thread}", _plain, _IN_REACH),
    Row(
        "PATCH /api/v1/sites/{site}/threads/{thread}",
        lambda _: {"json": {"title": f"Title {some_address()}"}},
        _OF_ITS_OWNER,
    ),
    Row("GET /api/v1/sites/{site}/thread-jobs", _plain, _OF_THE_OWNER),
    # With itself: who may is told that it cannot be, and nothing is planned.
    Row(
        "POST /api/v1/sites/{site}/thread-jobs/merge",
        lambda t: {"json": {"thread": t.thread, "into": t.thread}},
        _swapped(_OF_THE_OWNER, "200", "422"),
    ),
    Row(
        "POST /api/v1/sites/{site}/thread-jobs/purge",
        lambda t: {"json": {"thread": t.thread}},
        _swapped(_OF_THE_OWNER, "200", "201"),
    ),
    Row(
        "POST /api/v1/sites/{site}/thread-jobs/remap",
        lambda _: {"json": {"rule": "host", "from": "no host", "to": "new.test"}},
        _swapped(_OF_THE_OWNER, "200", "422"),
    ),
    Row(
        "POST /api/v1/sites/{site}/thread-jobs/remap.csv",
        lambda _: {"content": b"no pair"},
        _swapped(_OF_THE_OWNER, "200", "422"),
    ),
    Row("GET /api/v1/sites/{site}/thread-jobs/{thread_job}", _plain, _OF_THE_OWNER, needs="thread_job"),
    Row(
        "POST /api/v1/sites/{site}/thread-jobs/{thread_job}/begin",
        lambda _: {"json": {}},
        _swapped(_OF_THE_OWNER, "200", "202"),
        needs="thread_job",
    ),
    Row("POST /api/v1/sites/{site}/thread-jobs/{thread_job}/cancel", _plain, _OF_THE_OWNER, needs="thread_job"),
    Row(
        "POST /api/v1/sites/{site}/thread-jobs/{thread_job}/undo",
        _plain,
        _swapped(_OF_THE_OWNER, "200", "202"),
        needs="thread_job",
    ),
)
# One's own, by the capability that comes along: what is another site's is a stranger's there.
_MINE: Mapping[Subject, str] = {"own": "401 author,guest=200", "foreign": "401", "absent": "401 author,guest=404"}
_ERASURE = "/api/v1/moderation/authors/{person}/erasure"
_OWN = (
    # Nothing is asked for yet.
    Row(f"DELETE {_ERASURE}", _by_site, _swapped(_OF_THE_OWNER, "200", "404")),
    Row("POST /api/v1/me/keep", _by_site, _swapped(_MINE, "200", "404")),
    Row("GET /api/v1/me", _by_site, _MINE),
    Row("GET /api/v1/me/comments", _by_site, _MINE),
    Row("GET /api/v1/me/replies", _by_site, _MINE),
    Row("GET /api/v1/me/votes", _by_site, _MINE),
    Row("GET /api/v1/me/sessions", _by_site, _MINE),
    Row("DELETE /api/v1/me/sessions/{session}", _by_site, _swapped(_MINE, "200", "404")),
    Row("POST /api/v1/me/link", _by_site, _swapped(_MINE, "200", "201")),
    Row("POST /api/v1/me/export", _by_site, _swapped(_MINE, "200", "202")),
    Row("GET /api/v1/me/export", _by_site, _MINE),
    Row("GET /api/v1/me/exports/{export}", _plain, _for_all("403")),
    Row("DELETE /api/v1/me", _by_site, _swapped(_MINE, "200", "202")),
    Row(
        f"POST {_ERASURE}",
        lambda t: {**_by_site(t), "json": {"reason": "asked"}},
        _swapped(_OF_THE_OWNER, "200", "202"),
    ),
    Row("GET /api/v1/sites/{site}/erasures", _plain, _OF_THE_OWNER),
    Row("GET /api/v1/me/mail", _by_site, _MINE),
    Row("PATCH /api/v1/me/mail", lambda t: {**_by_site(t), "json": {"pace": "daily"}}, _MINE),
    Row("DELETE /api/v1/me/mail/{subscription}", _by_site, _swapped(_MINE, "200", "404")),
    # Everybody may ask for mail, and nothing goes to an address before it is confirmed.
    Row(
        "POST /api/v1/subscriptions",
        lambda t: _at(t, kind="replies", email=f"somebody@{some_address()}.test"),
        {"own": "201", "foreign": "201", "absent": "404"},
    ),
    # The operator's mail server alone has that token, and nobody has one of a link.
    Row("POST /api/v1/mail/returned", lambda _: {"content": b"To: nobody"}, _for_all("404")),
    *(
        Row(f"{method} /mail/{page}", lambda _: {"params": {"token": "1.0.forged"}}, _for_all("403"))
        for page in ("confirm", "stop")
        for method in ("GET", "POST")
    ),
    Row("POST /me/mail", lambda _: {"data": {"do": "off"}}, _for_all("401")),
    # The page is opened by a cookie of its own, which nobody here has.
    Row("GET /privacy/{site}", _plain, _PUBLIC),
    Row("GET /me", _plain, _for_all("401")),
    Row("GET /me/{part}", _plain, _for_all("401")),
    Row("GET /me/enter", lambda _: {"params": {"token": "not a token"}}, _for_all("200")),
    Row("POST /me/enter", lambda _: {"data": {"token": "not a token"}}, _for_all("403")),
    Row("POST /me/leave", _plain, _for_all("401")),
    Row("POST /me/sessions", _plain, _for_all("401")),
    Row("POST /me/export", _plain, _for_all("401")),
    Row("POST /me/erase", _plain, _for_all("401")),
    Row("POST /me/keep", _plain, _for_all("401")),
    Row("GET /me/ways", _plain, _for_all("401")),
    Row("GET /me/ways/provider", _plain, _for_all("401")),
    *(
        Row(f"POST /me/ways/{act}", _plain, _for_all("401"))
        for act in ("code", "code/enter", "rename", "remove", "join", "sessions")
    ),
    Row("POST /me/ways/passkey/options", lambda _: {"json": {"purpose": "add"}}, _for_all("401")),
    Row(
        "POST /me/ways/passkey",
        lambda _: {"json": {"purpose": "add", "state": "nothing", "credential": {}}},
        _for_all("401"),
    ),
)
TABLE = (
    *_DESK,
    *_PUBLISHERS,
    *_OWN,
    Row(
        "POST /api/v1/comments",
        lambda t: {"json": {"site": t.site, "thread": t.thread, "body": "New.", "author": {"name": "Bob"}}},
        {"own": "201", "foreign": "201", "absent": "404"},
    ),
    Row(
        "POST /api/v1/comments",
        _reply,
        {"own": "201", "held": "422", "foreign": "201", "absent": "404"},
        is_fresh=True,
    ),
    Row(
        "PATCH /api/v1/comments/{comment}",
        lambda _: {"json": {"body": "Rewritten."}},
        _AUTHORS_ONLY,
        changed_by={"own": "author", "held": "author"},
        is_fresh=True,
    ),
    Row(
        "DELETE /api/v1/comments/{comment}",
        _plain,
        {**_AUTHORS_ONLY, "own": "403 author=204", "held": "404 author=204"},
        changed_by={"own": "author", "held": "author"},
        is_fresh=True,
    ),
    Row(
        "PUT /api/v1/comments/{comment}/vote",
        lambda _: {"json": {"value": 1}},
        {"own": "200 author=403", "held": "404", "foreign": "200", "absent": "404"},
        changed_by={"own": _EVERYBODY.replace("author,", ""), "foreign": _EVERYBODY},
        is_fresh=True,
    ),
    Row(
        "POST /api/v1/comments/{comment}/reports",
        lambda _: {"json": {"reason": "spam"}},
        {"own": "202", "held": "404", "foreign": "202", "absent": "404"},
        is_fresh=True,
    ),
    Row("GET /api/v1/threads", _by_page, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/comments", _plain, _PUBLIC),
    Row(
        "GET /api/v1/threads/{thread}/comments",
        lambda t: {"params": {"parent": t.comment}},
        {"own": "200", "held": "404", "foreign": "200", "absent": "404"},
    ),
    Row("GET /api/v1/threads/{thread}/viewer", _plain, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/events", _plain, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/changes", lambda _: {"params": {"version": 0}}, _PUBLIC),
    Row("GET /api/v1/comments/{comment}", _plain, {**_PUBLIC, "held": "404"}),
    Row("GET /api/v1/counts", _by_page, _PUBLIC),
    Row("GET /api/v1/session", _plain, _for_all("200")),
    Row("POST /api/v1/auth/link", lambda _: {"json": {"email": f"{some_address()}@nobody.test"}}, _for_all("202")),
    Row("POST /api/v1/auth/session", lambda _: {"json": {"token": "not a token"}}, _for_all("403")),
    Row("DELETE /api/v1/session", _plain, _for_all("204"), ends_sessions=True),
    Row("GET /api/v1/moderation/queue", _by_site, _OF_THE_TEAM),
    Row("GET /api/v1/moderation/log", _by_site, _OF_THE_TEAM),
    Row("GET /api/v1/moderation/log.jsonl", _by_site, _OF_THE_OWNER),
    Row("GET /api/v1/sites", _plain, _for_all(f"200 {_OTHERS}=403 {_READERS}=401")),
    Row("GET /api/v1/sites/{site}", _plain, _OF_THE_OWNER),
    # From a version there never was: nothing is changed, and who may not is told that first.
    Row(
        "PATCH /api/v1/sites/{site}",
        lambda _: {"json": {"settings_version": 2**31 - 1, "title": "Mine now"}},
        _swapped(_OF_THE_OWNER, "200", "409"),
    ),
    Row("POST /api/v1/sites/{site}/preview", lambda t: {"json": {"url": t.url}}, _OF_THE_OWNER),
    Row("GET /api/v1/sites/{site}/team", _plain, _OF_THE_OWNER),
    Row("PUT /api/v1/sites/{site}/team/{member}", lambda _: {"json": {"role": "member"}}, _OF_THE_OWNER),
    Row(
        "DELETE /api/v1/sites/{site}/team/{member}",
        _plain,
        _swapped(_OF_THE_OWNER, "200", "204"),
        is_fresh=True,
    ),
    Row("GET /api/v1/moderation/counts", _plain, _for_all(f"200 {_OTHERS}=403 {_READERS}=401")),
    Row(
        "POST /api/v1/moderation/claims",
        lambda t: {"json": {"site": t.site, "limit": 1}},
        _swapped(_OF_THE_TEAM, "200", "201"),
    ),
    Row(
        "PUT /api/v1/moderation/claims/{claim}",
        _plain,
        {subject: verdict.replace("404 ", "422 ") for subject, verdict in _OF_THE_TEAM.items()},
    ),
    Row(
        "DELETE /api/v1/moderation/claims/{claim}",
        _plain,
        {subject: verdict.replace("404 ", "422 ") for subject, verdict in _swapped(_OF_THE_TEAM, "200", "204").items()},
    ),
    Row(
        "POST /api/v1/moderation/decisions",
        _decision,
        {**_IN_REACH, "held": _IN_REACH["own"]},
        changed_by=_DECIDED,
        is_fresh=True,
    ),
    Row(
        "POST /api/v1/moderation/decisions/{decision}/undo",
        _plain,
        _IN_REACH,
        changed_by=_DECIDED,
        is_fresh=True,
        needs="decision",
    ),
    Row("GET /api/v1/moderation/cases/{case}", _plain, _IN_REACH),
    Row("GET /api/v1/moderation/authors/{person}", _by_site, _OF_THE_TEAM),
    Row(
        "POST /api/v1/moderation/authors/{person}/notes",
        lambda t: {**_by_site(t), "json": {"text": "A note."}},
        _swapped(_OF_THE_TEAM, "200", "201"),
    ),
    Row(
        "PUT /api/v1/moderation/authors/{person}/mark",
        lambda t: {**_by_site(t), "json": {"mark": "expert"}},
        _swapped(_OF_EDITORS, "200", "204"),
    ),
    Row("GET /api/v1/moderation/sanctions", _by_site, _OF_THE_WHOLE),
    Row(
        "POST /api/v1/moderation/sanctions",
        lambda t: {
            **_by_site(t),
            # Upon nobody who writes here: the others in this scene are to go on.
            "json": {"kind": "ban", "target": {"type": "email_domain", "value": "nobody.test"}},
        },
        _swapped(_OF_THE_WHOLE, "200", "201"),
        is_fresh=True,
    ),
    Row("DELETE /api/v1/moderation/sanctions/{sanction}", _plain, _OF_THE_WHOLE, is_fresh=True, needs="sanction"),
    Row("GET /api/v1/moderation/reasons", _by_site, _OF_THE_TEAM),
    Row("GET /api/v1/moderation/statements", _by_site, _OF_THE_WHOLE),
    Row("GET /api/v1/moderation/statements.jsonl", _by_site, _OF_THE_OWNER),
    Row(
        "GET /api/v1/comments/{comment}/statement",
        _plain,
        {"own": f"404 author,{_REACH}=200", "foreign": "404 neighbour,admin=200", "absent": "404"},
        is_fresh=True,
        needs="decision",
    ),
    Row(
        "POST /api/v1/comments/{comment}/appeal",
        lambda _: {"json": {"text": "It was a quotation."}},
        {"own": "404 author=202", "foreign": "404", "absent": "404"},
        is_fresh=True,
        needs="decision",
    ),
    Row("GET /api/v1/moderation/comments/{comment}/opinions", _plain, {**_IN_REACH, "held": _IN_REACH["own"]}),
    Row("GET /api/v1/moderation/alerts", _by_site, _OF_THE_TEAM),
    Row("PUT /api/v1/moderation/alerts", lambda t: {**_by_site(t), "json": {"at_once": "never"}}, _OF_THE_TEAM),
    Row("GET /api/v1/sites/{site}/webhooks", _plain, _OF_THE_OWNER),
    Row(
        "POST /api/v1/sites/{site}/webhooks",
        lambda _: {"json": _WEBHOOK},
        _swapped(_OF_THE_OWNER, "200", "201"),
    ),
    Row("PUT /api/v1/sites/{site}/webhooks/{webhook}", lambda _: {"json": _WEBHOOK}, _OF_THE_OWNER),
    Row("POST /api/v1/sites/{site}/webhooks/{webhook}/rotate", lambda _: {"json": {}}, _OF_THE_OWNER),
    Row("POST /api/v1/sites/{site}/webhooks/{webhook}/test", _plain, _OF_THE_OWNER),
    Row("GET /api/v1/sites/{site}/webhooks/{webhook}/deliveries", _plain, _OF_THE_OWNER),
    Row(
        "POST /api/v1/sites/{site}/webhooks/{webhook}/deliveries/replay",
        _plain,
        _swapped(_OF_THE_OWNER, "200", "202"),
    ),
    Row(
        "POST /api/v1/sites/{site}/webhooks/{webhook}/deliveries/{delivery}/replay",
        _plain,
        _swapped(_OF_THE_OWNER, "200", "202"),
    ),
    Row(
        "DELETE /api/v1/sites/{site}/webhooks/{webhook}",
        _plain,
        _swapped(_OF_THE_OWNER, "200", "204"),
        is_fresh=True,
        needs="webhook",
    ),
    Row("GET /api/v1/sites/{site}/keys", _plain, _OF_THE_OWNER),
    # Of an algorithm the key is not for: nothing is made, and who may not is told that first.
    Row(
        "POST /api/v1/sites/{site}/keys",
        lambda _: {"json": {"name": "Shop", "scopes": ["sso"], "algorithm": "EdDSA"}},
        _swapped(_OF_THE_OWNER, "200", "422"),
    ),
    Row("POST /api/v1/sites/{site}/keys/{key}/rotate", lambda _: {"json": {}}, _OF_THE_OWNER, needs="key"),
    Row(
        "DELETE /api/v1/sites/{site}/keys/{key}",
        _plain,
        _swapped(_OF_THE_OWNER, "200", "204"),
        is_fresh=True,
        needs="key",
    ),
    Row("GET /api/v1/sites/{site}/keys/{key}/tokens", _plain, _OF_THE_OWNER, needs="key"),
    Row(
        "POST /api/v1/sites/{site}/keys/{key}/tokens",
        lambda _: {"json": {"scopes": ["read"]}},
        _swapped(_OF_THE_OWNER, "200", "201"),
        needs="key",
    ),
    Row(
        "DELETE /api/v1/sites/{site}/keys/{key}/tokens/{access}",
        _plain,
        _swapped(_OF_THE_OWNER, "200", "204"),
        is_fresh=True,
        needs="access",
    ),
    # Only what the site signed counts, whoever brings it; and only a secret key is asked who somebody is.
    Row(
        "POST /api/v1/sites/{site}/sso",
        lambda _: {"json": {"token": "not a token"}},
        {"own": "403", "foreign": "403", "absent": "404"},
    ),
    Row("DELETE /api/v1/sites/{site}/sso", _plain, {"own": "204", "foreign": "204", "absent": "404"}),
    Row("GET /api/v1/sites/{site}/members/{remote}", _plain, {"own": "401", "foreign": "401", "absent": "401"}),
    Row(
        "POST /api/v1/sites/{site}/members/{remote}/sign-out",
        _plain,
        {"own": "401", "foreign": "401", "absent": "401"},
    ),
    # Closed unless a site opens it; what a reader signed in may is in tests/stories/readers.
    Row(
        "POST /api/v1/sites/{site}/sign-in/codes",
        lambda _: {"json": {"email": f"{some_address()}@nobody.test"}},
        {"own": "403", "foreign": "403", "absent": "404"},
    ),
    Row(
        "POST /api/v1/sites/{site}/sign-in/sessions",
        lambda _: {"json": {"ask": "nothing", "code": "12345678"}},
        {"own": "403", "foreign": "403", "absent": "404"},
    ),
    Row(
        "POST /api/v1/sites/{site}/sign-in/handovers",
        lambda _: {"json": {"code": "nothing", "verifier": "v" * 43}},
        {"own": "403", "foreign": "403", "absent": "404"},
    ),
    Row(
        "GET /sign-in/start",
        lambda t: {"params": {"site": t.site, "provider": "google", "challenge": "c" * 43}},
        _for_all("404"),
    ),
    # With a cookie of the frame, from our own pages: tests/stories/readers/test_ways.py.
    Row(
        "POST /api/v1/sites/{site}/sign-in/resume",
        lambda _: {"headers": {"Origin": "http://parley.test"}},
        {"own": "401", "foreign": "401", "absent": "404"},
    ),
    Row(
        "POST /sign-in/passkey",
        lambda _: {"json": {"credential": {}}, "headers": {"Origin": "http://parley.test"}},
        _for_all("403"),
    ),
    Row("GET /sign-in/back", lambda _: {"params": {"state": "nothing", "code": "nothing"}}, _for_all("403")),
    Row("GET /api/v1/sites/{site}/sign-in/sessions", _plain, {"own": "401", "foreign": "401", "absent": "404"}),
    Row("DELETE /api/v1/sites/{site}/sign-in/session", _plain, {"own": "401", "foreign": "401", "absent": "404"}),
    Row("DELETE /api/v1/sites/{site}/sign-in/sessions", _plain, {"own": "401", "foreign": "401", "absent": "404"}),
    Row(
        "DELETE /api/v1/sites/{site}/sign-in/sessions/{session}",
        _plain,
        {"own": "401", "foreign": "401", "absent": "404"},
    ),
    Row("GET /api/v1/sites/{site}/hooks", _plain, _OF_THE_OWNER),
    Row(
        "POST /api/v1/sites/{site}/hooks",
        lambda _: {"json": {**_HOOK, "name": f"another-{some_address().replace('.', '-')}"}},
        _swapped(_OF_THE_OWNER, "200", "201"),
    ),
    Row("PUT /api/v1/sites/{site}/hooks/{hook}", lambda _: {"json": _HOOK}, _OF_THE_OWNER),
    Row("POST /api/v1/sites/{site}/hooks/{hook}/rotate", lambda _: {"json": {}}, _OF_THE_OWNER),
    Row("POST /api/v1/sites/{site}/hooks/{hook}/test", _plain, _OF_THE_OWNER),
    Row("GET /api/v1/sites/{site}/hooks/{hook}/results", _plain, _OF_THE_OWNER),
    Row(
        "DELETE /api/v1/sites/{site}/hooks/{hook}",
        _plain,
        _swapped(_OF_THE_OWNER, "200", "204"),
        is_fresh=True,
        needs="hook",
    ),
    Row("GET /api/v1/sites/{site}/export.jsonl", _plain, _OF_THE_OWNER),
    Row("GET /api/v1/sites/{site}/imports", _plain, _OF_THE_OWNER),
    # One is under way already.
    Row("POST /api/v1/sites/{site}/imports", lambda _: {"content": b"<"}, _swapped(_OF_THE_OWNER, "200", "409")),
    Row("GET /api/v1/sites/{site}/imports/{run}", _plain, _OF_THE_OWNER),
    # No worker has checked it yet.
    Row("POST /api/v1/sites/{site}/imports/{run}/begin", _plain, _swapped(_OF_THE_OWNER, "200", "409")),
    Row(
        "POST /api/v1/sites/{site}/imports/{run}/check",
        lambda _: {"json": {"moves": []}},
        _swapped(_OF_THE_OWNER, "200", "409"),
    ),
    Row("POST /api/v1/sites/{site}/imports/{run}/undo", _plain, _swapped(_OF_THE_OWNER, "200", "409")),
    Row("POST /api/v1/sites/{site}/imports/{run}/cancel", _plain, _OF_THE_OWNER),
    # The token in a mail is all the authority there is; who is signed in makes no difference.
    Row("GET /console/mail", lambda _: {"params": {"token": "not a token"}}, _for_all("403")),
    Row("POST /console/mail", lambda _: {"data": {"token": "not a token"}}, _for_all("403")),
    Row("GET /console/mail/stop", lambda _: {"params": {"token": "not a token"}}, _for_all("403")),
    Row("POST /console/mail/stop", lambda _: {"params": {"token": "not a token"}}, _for_all("403")),
    Row("GET /embed", _by_page, _PUBLIC),
    Row("GET /embed", lambda t: {"params": {"site": t.site, "url": t.url, "comment": t.comment}}, {"held": "200"}),
    Row("GET /api/v1/threads/{thread}/search", lambda _: {"params": {"q": "comment"}}, _PUBLIC),
    Row("POST /api/v1/preview", lambda t: {"json": {"site": t.site, "body": "I *like* it."}}, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/participants", lambda _: {"params": {"q": "b"}}, _PUBLIC),
    Row("GET /embed/search", lambda t: {"params": {"thread": t.thread, "q": "comment"}}, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/feed.atom", _plain, _PUBLIC),
    Row("GET /api/v1/sites/{site}/feed.atom", _plain, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/feed.json", _plain, _PUBLIC),
    Row("GET /api/v1/sites/{site}/feed.json", _plain, _PUBLIC),
    # Only who has written here has somebody to answer to; a token that is none is nobody's.
    Row(
        "GET /api/v1/sites/{site}/replies-feed",
        _plain,
        {"own": "401 author,guest=200", "foreign": "401", "absent": "404"},
    ),
    Row("GET /api/v1/sites/{site}/replies/{token}/feed.atom", _plain, _for_all("404")),
    Row("GET /api/v1/sites/{site}/replies/{token}/feed.json", _plain, _for_all("404")),
    Row("GET /api/v1/feed.atom", _by_page, _PUBLIC),
    Row("GET /api/v1/feed.json", _by_page, _PUBLIC),
    Row("GET /api/v1/sites/{site}/widgets/{kind}", _plain, _PUBLIC),
    Row("GET /widgets/{kind}", _by_site, _PUBLIC),
    Row("GET /widgets/{kind}/piece", _by_site, _PUBLIC),
    Row("GET /api/v1/threads/{thread}/jsonld", _plain, _PUBLIC),
    Row("GET /api/v1/jsonld", _by_page, _PUBLIC),
    Row("GET /t/{thread}", _plain, _PUBLIC),
    Row("GET /t/{thread}", lambda t: {"params": {"comment": t.comment}}, {"held": "200"}),
    # A form that is not on a page of ours; with Origin, as staff's clients here send it, it is one.
    Row(
        "POST /embed/comments",
        lambda t: {"data": {"site": t.site, "thread": t.thread, "name": "Bob", "body": f"Plain {some_address()}."}},
        {
            "own": f"403 {_TEAM},neighbour,{_OTHERS}=201",
            "foreign": f"403 {_TEAM},neighbour,{_OTHERS}=201",
            "absent": "404",
        },
    ),
    Row(
        "POST /embed/reports",
        lambda t: {"data": {"site": t.site, "thread": t.thread, "comment": t.comment, "reason": "spam"}},
        {
            "own": f"403 {_TEAM},neighbour,{_OTHERS}=202",
            "held": f"403 {_TEAM},neighbour,{_OTHERS}=404",
            "foreign": f"403 {_TEAM},neighbour,{_OTHERS}=202",
            "absent": "404",
        },
        is_fresh=True,
    ),
    Row("GET /embed/pieces", lambda t: {"params": {"thread": t.thread, "comment": t.comment}}, _PUBLIC),
    Row("GET /embed/comments", lambda t: {"params": {"thread": t.thread}}, _PUBLIC),
    # Readers see where to sign in; who lost the role is told so.
    Row("GET /console", _plain, _for_all(f"200 {_OTHERS}=403")),
    Row("GET /console/{view}", _plain, _for_all(f"200 {_OTHERS}=403")),
    Row("GET /console/{view}/{name}", _plain, _for_all(f"200 {_OTHERS}=403")),
    Row("GET /console/plain", _plain, _for_all(f"200 {_OTHERS}=403")),
    Row(
        "GET /console/plain",
        _by_site,
        {
            "own": f"200 neighbour=404 {_OTHERS}=403",
            "foreign": f"200 moderator,editor,owner,local,sports=404 {_OTHERS}=403",
            "absent": f"404 {_READERS}=200 {_OTHERS}=403",
        },
    ),
    Row(
        "GET /console/plain/log",
        _by_site,
        {
            "own": f"303 {_TEAM}=200 neighbour=404",
            "foreign": "303 moderator,editor,owner,local,sports=404 neighbour,admin=200",
            "absent": f"303 {_TEAM},neighbour=404",
        },
    ),
    Row(
        "POST /console/claim",
        lambda t: {"data": {"site": t.site}},
        _SITE_FORMS,
    ),
    Row(
        "POST /console/release",
        lambda t: {"data": {"claim": t.claim}},
        _SITE_FORMS,
    ),
    Row(
        "POST /console/decide",
        _decision_form,
        {**_FORMS_OF_THE_TEAM, "held": _FORMS_OF_THE_TEAM["own"]},
        changed_by=_DECIDED,
        is_fresh=True,
    ),
    # Of a forum that is not there its scripts say so.
    *(
        Row(f"GET /forums/{{forum}}/{name}.js", lambda t: {"params": {"2": t.url}}, _SCRIPTS)
        for name in ("embed", "count", "count-data", "{widget}")
    ),
    Row("GET /forums/embed.js", _plain, _for_all("200")),
    Row("GET /forums/count.js", _plain, _for_all("200")),
    Row("GET /api/3.0/{resource}/{method}", _of_forum, _PUBLIC),
    Row(
        "POST /api/3.0/{resource}/{method}",
        lambda t: {"data": {"forum": t.site, "thread": t.thread, "message": "New.", "author_name": "Bob"}},
        _PUBLIC,
    ),
    Row(
        "POST /api/3.0/{resource}/{method}",
        lambda t: {"data": {"parent": t.comment, "message": "New.", "author_name": "Bob"}},
        {**_PUBLIC, "held": "404"},
        is_fresh=True,
    ),
    # Of no application: tests/stories/disqus/test_applications.py.
    Row("GET /api/oauth/2.0/authorize/", _plain, _for_all("400")),
    Row("POST /api/oauth/2.0/authorize/", lambda _: {"data": {"answer": "allow"}}, _for_all(f"400 {_READERS}=403")),
    Row("POST /api/oauth/2.0/access_token/", lambda _: {"data": {"client_secret": "sk_1_2"}}, _for_all("401")),
    # Nobody without a token, in the same place.
    Row("GET /api/3.0/{resource}/{method}/{deeper}", _of_forum, _for_all("401")),
    Row(
        "POST /api/3.0/{resource}/{method}/{deeper}",
        lambda t: {"data": {"forum": t.site, "url": "https://a.test/", "secret": "x" * 32}},
        _for_all("401"),
    ),
    Row("GET /console/enter", lambda _: {"params": {"token": "not a token"}}, _for_all("200")),
    Row("POST /console/enter", lambda _: {"data": {"token": "not a token"}}, _for_all("403")),
    # A form that is not one of ours names no Origin of ours.
    Row(
        "POST /console/sign-in",
        lambda _: {"data": {"email": f"{some_address()}@nobody.test"}},
        _for_all(f"403 {_TEAM},{_OTHERS},neighbour=200"),
    ),
    Row("POST /console/sign-out", _plain, _for_all("303"), ends_sessions=True),
    Row("GET /demo", _plain, _for_all("200")),
    Row("GET /demo/article.css", _plain, _for_all("200")),
    Row("GET /demo/{slug}", _plain, {"own": "200", "absent": "404"}),
    Row("GET /livez", _plain, _for_all("200")),
    Row("GET /readyz", _plain, _for_all("200")),
    Row("GET /metrics", _plain, _for_all("404")),  # nobody's role opens it, only the operator's token
    Row("GET /openapi.json", _plain, _for_all("200")),
    Row("GET /docs", _plain, _for_all("200")),
)


def routes(app: FastAPI) -> set[str]:
    """`METHOD /path` of everything the app answers."""
    return {
        f"{method} {route.path}"
        for route in _walk(app.routes)
        for method in route.methods or ()
        if method not in {"HEAD", "OPTIONS"}
    }


def _walk(found: Iterable[Any]) -> Iterator[Route]:
    for route in found:
        if isinstance(route, Route):
            yield route
        elif isinstance(included := getattr(route, "original_router", None), APIRouter):
            yield from _walk(included.routes)


def expected(verdict: str, caller: str) -> int:
    """The status a verdict names for a caller."""
    status, *exceptions = verdict.split()
    for exception in exceptions:
        callers, _, other = exception.partition("=")
        if caller in callers.split(","):
            status = other
    return int(status)


class Scene:
    """Two sites with their people."""

    def __init__(self, parts: Parts, app: FastAPI, home: World, next_door: World) -> None:
        self.parts = parts
        self.app = app
        self.home = home
        self.next_door = next_door
        self.author = home.guest("Author")
        self.guest = home.guest("Guest")
        self.elsewhere = next_door.guest("Somebody")
        self.staff: dict[str, AsyncClient] = {}
        self.claims: dict[str, str] = {}
        self.deciders: dict[str, AsyncClient] = {}
        self.kept: dict[tuple[str, str], str] = {}
        self.outside: dict[str, dict[str, str]] = {}

    @classmethod
    async def new(cls, parts: Parts, app: FastAPI, client: AsyncClient) -> Scene:
        policy: dict[str, Any] = {"screening": {"suspect_words": [HELD_WORD]}, "moderation": {"claim_cap": 200}}
        policy["mail"] = {"enabled": True}
        home, next_door = [await World.new(parts, app, client, policy) for _ in range(2)]
        scene = cls(parts, app, home, next_door)
        await scene.guest.post("Somebody else's.")
        await scene.sign_in()
        for world in (home, next_door):
            scene.deciders[world.site.name] = await world.staff("moderator")
        for name, guest, staff in (
            (home.site.name, scene.author, "moderator"),
            (next_door.site.name, scene.elsewhere, "neighbour"),
        ):
            await guest.post(f"{HELD_WORD} to be claimed", expect=202)
            await parts.relay.drain()
            taken = await scene.staff[staff].post("/api/v1/moderation/claims", json={"site": name, "limit": 1})
            scene.claims[name] = taken.json()["items"][0]["claim"]
        for name, owner in ((home.site.name, "owner"), (next_door.site.name, "neighbour")):
            scene.outside[name] = await scene.set_up_outside(scene.staff[owner], name)
        return scene

    async def set_up_outside(self, owner: AsyncClient, name: str) -> dict[str, str]:
        """A webhook of a site with a delivery, and a screening hook, to nobody who listens; a file to import."""
        webhooks, hooks = f"/api/v1/sites/{name}/webhooks", f"/api/v1/sites/{name}/hooks"
        webhook = (await owner.post(webhooks, json=_WEBHOOK)).json()["webhook"]["id"]
        delivery = (await owner.post(f"{webhooks}/{webhook}/test")).json()["id"]
        hook = (await owner.post(hooks, json=_HOOK)).json()["hook"]["id"]
        run = (await owner.post(f"/api/v1/sites/{name}/imports", content=b"<disqus/>")).json()["id"]
        return {"webhook": webhook, "delivery": delivery, "hook": hook, "run": run}

    async def sign_in(self) -> None:
        """Everybody of the staff, in a browser of their own; one of them has lost the role since."""
        name = self.home.site.name
        roles: tuple[Role, ...] = ("member", "expert", "moderator", "editor", "owner")
        self.staff = {role: await self.home.staff(role, f"{role}@{name}.test") for role in roles}
        # The section of an article is the first folder of its address.
        self.staff["local"] = await self.home.staff("moderator", f"local@{name}.test", sections=[name])
        self.staff["sports"] = await self.home.staff("moderator", f"sports@{name}.test", sections=["sports"])
        self.staff["neighbour"] = await self.next_door.staff("owner", f"owner@{self.next_door.site.name}.test")
        self.staff["former"] = await self.home.staff("moderator", f"former@{name}.test")
        self.staff["admin"] = await self.home.admin(f"admin@{name}.test")
        former = await self.parts.db.read(identity.account_by_email, f"former@{self.home.site.name}.test")
        assert former is not None
        await self.parts.db.transact(identity.revoke, former.id, self.home.site.id)

    def caller(self, name: str) -> AsyncClient:
        """A client that sends what this caller would."""
        if name in self.staff:
            return self.staff[name]
        client = self.home.caller(some_address())
        if name == "forged":
            client.cookies.set(console_cookie(self.parts), "forged" * 8)
        elif name != "nobody":
            client.headers.update({"author": self.author, "guest": self.guest}[name].headers)
        return client

    async def thing(self, subject: Subject) -> Thing:
        """Something new that is the author's, hidden, of the other site, or not there."""
        if subject == "absent":
            return Thing("no-such-site", "https://news.test/nothing", ABSENT, ABSENT, 1, "9.9.9.9.9", "no@where.test")
        world, guest = (self.next_door, self.elsewhere) if subject == "foreign" else (self.home, self.author)
        text, status = (f"{HELD_WORD}!", 202) if subject == "held" else ("A comment.", 201)
        made = (await guest.post(text, expect=status))["comment"]
        return Thing(
            world.site.name,
            world.page("article"),
            made["thread"],
            made["id"],
            made["version"],
            self.claims[world.site.name],
            await world.joins(),
            str((await self.parts.db.read(comments.get, int(made["id"]), comments.STAFF)).person_id),
            self.claims[world.site.name].split(".")[1],
            **self.outside[world.site.name],
        )

    async def prepared(self, row: Row, thing: Thing) -> Thing:  # noqa: PLR0911  # one for each kind of thing
        """The thing with what the row is about: decided by somebody who does not ask later, or sanctioned."""
        if row.needs is None or thing.comment == ABSENT:
            return thing
        decider = self.deciders[thing.site]
        if row.needs == "decision":
            item = {"comment": thing.comment, "version": thing.version}
            body = {"items": [item], "action": "remove", "reason": "insult"}
            made = await decider.post("/api/v1/moderation/decisions", json=body)
            return replace(thing, decision=made.json()["items"][0]["decision"])
        if row.needs == "key":
            return replace(thing, key=await self.key(thing))
        if row.needs == "access":
            key = await self.key(thing)
            return replace(thing, key=key, access=await self.access(thing, key))
        if row.needs in {"change", "thread_job"}:
            is_over = row.route.endswith("/undo")
            made = self.change(thing) if row.needs == "change" else self.thread_job(thing, is_over=is_over)
            return replace(thing, **{row.needs: await made})
        if row.needs in {"hook", "webhook"}:
            return replace(thing, **{row.needs: await self.spare(row.needs, thing)})
        if row.needs in {"queue", "rule", "job"}:
            # What a request uses up is made anew for each.
            key = (row.needs, thing.site)
            if key not in self.kept or row.route.startswith("DELETE") or row.route.endswith(("/undo", "/cancel")):
                self.kept[key] = await self.made(row.needs, thing, is_over=not row.route.endswith("/cancel"))
            return replace(thing, **{row.needs: self.kept[key]})
        body = {"kind": "shadow", "target": {"type": "email_domain", "value": "somebody.test"}}
        made = await decider.post("/api/v1/moderation/sanctions", params={"site": thing.site}, json=body)
        return replace(thing, sanction=made.json()["id"])

    def owner_of(self, thing: Thing) -> AsyncClient:
        """Who owns the thing's site."""
        return self.staff["owner" if thing.site == self.home.site.name else "neighbour"]

    async def change(self, thing: Thing) -> str:
        """A change of the site's settings, made once."""
        key, owner, path = ("change", thing.site), self.owner_of(thing), f"/api/v1/sites/{thing.site}"
        if key not in self.kept:
            version = (await owner.get(path)).json()["settings_version"]
            await owner.patch(path, json={"settings_version": version, "title": f"Title of {thing.site}"})
            self.kept[key] = (await owner.get(f"{path}/changes")).json()["items"][0]["number"]
        return self.kept[key]

    async def thread_job(self, thing: Thing, *, is_over: bool) -> str:
        """A merge of two discussions of the site that is planned, or done: the one before, if it still is."""
        owner, path = self.owner_of(thing), f"/api/v1/sites/{thing.site}/thread-jobs"
        key, wanted = (f"thread job {is_over}", thing.site), "done" if is_over else "planned"
        await publishing.work(self.parts.db)
        known = await owner.get(f"{path}/{self.kept[key]}") if key in self.kept else None
        if known is None or known.json()["state"] != wanted:
            world, guest = (self.home, self.author) if thing.site == self.home.site.name else self._next_door()
            one, other = [(await guest.post(url=world.page(some_address())))["comment"]["thread"] for _ in "ab"]
            made = await owner.post(f"{path}/merge", json={"thread": one, "into": other})
            self.kept[key] = made.json()["id"]
            if is_over:
                await owner.post(f"{path}/{self.kept[key]}/begin", json={})
                await publishing.work(self.parts.db)
        return self.kept[key]

    def _next_door(self) -> tuple[World, Guest]:
        return self.next_door, self.elsewhere

    async def spare(self, what: str, thing: Thing) -> str:
        """A hook or webhook of the thing's site to be deleted: the one before, if it is still there."""
        owner = self.staff["owner" if thing.site == self.home.site.name else "neighbour"]
        path, key = f"/api/v1/sites/{thing.site}/{what}s", (f"spare {what}", thing.site)
        there = {each["id"] for each in (await owner.get(path)).json()["items"]}
        if self.kept.get(key) not in there:
            body = _WEBHOOK if what == "webhook" else {**_HOOK, "name": "spare"}
            self.kept[key] = (await owner.post(path, json=body)).json()[what]["id"]
        return self.kept[key]

    async def key(self, thing: Thing) -> str:
        """The one valid key of the thing's site; those a request made before are revoked."""
        owner = self.staff["owner" if thing.site == self.home.site.name else "neighbour"]
        path = f"/api/v1/sites/{thing.site}/keys"
        valid = [each["id"] for each in (await owner.get(path)).json()["items"] if each["is_valid"]]
        for extra in valid[:-1]:
            await owner.delete(f"{path}/{extra}")
        if valid:
            return str(valid[-1])
        return str((await owner.post(path, json={"name": "Shop", "scopes": ["sso", "manage"]})).json()["key"]["id"])

    async def access(self, thing: Thing, key: str) -> str:
        """A new access token of a key; its id."""
        owner = self.staff["owner" if thing.site == self.home.site.name else "neighbour"]
        path = f"/api/v1/sites/{thing.site}/keys/{key}/tokens"
        return str((await owner.post(path, json={"scopes": ["read"]})).json()["token"]["id"])

    async def made(self, what: str, thing: Thing, *, is_over: bool = True) -> str:
        """A saved queue, a rule or a job (that is over, or waits), new and of the thing's site; its id."""
        site = {"params": {"site": thing.site}}
        if what == "rule":
            owner = self.staff["owner" if thing.site == self.home.site.name else "neighbour"]
            made = await owner.post("/api/v1/moderation/rules", **site, **_rule(thing))
        elif what == "queue":
            decider = self.deciders[thing.site]
            for known in (await decider.get("/api/v1/moderation/queues", **site)).json()["items"]:
                if not known["is_built_in"]:  # there may only be so many
                    await decider.delete(f"/api/v1/moderation/queues/{known['id']}")
            made = await decider.post("/api/v1/moderation/queues", **site, json={"name": f"Queue {some_address()}"})
        else:
            decider = self.deciders[thing.site]
            asked = {"site": thing.site, "filter": {"word": "nothing"}}
            token = (await decider.post("/api/v1/moderation/bulk/preview", json=asked)).json()["token"]
            made = await decider.post("/api/v1/moderation/bulk", json={"token": token, "action": "spam"})
            if is_over:
                await decider.post(f"/api/v1/moderation/bulk/{made.json()['id']}/cancel")
        found: str = made.json()["id"]
        return found


_NAMED = (
    "queue",
    "rule",
    "job",
    "site",
    "comment",
    "thread",
    "claim",
    "member",
    "person",
    "case",
    "decision",
    "sanction",
    "webhook",
    "delivery",
    "hook",
    "key",
    "access",
    "run",
    "change",
    "thread_job",
    "session",
    "export",
)


async def _request(client: AsyncClient, row: Row, thing: Thing) -> Response:
    method, path = row.route.split()
    slug = "nothing" if thing.comment == ABSENT else ARTICLES[0].slug
    names = {name: getattr(thing, name) for name in _NAMED}
    call = {"resource": "posts", "method": "create.json" if method == "POST" else "list.json"}
    if "{deeper}" in path:
        call = {"resource": "forums", "method": "webhooks", "deeper": call["method"]}
    forum = {"forum": thing.site, "widget": "recent_comments_widget", "kind": "latest"}
    more = {"slug": slug, "view": "log", "name": "1", "remote": "4711", "token": "1.forged", "part": "data"}
    more["subscription"] = "1"
    path = path.format(**names, **call, **forum, **more)
    return await client.request(method, path, **row.ask(thing))


def _status(response: Response) -> int:
    """Of a decision the status of its one item: the answer as a whole is 200 whatever became of it."""
    if response.status_code == 200 and response.request.url.path == "/api/v1/moderation/decisions":
        problem = response.json()["items"][0]["problem"]
        return int(problem["status"]) if problem else 200
    return response.status_code


@pytest.fixture
async def scene(parts: Parts, app: FastAPI, client: AsyncClient) -> Scene:
    return await Scene.new(parts, app, client)


async def test_every_route_is_in_the_table(app: FastAPI) -> None:
    assert routes(app) == {row.route for row in TABLE}


@pytest.mark.parametrize("part", range(PARTS))
async def test_everybody_may_what_the_table_says_and_no_more(scene: Scene, part: int) -> None:
    wrong: list[str] = []
    shared: dict[Subject, Thing] = {}
    for row in TABLE[part::PARTS]:
        for subject, verdict in row.verdicts.items():
            for caller in CALLERS:
                if row.is_fresh:
                    thing = await scene.thing(subject)
                elif (known := shared.get(subject)) is not None:
                    thing = known
                else:
                    thing = shared[subject] = await scene.thing(subject)
                thing = await scene.prepared(row, thing)
                told = f"{row.route} [{subject}] by {caller}"
                before = await _snapshot(scene, thing)
                response = await _request(scene.caller(caller), row, thing)
                if (status := _status(response)) != (wanted := expected(verdict, caller)):
                    wrong.append(f"{told}: {status}, not {wanted}: {response.text[:200]}")
                may_change = caller in row.changed_by.get(subject, "").split(",")
                if (await _snapshot(scene, thing) != before) != may_change:
                    wrong.append(f"{told}: the comment {'did not change' if may_change else 'changed'}")
                if row.ends_sessions and caller in scene.staff:
                    await scene.sign_in()
    assert not wrong, "\n".join(wrong)


async def _snapshot(scene: Scene, thing: Thing) -> object:
    if thing.comment == ABSENT:
        return None
    found = await scene.parts.db.read(comments.get, int(thing.comment), comments.STAFF)
    return found.state, found.body, found.version, found.up, found.down, found.person_id


async def test_what_is_foreign_and_what_is_absent_are_told_in_the_same_words(scene: Scene) -> None:
    """To staff of another site, a hidden comment and one that does not exist are one and the same."""
    held, absent = await scene.thing("held"), await scene.thing("absent")
    for row in TABLE:
        if "held" not in row.verdicts or ("{comment}" not in row.route and "decide" not in row.route):
            continue
        answers = [await _request(scene.caller("neighbour"), row, thing) for thing in (held, absent)]
        texts = [answer.text.replace(held.comment, ABSENT) for answer in answers]
        assert _status(answers[0]) == _status(answers[1]) == 404, row.route
        assert texts[0] == texts[1], row.route


async def test_no_write_is_taken_with_a_cookie_and_a_foreign_origin(scene: Scene) -> None:
    """A form on another page is sent with the moderator's cookie, and is not carried out."""
    everything: list[Awaitable[Response]] = []
    thing = await scene.thing("held")
    before = await _snapshot(scene, thing)
    tempting: list[Mapping[str, str]] = [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": scene.parts.settings.origin},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ]
    for row in TABLE:
        method, path = row.route.split()
        # They read no cookie: a session or a key has to be sent along (tests/stories/sso, tests/stories/readers).
        if path.endswith(("/sso", "/sign-out")) or "/sign-in/" in path:
            continue
        if method == "GET" or not path.startswith(
            ("/console", "/api/v1/moderation", "/api/v1/session", "/api/v1/sites")
        ):
            continue
        for headers in tempting:
            client = scene.home.caller(some_address())
            client.cookies = scene.staff["moderator"].cookies
            client.headers.update(headers)
            everything.append(_request(client, row, thing))
    for answer in everything:
        response = await answer
        assert response.status_code == 403, (response.request.method, response.request.url, response.request.headers)
        assert "set-cookie" not in response.headers
    assert await _snapshot(scene, thing) == before
    assert (await scene.staff["moderator"].get("/api/v1/session")).json()["name"] == "Moderator"


async def test_many_capabilities_of_one_address_are_one_reader_who_reports(scene: Scene) -> None:
    """A capability is had for the asking: a number of them is no crowd, and takes no comment down."""
    address, target = some_address(), (await scene.author.post())["comment"]["id"]
    for number in range(6):
        sock = scene.home.guest(f"Sock {number}", address)
        await sock.post(f"To have a capability, {number}.")
        assert (await sock.report(target)).status_code in {202, 404}
    assert (await scene.home.client.get(f"/api/v1/comments/{target}")).status_code == 200


async def test_many_capabilities_of_one_address_have_no_more_votes_than_strangers(scene: Scene) -> None:
    """Strangers' votes are limited per address and comment; who first gets a capability elsewhere is no better."""
    quiet = {act: {"address": ["100000/s"], "author": ["100000/s"]} for act in ("post", "vote")}
    world = await scene.home.another({"limits": quiet})
    address, target = some_address(), (await world.guest().post())["comment"]["id"]
    for number in range(8):
        sock = world.guest(f"Sock {number}", address)
        await sock.post(f"To have a capability, {number}.")
        await sock.vote(target, 1)
    assert (await world.client.get(f"/api/v1/comments/{target}")).json()["comment"]["up"] <= 3


async def test_an_idempotency_key_gives_nobody_somebody_elses_capability(scene: Scene) -> None:
    """A careless client's key is easily met: whoever does so is told that it is used, or has a comment of their own."""
    first = await scene.author.post("First!", key="comment-1")
    stranger = scene.home.guest("Stranger")
    await stranger.post("Hello.")
    answer = await scene.home.guest(scene.author.name).client.post(
        "/api/v1/comments",
        json={
            "site": scene.home.site.name,
            "url": scene.home.page("article"),
            "body": "First!",
            "author": {"name": scene.author.name},
        },
        headers={"Idempotency-Key": "comment-1", **stranger.headers},
    )
    assert first["guest"]
    assert answer.json().get("guest") != first["guest"]
