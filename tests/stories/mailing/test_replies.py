"""A guest asks for replies by mail, proves the address, is told once and together, and ends it with one click."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from service import comments
from service.kit import clock
from service.kit.db import WriteTx
from tests.stories.mailing.post import Postman, asks, body, browser, confirmed, link, mine, press, urls
from tests.world import World

# What a link scanner, a preview and a hasty proxy send.
SCANNERS = ("GET", "HEAD", "OPTIONS")
SOON = timedelta(minutes=3)


async def test_from_the_checkbox_to_the_end(paper: World, postman: Postman) -> None:
    ada, bob, email = paper.guest("Ada"), paper.guest("Bob & <b>Bold</b>"), f"ada@{paper.site.name}.test"
    author = {"name": "Ada", "email": email}
    with clock.frozen() as hands:
        posted = await ada.post("What do you think?", author=author, mail_replies=True, title="The <tram> & I")
        assert posted["mail"] == "waiting"
        comment = posted["comment"]["id"]
        await bob.post("I *like* it, <script>alert(1)</script>.\n\n||The gardener did it.||", parent=comment)
        (question,) = await postman.brings(email)
        # Until the address is confirmed nothing else goes there, whatever happens.
        assert await postman.later(hands, email) == []
        assert "List-Unsubscribe" not in question
        confirm = link(question, "/mail/confirm")
        await _scanned(paper, urls(question))
        assert (await mine(ada))["state"] == "waiting"
        evil = browser(paper)
        evil.headers["Origin"] = "https://evil.test"
        assert (await evil.post(confirm)).status_code == 403
        assert (await press(paper, confirm)).status_code == 200
        assert (await browser(paper).post(confirm)).status_code == 403, "it works once"

        # What was answered meanwhile is told now; her own answers are not.
        await ada.post("I answer myself.", parent=comment)
        assert await postman.brings(email) == []
        (mail,) = await postman.later(hands, email, SOON)
        assert mail["Subject"] == "Bob & <b>Bold</b> replied to you: The <tram> & I"
        assert "> I like it" in body(mail)
        assert "> […]" in body(mail)
        assert "gardener" not in body(mail)
        drawn = body(mail, "html")
        assert "<em>like</em>" in drawn
        assert "Bob &amp; &lt;b&gt;Bold&lt;/b&gt; replied to you" in drawn
        assert "The &lt;tram&gt; &amp; I" in drawn
        assert not re.search(r"<(script|img|iframe|link)\b|\bsrc=|url\(", drawn), "nothing is loaded"
        origin = paper.parts.settings.origin
        assert all(url.startswith((f"{origin}/t/", f"{origin}/mail/stop", paper.page(""))) for url in urls(mail))
        assert mail["List-Unsubscribe"].startswith(f"<{origin}/mail/stop?token=")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail["List-ID"] == f"<{paper.site.name}.parley.test>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["From"] == f"{paper.site.name} <parley@news.test>"
        assert re.fullmatch(r"bounces\+\d+-[a-z2-7]{16}@comments\.test", mail["X-MailFrom"])

        # In the same conversation of a mail program, and not told twice.
        await bob.post("And more.", parent=comment)
        (second,) = await postman.later(hands, email)
        assert second["References"] == mail["References"] == mail["In-Reply-To"]
        assert second["Message-ID"] != mail["Message-ID"]


async def test_it_ends_without_signing_in_and_begins_again(paper: World, postman: Postman) -> None:
    ada, bob, email = paper.guest("Ada"), paper.guest("Bob"), f"ada@{paper.site.name}.test"
    with clock.frozen() as hands:
        comment = (await ada.post("Mine."))["comment"]["id"]
        await confirmed(postman, ada, "replies", email)
        await bob.post("Told.", parent=comment)
        (mail,) = await postman.later(hands, email)
        stop = mail["List-Unsubscribe"].strip("<>")
        await _scanned(paper, {stop, *urls(mail)})
        await bob.post("Still told.", parent=comment)
        assert len(await postman.later(hands, email)) == 1
        # A mail program's one click: no page before it, no cookie, no origin.
        ended = await paper.caller("10.1.2.3").post(stop, data={"List-Unsubscribe": "One-Click"})
        assert ended.status_code == 200
        await bob.post("Not told.", parent=comment)
        assert await postman.later(hands, email) == []
        assert (await mine(ada))["state"] == "ended"
        back = await browser(paper).post(stop, data={"do": "undo-all"})
        assert back.status_code == 200
        await bob.post("Told again.", parent=comment)
        (third,) = await postman.later(hands, email)
        assert "Not told." not in body(third)
        # One discussion alone, and that taken back.
        quiet = next(url for url in urls(third) if "/mail/stop" in url and url != stop)
        assert (await press(paper, quiet, "thread")).status_code == 200
        await bob.post("Of the quiet one.", parent=comment)
        assert await postman.later(hands, email) == []
        assert (await browser(paper).post(quiet, data={"do": "undo"})).status_code == 200
        await bob.post("Loud again.", parent=comment)
        assert "Loud again." in body((await postman.later(hands, email))[0])
        for forged in (stop[:-1], f"{stop}x", stop.replace("token=", "token=1"), urlsplit(stop).path):
            assert (await browser(paper).post(forged)).status_code in {403, 404}, forged


async def _scanned(world: World, found: set[str]) -> None:
    """Programs that look into mail open every link there is."""
    for url in found:
        for method in SCANNERS:
            answer = await browser(world).request(method, url)
            assert answer.status_code in {200, 303, 404, 405}, (method, url, answer.status_code)


async def test_what_nobody_reads_is_told_nobody_and_much_is_told_together(paper: World, postman: Postman) -> None:
    ada, bob, email = paper.guest("Ada"), paper.guest("Bob"), f"ada@{paper.site.name}.test"
    moderator = await paper.staff("moderator")
    with clock.frozen() as hands:
        root = (await ada.post("Mine."))["comment"]
        await confirmed(postman, ada, "replies", email)
        # Held: not told. Approved later: told then. Removed before it went: not told. Shadowed: never.
        held = (await bob.post("A pineapple.", expect=202, parent=root["id"]))["comment"]
        assert await postman.later(hands, email) == []
        gone = (await bob.post("Soon gone.", parent=root["id"]))["comment"]["id"]
        await postman.parts.relay.drain()

        async def decide(tx: WriteTx) -> None:
            await comments.set_state(tx, int(gone), None, "removed")

        await paper.parts.db.transact(decide)
        queue = await moderator.get("/api/v1/moderation/queue", params={"site": paper.site.name})
        version = next(c["comment"]["version"] for c in queue.json()["items"] if c["comment"]["id"] == held["id"])
        items = [{"comment": held["id"], "version": version}]
        answer = await moderator.post("/api/v1/moderation/decisions", json={"items": items, "action": "approve"})
        assert answer.json()["items"][0]["decision"], answer.text
        for number in range(25):
            await paper.guest(f"Reader {number}").post(f"Number {number}.", parent=root["id"])
        await postman.parts.relay.drain()
        (mail,) = await postman.later(hands, email)
        assert mail["Subject"].startswith("26 new comments")
        assert "A pineapple." in body(mail)
        assert "Soon gone" not in body(mail)
        assert "And 6 more." in body(mail)
        # Published anew, it is not told anew.
        taken = await paper.parts.db.read(comments.get, int(held["id"]), comments.STAFF)

        async def again(tx: WriteTx) -> None:
            await comments.set_state(tx, taken.id, None, "held")
            await comments.set_state(tx, taken.id, None, "published")

        await paper.parts.db.transact(again)
        assert await postman.later(hands, email) == []
        # The same wish twice is one, and one that is ended is heard no more.
        first, second = await asks(ada, "replies"), await asks(ada, "replies")
        assert first["subscription"]["id"] == second["subscription"]["id"]
        at = f"/api/v1/me/mail/{first['subscription']['id']}"
        site = {"site": paper.site.name}
        assert (await bob.client.delete(at, params=site, headers=bob.headers)).status_code == 404
        assert (await ada.client.delete(at, params=site, headers=ada.headers)).status_code == 204
        await bob.post("Nobody hears.", parent=root["id"])
        assert await postman.later(hands, email) == []
