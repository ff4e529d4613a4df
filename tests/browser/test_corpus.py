"""Hostile texts by the thousand, in a real browser: as they were rendered, and in every page that shows a field."""

from __future__ import annotations

import contextlib
import os
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.async_api import Page, expect

from service import identity, transfer
from service.kit.db import WriteTx
from service.kit.errors import Invalid
from service.kit.text import clean_source, render
from service.sites import Site
from tests.browser.conftest import NewPage
from tests.browser.oracles import HOOK, LOOK, SCAN, harmless
from tests.browser.payloads import LIVE, LURKING, alone, corpus
from tests.browser.stage import Discussion, Stage
from tests.browser.watch import Watch
from tests.stories.transfer import foreign
from tests.stories.transfer.exports import Export
from tests.world import OPEN

# One of so many in a run of all tests; all of them in `make chaos`.
EVERY = 1 if "PARLEY_KILLS" in os.environ else 9
ON_A_PAGE = 3_000
# An address that leads nowhere is how an image runs what it holds; the page says so.
NOWHERE = (
    "ERR_UNKNOWN_URL_SCHEME|ERR_FAILED|base URLs|Not allowed to launch|Refused|violates|Blocked|Unsafe attempt to load"
)


# In so many frames of a page this list has something in it.
_MANY = "([list, count]) => Array.from({ length: frames.length }, (_, at) => frames[at][list])"
_MANY += ".filter((one) => one?.length).length >= count"


async def _armed(new_page: NewPage) -> Page:
    page = await new_page()
    await page.context.add_init_script(HOOK)
    return page


def _alone_in_frames(policy: str) -> str:
    """A page that is unsafe on purpose: each vector in a document of its own, as it is."""
    told = f'<meta http-equiv=Content-Security-Policy content="{policy}">' if policy else ""
    frames = (f'<iframe srcdoc="{escape("<!doctype html>" + told + "<body>" + each)}"></iframe>' for each in alone())
    return "<!doctype html>" + "".join(frames)


