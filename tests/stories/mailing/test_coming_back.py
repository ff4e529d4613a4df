"""Mail that cannot be delivered stops, its reader sees why and begins again; a worker that dies tells nobody twice."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from httpx import AsyncClient

from service.delivery import Mail, SMTPMailer
from service.kit import clock
from service.mailing.reports import of_refusal, read
from tests.servers.smtp import MailServer
from tests.stories.mailing.post import Postman, confirmed, link, mine, press
from tests.world import Guest, World

TOKEN = "only for the mail server"


async def test_a_mailbox_that_is_refused_or_reported_gone(paper: World, postman: Postman) -> None:
    ada, bob, email = paper.guest("Ada"), paper.guest("Bob"), f"ada@{paper.site.name}.test"
    with clock.frozen() as hands:
        # Not even the question was taken: nothing waits for an answer that cannot come.
        gone = paper.guest("Gone")
        asked = {"site": paper.site.name, "kind": "replies", "email": f"gone-ada@{paper.site.name}.test"}
        made = await gone.client.post("/api/v1/subscriptions", json=asked)
        gone.token = made.json()["guest"]
        await postman.parts.relay.drain()
        assert ((await mine(gone))["state"], (await mine(gone))["why"]) == ("stopped", "bounced")

        root = (await ada.post("Mine."))["comment"]["id"]
        await confirmed(postman, ada, "replies", email)
        await bob.post("An answer.", parent=root)
        (mail,) = await postman.later(hands, email)
        # Forged, changed, of others, a delay, an answer of somebody on holiday: nothing.
        path = parseaddr(mail["X-MailFrom"])[1] or mail["X-MailFrom"]
        returned = notification(path, mail)
        client = paper.caller("10.7.7.7")
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            assert (await client.post("/api/v1/mail/returned", content=returned, headers=headers)).status_code == 404
        changed = path.replace("-", "-a" if path[path.index("-") + 1] != "a" else "-b")[: -len("@comments.test") - 1]
        for nothing in (
            notification(f"{changed}@comments.test", None),
            notification(path, mail, action="delayed", status="4.4.1"),
            notification("bounces@comments.test", None),
            b"To: " + path.encode() + b"\nSubject: On holiday\n\nBack soon.\n",
            b"\xff\xfe",
            b"",
        ):
            assert await told(client, nothing) == "nothing", nothing
        assert (await mine(ada))["state"] == "confirmed"
        # What passes is counted, what does not stops at once.
        for expected in ("confirmed", "confirmed", "stopped"):
            assert await told(client, notification(path, mail, status="5.2.2")) == "soft"
            assert (await mine(ada))["state"] == expected
        assert (await mine(ada))["why"] == "bounced"
        await bob.post("Lost.", parent=root)
        assert await postman.later(hands, email) == []
        # She begins again: the address is asked anew, and what was lost stays so.
        (question,) = await begins_again(postman, ada, email, hands.advance(timedelta(days=1)) and "on")
        assert (await press(paper, link(question, "/mail/confirm"))).status_code == 200
        await bob.post("Found.", parent=root)
        (mail,) = await postman.later(hands, email)
        # A complaint, in which the mail server has left out who complains.
        assert await told(client, complaint(mail)) == "complained"
        assert ((await mine(ada))["state"], (await mine(ada))["why"]) == ("stopped", "complained")
        assert await begins_again(postman, ada, email, "on") == [], "who complained is not asked again"


async def begins_again(postman: Postman, guest: Guest, email: str, state: str) -> list[EmailMessage]:
    asked = {"params": {"site": guest.world.site.name}, "headers": guest.headers}
    answer = await guest.client.patch("/api/v1/me/mail", json={"state": state}, **asked)
    assert answer.status_code == 200, answer.text
    return await postman.brings(email)


async def told(client: AsyncClient, raw: bytes) -> str:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "message/rfc822"}
    answer = await client.post("/api/v1/mail/returned", content=raw, headers=headers)
    assert answer.status_code == 200, answer.text
    verdict: str = answer.json()["verdict"]
    return verdict


def notification(path: str, original: EmailMessage | None, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """What a mail server sends back, as Postfix writes it."""
    about = f"Message-ID: {original['Message-ID']}\nTo: {original['To']}\n" if original else ""
    return (
        f"From: MAILER-DAEMON@mx.test\nTo: {path}\nSubject: Undelivered Mail Returned to Sender\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        "--B\nContent-Type: text/plain\n\nI'm sorry to have to inform you.\n\n"
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
        f"Final-Recipient: rfc822; somebody@there.test\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 no\n\n"
        f"--B\nContent-Type: text/rfc822-headers\n\n{about}\n--B--\n"
    ).encode()


def complaint(original: EmailMessage) -> bytes:
    """What a provider sends when somebody calls a mail spam (ARF)."""
    return (
        "From: complaints@there.test\nTo: postmaster@news.test\nSubject: FW: mail\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="B"\n\n'
        "--B\nContent-Type: text/plain\n\nThis is an abuse report.\n\n"
        "--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: There/1\nVersion: 1\n\n"
        f"--B\nContent-Type: message/rfc822\n\nX-Parley-Return: {original['X-Parley-Return']}\n"
        f"Message-ID: {original['Message-ID']}\nSubject: {original['Subject']}\n\nText.\n--B--\n"
    ).encode()


def test_answers_of_mail_servers() -> None:
    for code, said, verdict in (
        (550, "5.1.1 no such user", "hard"),
        (550, "no such user", "hard"),
        (551, "moved", "hard"),
        (550, "5.7.1 we do not like you", "soft"),
        (552, "5.2.2 full", "soft"),
        (554, "refused", "soft"),
        (421, "busy", "nothing"),
        (451, "4.3.0 later", "nothing"),
    ):
        assert of_refusal(code, said) == verdict, (code, said)
    assert read(b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x").verdict == "nothing"
    # Nothing that can be sent is too much for it.
    deep = (
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 3_000
    )
    assert read(deep).verdict == "nothing"


class Dies(BaseException):
    """What happens to a worker that is killed: nothing of it goes on."""


class Dying(SMTPMailer):
    """Hands mail over, or not, and the process is gone in that moment."""

    def __init__(self, office: MailServer, *, is_handed_over: bool) -> None:
        super().__init__(office.url, "Parley <parley@news.test>")
        self._is_handed_over = is_handed_over

    async def send(self, mail: Mail) -> None:
        """Dies."""
        if self._is_handed_over:
            await super().send(mail)
        raise Dies


async def test_a_worker_that_dies_or_finds_no_mail_server(
    paper: World, postman: Postman, office: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob, email = paper.guest("Ada"), paper.guest("Bob"), f"ada@{paper.site.name}.test"
    hand = paper.parts.reader_mail
    with clock.frozen() as hands:
        root = (await ada.post("Mine."))["comment"]["id"]
        await confirmed(postman, ada, "replies", email)
        await bob.post("Once.", parent=root)
        for is_handed_over in (False, True):
            with monkeypatch.context() as patched:
                patched.setattr(hand, "_mailer", Dying(office, is_handed_over=is_handed_over))
                with pytest.raises(Dies):
                    await postman.later(hands, email, timedelta(minutes=3))
            # Claimed: nobody else sends it meanwhile. What comes now is for the next mail.
            assert await hand.send_due() == 0
            await bob.post(f"Meanwhile {is_handed_over}.", parent=root)
        # Twice handed over, with one and the same id, and the same in it: once in effect.
        mail, _ = await postman.later(hands, email, timedelta(minutes=3))
        again = [each for each in office.taken() if each["Message-ID"] == mail["Message-ID"]]
        assert len(again) == 2
        assert {str(each.get_body(("plain",))) for each in again} == {str(mail.get_body(("plain",)))}
        assert "Meanwhile" not in str(mail.get_body(("plain",)))
        (next_one,) = await postman.later(hands, email)
        assert "Meanwhile True." in str(next_one.get_body(("plain",)))
        # No mail server: later and later, and nothing is lost.
        await bob.post("Patience.", parent=root)
        with monkeypatch.context() as patched:
            patched.setattr(hand, "_mailer", SMTPMailer("smtp://127.0.0.1:9", "Parley <parley@news.test>"))
            assert await postman.later(hands, email) == []
            assert await hand.send_due() == 0
        (late,) = await postman.later(hands, email)
        assert "Patience." in str(late.get_body(("plain",)))
