"""Moderating from the mailbox: told by a real mail server, decided by links that do nothing when they are opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from service import comments, identity
from service.delivery import Alerts, SMTPMailer
from service.delivery.alert import Alert
from service.kit import clock
from service.kit.db import ReadTx
from service.web.parts import Parts
from tests.servers.smtp import MailServer, mail_server
from tests.world import World, some_address

HELD_WORD = "pineapple"
POLICY = {"screening": {"suspect_words": [f"{HELD_WORD}*"]}}
# What a link scanner, a preview and a hasty proxy send.
SCANNERS = ("GET", "HEAD", "OPTIONS")


@pytest.fixture(scope="module")
def post_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """A real mail server in a process of its own."""
    with mail_server(tmp_path_factory.mktemp("mail")) as server:
        yield server


@dataclass
class Moderator:
    """Somebody with a mailbox."""

    world: World
    email: str
    client: AsyncClient
    office: MailServer
    alerts: Alerts
    seen: set[str] = field(default_factory=set)

    async def wish(self, **wishes: Any) -> None:
        """Set how to be told."""
        answer = await self.client.put(
            "/api/v1/moderation/alerts", params={"site": self.world.site.name}, json=wishes
        )  # fmt: skip
        assert answer.status_code == 200, answer.text

    async def new_mail(self) -> list[EmailMessage]:
        """Let everything follow; what arrived since."""
        await self.world.parts.relay.drain()
        await self.alerts.send_due()
        mine = [
            each for each in self.office.taken() if each["To"] == self.email and each["Message-ID"] not in self.seen
        ]
        self.seen |= {each["Message-ID"] for each in mine}
        return mine

    def opens(self) -> AsyncClient:
        """A browser that knows nothing of the console."""
        client = self.world.caller(some_address())
        client.headers["Origin"] = self.world.parts.settings.origin
        return client


@pytest.fixture
async def moderator(world: World, post_office: MailServer) -> Moderator:
    return await joins(await world.another(POLICY), post_office)


async def joins(world: World, office: MailServer, name: str = "grace") -> Moderator:
    """Somebody of the team, with a mailbox."""
    parts, email = world.parts, f"{name}@{world.site.name}.test"
    mailer = SMTPMailer(office.url, "Parley <parley@news.test>")
    alerts = Alerts(parts.db, mailer, parts.keeper, parts.settings.origin)
    return Moderator(world, email, await world.staff("moderator", email), office, alerts)


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content())


def link(mail: EmailMessage, action: str, *, case: int = 0) -> str:
    """Where a mail's link leads."""
    found = re.findall(rf"^{action}:\n(\S+)", body(mail), re.MULTILINE)
    return found[case]


async def press(client: AsyncClient, url: str, **more: str) -> Response:
    """Press the button of a link's page; `more` is what was chosen beside it."""
    page = await client.get(url)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token, page.text
    return await client.post("/console/mail", data={"token": token[1], **more})


async def state(world: World, comment: str) -> str:
    return (await world.parts.db.read(comments.get, int(comment), comments.STAFF)).state


async def held(moderator: Moderator, words: str = "to be looked at", **fields: Any) -> str:
    posted = await moderator.world.guest("Ada").post(f"A {HELD_WORD} {words}.", expect=202, **fields)
    found: str = posted["comment"]["id"]
    return found