async def test_each_oracle_sees_what_it_is_for(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    """Without a wall, without escaping: what is live runs, a policy tells of it, and what lurks is found."""
    watch.explain(NOWHERE, "that is how it runs, or how it is kept from it")
    page = await _armed(new_page)
    stage.host.put("/unsafe", _alone_in_frames(""))
    stage.host.put("/refused", _alone_in_frames("script-src 'none'"))
    await page.goto(stage.host.foreign + "/unsafe")
    await page.wait_for_function(_MANY, arg=["ran", 18])
    frames = page.main_frame.child_frames  # what they hold themselves may wait for ever for what is refused
    ran = {number for frame in frames for number in await frame.evaluate("window.ran")}
    assert len(ran & set(range(len(LIVE)))) >= 18, ran
    seen = [bool(await frame.evaluate(SCAN)) for frame in frames]
    assert sum(seen) >= len(LIVE) + len(LURKING) - 3

    await page.goto(stage.host.foreign + "/refused")
    await page.wait_for_function(_MANY, arg=["refused", 15])
    for frame in page.main_frame.child_frames:
        assert await frame.evaluate("window.ran") == []

    # The look at what people wrote is stricter: it knows what may be there, and nothing else is right.
    stage.host.put("/body", "".join(f"<div class=body>{each}</div>" for each in alone()))
    await page.goto(stage.host.foreign + "/body")
    assert len(await page.evaluate(LOOK)) > len(LIVE) + len(LURKING)


def _rendered() -> list[str]:
    """Each payload on each of the two ways by which words become HTML."""
    made = []
    for payload in corpus(every=EVERY):
        with contextlib.suppress(Invalid):
            made.append(render(clean_source(payload, max_chars=5_000)).html)
        made.append(render(payload, "html").html)
    return made


async def test_no_payload_survives_being_rendered(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    """On a page without any policy, so that the wall alone holds; one that is unsafe stands at its end, and runs."""
    watch.explain(NOWHERE, "the last one runs, which is how we know that the others would have")
    made, page = _rendered(), await _armed(new_page)
    assert len(made) > 3_500
    for start in range(0, len(made), ON_A_PAGE):
        bodies = "".join(f"<div class=body>{each}</div>" for each in made[start : start + ON_A_PAGE])
        stage.host.put("/rendered", f"<!doctype html>{bodies}<img src=x: onerror=\"hit('control')\">")
        await page.goto(stage.host.foreign + "/rendered")
        await page.wait_for_function("window.ran.length > 0")
        # Whoever moves over it, and whoever comes with the keyboard.
        await page.evaluate(
            """() => { for (const each of document.querySelectorAll(".body *"))
              for (const type of ["mouseover", "focus", "pointerenter", "toggle", "animationstart"])
                each.dispatchEvent(new Event(type, { bubbles: true })) }"""
        )
        assert await page.evaluate("window.ran") == ["control"]
        assert await page.evaluate(LOOK) == []


@pytest.fixture
async def poisoned(stage: Stage, tmp_path: Path) -> Discussion:
    """A site of which every field that takes words holds a hostile one, by every way by which words come in."""
    where = [stage.host.foreign, stage.host.sibling, "https://news.test"]
    site = await stage.site({**OPEN, "screening": {"suspect_words": ["held*"], "max_links": 100}}, where)
    bad = iter(alone() * 4)
    discussion = stage.article(site, title=next(bad))
    for payload in [*alone(), *corpus(every=400)]:
        await discussion.post(payload[:4_000] or "x", name=payload[:70], title=next(bad, "x"))
    edited = await discussion.post("As it was", name="Ada")
    await _as_author(stage, discussion, edited, "\n\n".join(alone()))
    for number, payload in enumerate(alone()[:8]):
        await discussion.post(f"held {payload}", name=payload[:70])
        if number < 3:  # more would hide it
            await discussion.report(edited, detail=payload)
    await _import(stage, site, tmp_path)
    return discussion


async def _as_author(stage: Stage, discussion: Discussion, comment: str, body: str) -> None:
    said = await stage.client.patch(
        f"/api/v1/comments/{comment}", json={"body": body}, headers={"Authorization": f"Bearer {discussion.token}"}
    )
    assert said.status_code == 200, said.text


async def _import(stage: Stage, site: Site, folder: Path) -> None:
    """A file of every format, with hostile words and names in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(foreign, "words", lambda number: "\n".join(alone()[number::5]))
        patch.setattr(foreign, "NAMES", {number: alone()[number] for number in foreign.NAMES})
        files = {name: each.make() for name, each in foreign.FORMATS.items()}
    export = Export()
    export.thread()
    for number, payload in enumerate(alone()):
        export.post(str(number + 1), message=payload, name=payload)
    for name, content in {**files, "disqus": export.xml()}.items():
        path = folder / f"{name}.file"
        path.write_bytes(content)
        await transfer.import_file(stage.db, site, path, file_name=name)


async def _by_the_team(stage: Stage, discussion: Discussion, link: str) -> list[int]:
    """What a team writes about others and for itself; how each was answered."""
    name, bad, said = discussion.site.name, alone(), []
    at: dict[str, Any] = {"params": {"site": name}}
    async with httpx.AsyncClient(
        base_url=stage.url, timeout=30, trust_env=False, headers={"Origin": stage.url}
    ) as team:
        signed_in = await team.post("/api/v1/auth/session", json={"token": link.partition("token=")[2]})
        assert signed_in.status_code == 201
        cases = (await team.get("/api/v1/moderation/queue", **at)).json()["items"]
        asked: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
            ("/api/v1/moderation/queues", at, {"name": bad[0][:60]}),
            ("/api/v1/moderation/rules", at, {"kind": "word", "pattern": bad[1][:80], "note": bad[2]}),
            (f"/api/v1/sites/{name}/keys", {}, {"name": bad[3][:60], "scopes": ["sso"], "algorithm": "HS256"}),
            (f"/api/v1/sites/{name}/hooks", {}, _HOOK | {"name": bad[1][:30]}),
            (
                f"/api/v1/sites/{name}/webhooks",
                {},
                _WEBHOOK | {"note": bad[4]},
            ),
            (
                "/api/v1/moderation/decisions",
                {},
                {"items": [_item(cases[0])], "action": "reject", "note": bad[5], "reason": "insult"},
            ),
            (
                "/api/v1/moderation/sanctions",
                at,
                {"kind": "premoderate", "target": {"comment": cases[0]["comment"]["id"]}, "note": bad[6]},
            ),
        ]
        for path, more, body in asked:
            said.append((await team.post(path, **more, json=body)).status_code)
    return said


async def _in_the_dialect(stage: Stage, discussion: Discussion, link: str) -> str:
    """The same through Disqus's API, as a page's form, as a server and with somebody's token; the page it opened."""
    site, bad, origin = discussion.site.name, iter(alone() * 3), {"Origin": stage.url}
    page = f"{stage.host.foreign}/{site}/dialect"
    async with httpx.AsyncClient(base_url=stage.url, timeout=30, trust_env=False, headers=origin) as client:
        signed_in = await client.post("/api/v1/auth/session", json={"token": link.partition("token=")[2]})
        assert signed_in.status_code == 201
        path = f"/api/v1/sites/{site}/keys"
        made = (await client.post(path, json={"name": next(bad)[:60], "scopes": ["manage"]})).json()
        scopes = {"scopes": ["read", "write"]}
        token = (await client.post(f"{path}/{made['key']['id']}/tokens", json=scopes)).json()["secret"]
    with_token = {"api_secret": made["secret"], "access_token": token}
    async with httpx.AsyncClient(base_url=f"{stage.url}/api/3.0", timeout=30, trust_env=False) as api:

        async def call(name: str, keys: dict[str, str], **form: Any) -> Any:
            answer = await api.post(f"/{name}.json", params=keys, data=form)
            assert answer.status_code == 200, (name, answer.text)
            return answer.json()["response"]

        opened = {"forum": site, "title": next(bad), "url": page, "identifier": next(bad)[:200]}
        thread = (await call("threads/create", with_token, **opened))["id"]
        public = {"api_key": made["key"]["public"]}
        for payload in alone():
            said = {"thread": thread, "message": payload, "author_name": next(bad)[:70]}
            post = await call("posts/create", public, **said)
        await call("posts/create", public, parent=post["id"], message=next(bad), author_name=next(bad)[:70])
        own = await call("posts/create", with_token, thread=thread, message="As it was")
        await call("posts/update", with_token, post=own["id"], message="\n\n".join(alone()))
        await call("posts/report", public, post=post["id"], reason="1")
        await call("blacklists/add", with_token, forum=site, word=next(bad)[:80], notes=next(bad)[:200])
    return page


_WEBHOOK = {"url": "http://127.0.0.1:9/x", "events": ["thread.closed"]}
_HOOK = {"url": "http://127.0.0.1:9/y", "timing": "after", "timeout_ms": 800, "when_silent": "pass", "enabled": False}


def _item(case: dict[str, Any]) -> dict[str, Any]:
    return {"comment": case["comment"]["id"], "version": case["comment"]["version"]}


@pytest.mark.timeout(180)
async def test_no_page_that_shows_a_hostile_field_does_anything(
    new_page: NewPage, stage: Stage, poisoned: Discussion, watch: Watch
) -> None:
    said = await _by_the_team(stage, poisoned, await _owner(poisoned, 1))
    assert all(status < 500 for status in said), said
    assert sum(status < 300 for status in said) >= 4, said
    dialect = await _in_the_dialect(stage, poisoned, await _owner(poisoned, 3))
    page = await _armed(new_page)
    for order in ("newest", "best"):
        await page.goto(poisoned.frame(sort=order, limit="100"))
        await expect(page.locator("article.comment").first).to_be_visible()
        await harmless(page)
    for url in (foreign.PAGE, dialect):
        await page.goto(f"{stage.url}/embed?{urlencode({'site': poisoned.site.name, 'url': url})}")
        await expect(page.locator("article.comment").first).to_be_visible()
        await harmless(page)
    thread = (await poisoned.read())["thread"]["id"]
    await page.goto(f"{stage.url}/t/{thread}")
    await harmless(page)
    await _at_the_console(page, stage, await _owner(poisoned, 2))
    assert watch.problems == []


async def _owner(discussion: Discussion, number: int) -> str:
    """Somebody with a hostile name; a link that signs them in."""

    async def grant(tx: WriteTx) -> str:
        email = f"owner{number}@{discussion.site.name}.test"
        account = await identity.grant(tx, email, alone()[number], discussion.site.id, "owner")
        return await identity.make_link(tx, account.id)

    return f"{discussion.stage.url}/console/enter?token={await discussion.stage.db.transact(grant)}"


async def _at_the_console(page: Page, stage: Stage, link: str) -> None:
    await page.goto(link)
    await harmless(page)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("main h1")).to_be_visible()
    views = await page.eval_on_selector_all("nav a", "links => links.map(link => link.pathname)")
    assert len(views) > 8
    for view in [*views, "/console/plain", "/console/plain/log"]:
        await page.goto(stage.url + view)
        await expect(page.locator("main, article, table").first).to_be_visible()
        await expect(page.locator("main .nothing").filter(has_text="…")).to_have_count(0)
        await harmless(page)
