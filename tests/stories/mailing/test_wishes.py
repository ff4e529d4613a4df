"""What one can be told and what not, how often, and that nobody learns or floods whom they do not own the mail of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from service import mailing
from service.kit import clock
from tests.stories.mailing.post import Postman, asks, body, browser, confirmed, link, mine, press
from tests.stories.privacy.test_own import entered
from tests.world import World

BERLIN = ZoneInfo("Europe/Berlin")


async def test_mentions_whole_discussions_quiet_ones_and_muted_authors(paper: World, postman: Postman) -> None:
    ada, zoe, bob = paper.guest("Ada"), paper.guest("Zoë Q"), paper.guest("Bob")
    to_ada, to_zoe = f"ada@{paper.site.name}.test", f"zoe@{paper.site.name}.test"
    with clock.frozen() as hands:
        root = (await ada.post("Mine."))["comment"]
        thread = root["thread"]
        await zoe.post("I take part.")
        await confirmed(postman, zoe, "mentions", to_zoe)
        await confirmed(postman, ada, "thread", to_ada, thread=thread)
        await asks(ada, "replies")
        # Who follows the whole and is answered is told once, by the nearer reason; a name is a whole one.
        await bob.post("Hello @zoe q, and @Zo, too.", parent=root["id"])
        (told,) = await postman.later(hands, to_ada)
        assert told["Subject"].startswith("Bob replied to you")
        (named,) = postman.lying(to_zoe)
        assert named["Subject"].startswith("Bob mentioned you")
        await bob.post("Only @Zo and a mail to bob@zoe.test")
        (told,) = await postman.later(hands, to_ada)
        assert told["Subject"].startswith("Bob wrote")
        assert postman.lying(to_zoe) == []
        # Of an author who is muted nothing is told, of others still.
        muted = (await bob.post("The last of Bob's."))["comment"]["id"]
        await asks(ada, "muted", comment=muted)
        await zoe.post("Zoe's.")
        (told,) = await postman.later(hands, to_ada)
        assert "Zoe's." in body(told)
        assert "Bob's" not in body(told)
        # Nothing of a discussion, even where all replies are asked for; and both can be taken back.
        await asks(ada, "quiet", thread=thread)
        await zoe.post("Not heard.", parent=root["id"])
        assert await postman.later(hands, to_ada) == []
        assert {each["kind"] for each in (await mine(ada))["items"]} == {"replies", "quiet", "muted"}
        await asks(ada, "thread", thread=thread)
        await zoe.post("Heard.", parent=root["id"])
        assert "Heard." in body((await postman.later(hands, to_ada))[0])
        # Another page, and another site, are none of hers.
        await zoe.post("Elsewhere.", page="other")
        assert await postman.later(hands, to_ada) == []
    for fields, status in (
        ({"kind": "thread"}, 422),
        ({"kind": "muted"}, 422),
        ({"kind": "thread", "thread": "1"}, 404),
        ({"kind": "replies", "email": "no address"}, 422),
        ({"kind": "everything"}, 422),
    ):
        answer = await ada.client.post(
            "/api/v1/subscriptions", json={"site": paper.site.name, **fields}, headers=ada.headers
        )
        assert answer.status_code == status, answer.text
    stranger = paper.guest()
    nameless = await stranger.client.post("/api/v1/subscriptions", json={"site": paper.site.name, "kind": "replies"})
    assert (nameless.status_code, nameless.json()["field"]) == (422, "email")
    silent = await (await paper.another()).another()
    assert (await asks(silent.guest(), "replies", email=to_ada, expect=403))["type"].endswith("mail-off")


async def test_once_a_day_at_the_sites_hour(paper: World, postman: Postman) -> None:
    berlin = await paper.another(
        {"mail": {"enabled": True, "digest_hour": 6}, "posting": {"time_zone": "Europe/Berlin"}}
    )
    ada, bob, email = berlin.guest("Ada"), berlin.guest("Bob"), f"ada@{berlin.site.name}.test"
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    with clock.frozen(noon) as hands:
        root = (await ada.post("Mine."))["comment"]["id"]
        await confirmed(postman, ada, "replies", email)
        asked = {"params": {"site": berlin.site.name}, "headers": ada.headers}
        changed = await ada.client.patch("/api/v1/me/mail", json={"pace": "daily"}, **asked)
        assert changed.json()["pace"] == "daily"
        for page in ("one", "two"):
            mine_there = (await ada.post("Mine too.", page=page))["comment"]["id"]
            await bob.post(f"Answer on {page}.", page=page, parent=mine_there)
        await bob.post("Answer.", parent=root)
        due = mailing.next_digest(berlin.site, hands.at)
        assert due.astimezone(BERLIN).hour == 6
        assert await postman.later(hands, email, due - hands.at - timedelta(minutes=1)) == []
        (mail,) = await postman.later(hands, email, timedelta(minutes=2))
        assert mail["Subject"] == f"3 new comments at {berlin.site.title}"
        assert "Answer on one." in body(mail)
        # A day has 23 hours once a year; the hour stays.
        spring = datetime(2027, 3, 27, 12, tzinfo=UTC)
        assert mailing.next_digest(berlin.site, spring).astimezone(BERLIN).hour == 6


async def test_nobody_is_written_to_who_did_not_ask(paper: World, postman: Postman) -> None:
    email = f"victim@{paper.site.name}.test"
    with clock.frozen() as hands:
        # Whoever gives an address, and in whichever way it is written, learns the same and reaches it once.
        for number, spelled in enumerate((email, email.upper(), email.replace("@", "+x@"))):
            told = await asks(paper.guest(f"Mallory {number}"), "replies", email=spelled)
            assert (told["state"], told["subscription"]["kind"]) == ("waiting", "replies")
        await postman.parts.relay.drain()
        taken = [each for each in postman.office.taken() if paper.site.name in each["To"].lower()]
        (question,) = taken
        postman.seen.add(question["Message-ID"])  # whichever of the three spellings it went to
        # From one address of the network not many can be asked for.
        flood = paper.guest("Flood")
        answers = [
            await flood.client.post(
                "/api/v1/subscriptions",
                json={"site": paper.site.name, "kind": "replies", "email": f"v{number}@{paper.site.name}.test"},
            )
            for number in range(12)
        ]
        assert [answer.status_code for answer in answers].count(429) == 2
        # The link ends when it is too old, and when another was asked for since.
        late = link(question, "/mail/confirm")
        hands.advance(mailing.CONFIRM_LIFE)
        assert (await browser(paper).get(late)).status_code == 403
        # "Never write to me again" holds for whoever gives the address, and tells them nothing.
        assert (await press(paper, link(question, "/mail/stop"), "all")).status_code == 200
        hands.advance(timedelta(days=2))
        assert (await asks(paper.guest("Mallory"), "replies", email=email))["state"] == "waiting"
        assert await postman.later(hands, email) == []
        # An address nobody confirms is forgotten, with what was asked for.
        ghost = paper.guest("Ghost")
        await asks(ghost, "replies", email=f"ghost@{paper.site.name}.test")
        hands.advance(mailing.WAITS + timedelta(minutes=1))
        await paper.parts.db.transact(mailing.forget_by_age)
        assert (await mine(ghost))["state"] == "none"


async def test_the_page_without_scripts_and_the_form_of_the_frame(paper: World, postman: Postman) -> None:
    email = f"plain@{paper.site.name}.test"
    form = {
        "site": paper.site.name,
        "url": paper.page("article"),
        "body": "By a plain form.",
        "name": "Ada",
        "email": email,
        "mail_replies": "1",
        "lang": "de",
    }
    frame = await paper.client.get("/embed", params={"site": paper.site.name, "url": paper.page("article")})
    assert 'name="mail_replies"' in frame.text
    assert "checked" not in frame.text.split('name="mail_replies"')[1].split(">")[0]
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = await browser(paper).post("/embed/comments", data=form, headers=headers)
    assert "Eine Mail mit einem Link" in answer.text
    (question,) = await postman.brings(email)
    assert question["Content-Language"] == "de"
    assert "Möchten Sie Mails" in question["Subject"]

    ada = paper.guest("Ada")
    await ada.post("Hello.")
    page = await entered(ada)
    assert "Nothing here yet" in (await page.get("/me/mail")).text
    own = f"own@{paper.site.name}.test"
    assert (await page.post("/me/mail", data={"do": "replies", "email": own})).status_code == 303
    assert "is on its way to you" in (await page.get("/me/mail")).text
    (mail,) = await postman.brings(own)
    assert (await press(paper, link(mail, "/mail/confirm"))).status_code == 200
    for do, shown in (("daily", "Once a day"), ("at-once", "Soon after"), ("off", "You have ended"), ("on", own)):
        assert (await page.post("/me/mail", data={"do": do})).status_code == 303
        assert shown in (await page.get("/me/mail")).text, do
    listed = (await mine(ada))["items"]
    ended = await page.post("/me/mail", data={"do": "end", "subscription": listed[0]["id"]})
    assert ended.status_code == 303
    assert (await mine(ada))["items"] == []