async def test_a_case_is_told_and_decided_by_mail(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    comment = await held(moderator)
    (mail,) = await moderator.new_mail()
    assert HELD_WORD in body(mail)
    assert HELD_WORD in body(mail, "html")
    assert "Ada" in body(mail)
    assert mail["Auto-Submitted"] == "auto-generated"
    approve = link(mail, "Approve")
    assert approve.startswith(moderator.world.parts.settings.origin)

    page = await moderator.opens().get(approve)
    assert page.status_code == 200
    assert HELD_WORD in page.text
    assert "Nothing has happened yet" in page.text
    # The address of the page holds the token: no other site is told it.
    assert '<meta name="referrer" content="same-origin">' in page.text
    assert "no-store" in page.headers["cache-control"]
    assert "set-cookie" not in page.headers
    done = await press(moderator.opens(), approve)
    assert done.status_code == 200
    assert "Approved" in done.text
    assert "set-cookie" not in done.headers
    assert await state(moderator.world, comment) == "published"
    log = await moderator.client.get("/api/v1/moderation/log", params={"site": moderator.world.site.name})
    entry = log.json()["items"][0]
    assert (entry["action"], entry["by"], entry["comment"]) == ("approve", "Moderator", comment)
    assert await moderator.new_mail() == []


async def test_scanners_that_open_every_link_change_nothing(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    comment = await held(moderator)
    (mail,) = await moderator.new_mail()
    before = await _stored(moderator.world.parts, comment)
    urls = set(re.findall(r'https?://[^\s"<>]+', body(mail) + body(mail, "html").replace("&amp;", "&")))
    urls.add(mail["List-Unsubscribe"].strip("<>"))
    assert len(urls) >= 5
    for _ in range(2):
        for url in urls:
            for method in SCANNERS:
                answer = await moderator.opens().request(method, url)
                assert answer.status_code in {200, 405, 404, 303}, (method, url, answer.status_code)
    assert await _stored(moderator.world.parts, comment) == before
    assert await state(moderator.world, comment) == "held"
    # A page that somebody else drew cannot press the button either.
    evil = moderator.world.caller(some_address())
    evil.headers["Origin"] = "https://evil.test"
    token = parse_qs(urlsplit(link(mail, "Approve")).query)["token"][0]
    assert (await evil.post("/console/mail", data={"token": token})).status_code == 403
    assert (await press(moderator.opens(), link(mail, "Reject"))).status_code == 200
    assert await state(moderator.world, comment) == "rejected"


async def _stored(parts: Parts, comment: str) -> str:
    async def dump(tx: ReadTx) -> str:
        connection = await tx.connection()
        told = []
        for query in (
            f"SELECT state, version FROM comment WHERE id = {comment}",  # noqa: S608
            "SELECT account_id, site_id, at_once FROM alert ORDER BY account_id, site_id",
            "SELECT id, used_at FROM mail_link ORDER BY id",
            "SELECT id FROM decision ORDER BY id",
        ):
            told += [str(tuple(row)) for row in await connection.execute(text(query))]
        return "\n".join(told)

    return await parts.db.read(dump)


async def test_a_link_works_once_and_for_one_thing(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    comment = await held(moderator)
    (mail,) = await moderator.new_mail()
    approve, reject = link(mail, "Approve"), link(mail, "Reject")
    tokens = [parse_qs(urlsplit(url).query)["token"][0] for url in (approve, reject)]
    swapped = tokens[0].replace(".approve.", ".reject.")
    changed = tokens[0][:-1] + ("A" if tokens[0][-1] != "A" else "B")
    others = ("", "x", "1.approve.x", "9" * 30 + ".approve.x", f"0{tokens[0]}", "\u0660.approve.x", tokens[0] + "x")
    for forged in (swapped, changed, tokens[0].replace(".", ".0", 1), *others):
        answer = await moderator.opens().post("/console/mail", data={"token": forged})
        assert answer.status_code == 403, forged
    assert await state(moderator.world, comment) == "held"
    assert (await press(moderator.opens(), approve)).status_code == 200
    # Pressed once more (a double click, a page gone back to), it says what it said; the other link does nothing.
    again = await moderator.opens().post("/console/mail", data={"token": tokens[0]})
    assert again.status_code == 200
    other = await moderator.opens().post("/console/mail", data={"token": tokens[1]})
    assert other.status_code == 409
    assert await state(moderator.world, comment) == "published"
    log = await moderator.client.get("/api/v1/moderation/log", params={"site": moderator.world.site.name})
    decided = [entry["action"] for entry in log.json()["items"] if entry["action"] in {"approve", "reject", "remove"}]
    assert decided == ["approve"]


async def test_a_link_ends(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    comment = await held(moderator)
    (mail,) = await moderator.new_mail()
    with clock.frozen() as hands:
        hands.advance(timedelta(hours=48, seconds=1))
        answer = await moderator.opens().get(link(mail, "Approve"))
        assert answer.status_code == 403
        assert HELD_WORD not in answer.text
        token = parse_qs(urlsplit(link(mail, "Approve")).query)["token"][0]
        assert (await moderator.opens().post("/console/mail", data={"token": token})).status_code == 403
    assert await state(moderator.world, comment) == "held"


async def test_a_former_moderators_link_is_refused_and_shows_nothing(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    comment = await held(moderator)
    (mail,) = await moderator.new_mail()
    db = moderator.world.parts.db
    account = await db.read(identity.account_by_email, moderator.email)
    assert account is not None
    await db.transact(identity.revoke, account.id, moderator.world.site.id)
    token = parse_qs(urlsplit(link(mail, "Approve")).query)["token"][0]
    for answer in (
        await moderator.opens().get(link(mail, "Approve")),
        await moderator.opens().post("/console/mail", data={"token": token}),
    ):
        assert answer.status_code == 403
        assert "not on the team" in answer.text
        assert HELD_WORD not in answer.text
    assert await state(moderator.world, comment) == "held"
    # Nor is anything further told to them.
    await held(moderator, "and another")
    assert await moderator.new_mail() == []


async def test_who_decided_first_is_told(moderator: Moderator, post_office: MailServer) -> None:
    other = await joins(moderator.world, post_office, "ada")
    await moderator.wish(at_once="low")
    await other.wish(at_once="low")
    comment = await held(moderator)
    (mine,), (theirs,) = await moderator.new_mail(), await other.new_mail()
    assert (await press(other.opens(), link(theirs, "Reject"))).status_code == 200
    page = await moderator.opens().get(link(mine, "Approve"))
    assert page.status_code == 409
    assert "Moderator rejected it on" in page.text
    token = parse_qs(urlsplit(link(mine, "Approve")).query)["token"][0]
    late = await moderator.opens().post("/console/mail", data={"token": token})
    assert late.status_code == 409
    assert "Moderator rejected it on" in late.text
    assert await state(moderator.world, comment) == "rejected"


async def test_a_text_that_was_edited_since_is_not_decided_about(moderator: Moderator) -> None:
    await moderator.wish(at_once="low", gap_minutes=1)
    author = moderator.world.guest("Ada")
    comment = (await author.post(f"A {HELD_WORD} first.", expect=202))["comment"]["id"]
    (mail,) = await moderator.new_mail()
    assert (await author.edit(comment, f"A {HELD_WORD} second.")).status_code == 202
    page = await moderator.opens().get(link(mail, "Approve"))
    assert page.status_code == 409
    assert "edited" in page.text
    token = parse_qs(urlsplit(link(mail, "Approve")).query)["token"][0]
    assert (await moderator.opens().post("/console/mail", data={"token": token})).status_code == 409
    assert await state(moderator.world, comment) == "held"


async def test_a_published_comment_that_is_reported_can_be_removed(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    comment = (await moderator.world.guest("Ada").post("Fine, some say."))["comment"]["id"]
    await moderator.world.guest("Bob").report(comment, "hate")
    (mail,) = await moderator.new_mail()
    assert "hate" in body(mail)
    assert (await press(moderator.opens(), link(mail, "Remove"))).status_code == 200
    assert await state(moderator.world, comment) == "removed"


async def test_a_raid_is_one_mail_and_then_another(moderator: Moderator) -> None:
    await moderator.wish(at_once="low", gap_minutes=15)
    with clock.frozen() as hands:
        await held(moderator, "0")
        assert len(await moderator.new_mail()) == 1
        raid = [await held(moderator, str(number)) for number in range(1, 13)]
        for _ in range(3):
            assert await moderator.new_mail() == []
            hands.advance(timedelta(minutes=4))
        hands.advance(timedelta(minutes=4))
        (mail,) = await moderator.new_mail()
        assert "10 new cases" in mail["Subject"]
        assert "13 cases are open at" in body(mail)
        assert (await press(moderator.opens(), link(mail, "Reject", case=9))).status_code == 200
        assert sum([await state(moderator.world, each) == "rejected" for each in raid]) == 1


async def test_only_what_is_severe_enough_is_told_at_once(moderator: Moderator) -> None:
    await moderator.wish(at_once="high")
    await held(moderator)  # one suspect word is of medium severity at most
    assert await moderator.new_mail() == []
    comment = (await moderator.world.guest("Ada").post("Quite illegal."))["comment"]["id"]
    for number in range(3):
        await moderator.world.guest(f"Bob {number}").report(comment, "illegal")
    (mail,) = await moderator.new_mail()
    assert "Quite illegal." in body(mail)
    assert HELD_WORD not in body(mail)


async def test_quiet_hours_are_quiet_and_the_digest_comes_after_them(moderator: Moderator) -> None:
    with clock.frozen(datetime(2026, 7, 1, 20, 0, tzinfo=UTC)) as hands:
        moderator.client = await moderator.world.staff("moderator", moderator.email)
        # In Berlin it is 22:00.
        await moderator.wish(
            at_once="low", digest_hours=6, quiet_from="21:30", quiet_until="06:30", zone="Europe/Berlin"
        )
        await held(moderator, "in the evening")
        hands.advance(timedelta(hours=8, minutes=29))
        assert await moderator.new_mail() == []
        hands.advance(timedelta(minutes=2))
        (mail,) = await moderator.new_mail()
        assert "1 open case" in mail["Subject"]
        assert "in the evening" in body(mail)
        assert await moderator.new_mail() == []
        hands.advance(timedelta(hours=6))
        (again,) = await moderator.new_mail()
        assert (await press(moderator.opens(), link(again, "Approve"))).status_code == 200
        hands.advance(timedelta(hours=6, minutes=1))
        assert await moderator.new_mail() == []


def test_quiet_times_over_midnight() -> None:
    alert = Alert(1, 1, quiet_from="22:00", quiet_until="06:00", zone="Europe/Berlin")
    for hour, is_quiet in ((20, True), (23, True), (3, True), (4, False), (12, False), (19, False)):
        # In July Berlin is two hours ahead.
        assert alert.is_quiet(datetime(2026, 7, 1, hour, 30, tzinfo=UTC)) == is_quiet, hour
    assert not Alert(1, 1).is_quiet(clock.now())


async def test_one_click_ends_it(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    await held(moderator)
    (mail,) = await moderator.new_mail()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = mail["List-Unsubscribe"].strip("<>")
    shown = await moderator.opens().get(stop)
    assert shown.status_code == 200
    assert "Stop these mails" in shown.text
    # As a mail program sends it: no cookie, no Origin, from anywhere.
    robot = moderator.world.caller(some_address())
    forged = await robot.post(stop[:-1] + ("A" if stop[-1] != "A" else "B"), data={"List-Unsubscribe": "One-Click"})
    assert forged.status_code == 403
    for _ in range(2):
        assert (await robot.post(stop, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    found = await moderator.client.get("/api/v1/moderation/alerts", params={"site": moderator.world.site.name})
    assert found.json()["at_once"] == "never"
    await held(moderator, "unheard")
    assert await moderator.new_mail() == []


async def test_a_mail_is_plain_and_tracks_nobody(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    await moderator.world.guest("Bob\u202e <b>").post(
        f"{HELD_WORD} <img src=x onerror=alert(1)> [click](https://evil.example/) ![p](https://evil.example/p.png)",
        expect=202,
        title="A title\r\nBcc: everybody@evil.example",
    )
    (mail,) = await moderator.new_mail()
    html = body(mail, "html")
    for tracker in ("<img", "<script", "<link", "<style", "url(", "<iframe", "<b>\u202e"):
        assert tracker not in html, tracker
    origin = moderator.world.parts.settings.origin
    assert {url for url in re.findall(r'href="([^"]+)"', html) if not url.startswith(origin)} == set()
    assert mail["Bcc"] is None
    assert mail.get_content_type() == "multipart/alternative"


async def test_a_mail_server_that_is_away_loses_nothing(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    await held(moderator)
    parts = moderator.world.parts
    nobody = Alerts(parts.db, SMTPMailer("smtp://127.0.0.1:1", "parley@news.test"), parts.keeper, parts.settings.origin)
    await parts.relay.drain()
    with clock.frozen() as hands:
        await nobody.send_due()
        assert await moderator.new_mail() == []
        hands.advance(timedelta(minutes=3))
        assert len(await moderator.new_mail()) == 1


@pytest.mark.parametrize(
    "wishes",
    [{"zone": "Mars/Olympus"}, {"quiet_from": "25:00", "quiet_until": "06:00"}, {"quiet_from": "22:00"},
     {"gap_minutes": 0}, {"at_once": "always"}, {"digest_hours": -1}, {"account_id": "1"}],
)  # fmt: skip
async def test_nonsense_wishes_are_refused(moderator: Moderator, wishes: dict[str, Any]) -> None:
    answer = await moderator.client.put(
        "/api/v1/moderation/alerts", params={"site": moderator.world.site.name}, json=wishes
    )  # fmt: skip
    assert answer.status_code == 422
    elsewhere = await moderator.client.get(
        "/api/v1/moderation/alerts", params={"site": (await moderator.world.another()).site.name}
    )
    assert elsewhere.status_code == 404


async def test_a_restriction_by_mail_names_its_reason_and_its_author_reads_it(moderator: Moderator) -> None:
    await moderator.wish(at_once="low")
    guest = moderator.world.guest("Ada")
    comment = (await guest.post(f"A {HELD_WORD} to be rejected.", expect=202))["comment"]["id"]
    (mail,) = await moderator.new_mail()
    page = await moderator.opens().get(link(mail, "Reject"))
    assert '<option value="insult">Insults somebody</option>' in page.text
    assert "<select" not in (await moderator.opens().get(link(mail, "Approve"))).text
    unknown = await press(moderator.opens(), link(mail, "Reject"), reason="no-such-reason")
    assert unknown.status_code == 422
    assert await state(moderator.world, comment) == "held"
    done = await press(moderator.opens(), link(mail, "Reject"), reason="insult", note="Call nobody that.")
    assert done.status_code == 200
    path = f"/api/v1/comments/{comment}/statement"
    told = (await moderator.world.client.get(path, headers=guest.headers)).json()
    assert (told["restriction"], told["reason"], told["note"]) == ("rejected", "insult", "Call nobody that.")


async def test_where_each_restriction_must_name_its_reason_a_link_must_too(
    world: World, post_office: MailServer
) -> None:
    grace = await joins(await world.another({**POLICY, "reasons": {"required": True}}), post_office)
    await grace.wish(at_once="low")
    comment = await held(grace)
    (mail,) = await grace.new_mail()
    assert 'name="reason" required' in (await grace.opens().get(link(mail, "Reject"))).text
    assert (await press(grace.opens(), link(mail, "Reject"))).status_code == 422
    assert await state(grace.world, comment) == "held"


@pytest.mark.parametrize(
    ("language", "approve", "subject", "done"),
    [("de", "Freigeben", "ein Fall", "Freigegeben"), ("ar", "قبول", "حالة واحدة", "تم القبول")],
)
async def test_mail_comes_in_the_moderators_language(
    moderator: Moderator, language: str, approve: str, subject: str, done: str
) -> None:
    await moderator.wish(at_once="low", language=language)
    comment = await held(moderator)
    (mail,) = await moderator.new_mail()
    assert subject in str(mail["Subject"])
    assert f'<html lang="{language}"' in body(mail, "html")
    page = await moderator.opens().get(link(mail, approve))
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page.text
    for english in ("Approve", "Hello", "queue", "You decide", "Nothing"):
        assert english not in body(mail)
        assert english not in page.text
    assert done in (await press(moderator.opens(), link(mail, approve))).text
    assert await state(moderator.world, comment) == "published"
