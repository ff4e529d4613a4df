"""Disqus's own clients, unmodified: they ask for `NAME.disqus.com` and find Parley there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Frame, Page, async_playwright, expect

from service import keys, transfer
from service.kit.seal import Keeper
from service.record import TERMINAL
from tests.browser.chromium import find
from tests.browser.conftest import PATIENCE
from tests.browser.forums import EMBED, HOSTS, Forums, bundle, discussion, forums, js, told
from tests.browser.host import Host
from tests.browser.reader import comment, composer, frame_of, post, send, write
from tests.browser.watch import Watch
from tests.servers.parley import SECRET
from tests.stories.sso.signing import disqus
from tests.stories.transfer.exports import Export

_FRAMES = "document.querySelectorAll('iframe').length"


@pytest.fixture(scope="module")
async def served(host: Host, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Forums]:
    """One Parley and one browser for all of these."""
    if find() is None:
        pytest.skip("there is no Chromium: apt install chromium, or name one with PARLEY_CHROMIUM")
    async with async_playwright() as playwright, forums(tmp_path_factory.mktemp("forums"), host, playwright) as made:
        yield made


@pytest.fixture
def watch() -> Watch:
    """Nobody but the newspaper and Parley is asked for anything."""
    return Watch(HOSTS)


@pytest.fixture
async def page(served: Forums, watch: Watch) -> AsyncIterator[Page]:
    """A reader's page, which fails the test on whatever a page may never do."""
    context = await served.browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    watch.follow(context)
    yield await context.new_page()
    assert await context.cookies() == []
    await context.close()
    assert not watch.problems, "\n".join(watch.problems)


async def test_react(page: Page, served: Forums) -> None:
    site, other = await served.site(reading={"page_size": 5, "sorts": ["oldest"]}), await served.site()
    one, two = served.article(site, "/one"), served.article(site, "/two")
    await one.posts(6, identifier="story-1")
    await two.post("Under the second", identifier="story-2")
    elsewhere = served.article(other, "/else")
    await elsewhere.post("At the other paper")
    callbacks = ", ".join(f'{name}: says("{name}")' for name in ("onReady", "onNewComment", "onPaginate", "preReset"))

    def article(shortname: str, url: str, identifier: str) -> str:
        said_before = "beforeComment: ({ text }) => ({ text: text.replace('gull', 'seagull') })"
        config = f"url: {js(url)}, identifier: {js(identifier)}, title: 'A tram', {callbacks}, {said_before}"
        return f"{{ shortname: {js(shortname)}, config: {{ {config} }} }}"

    body = f'<div id="app"></div><script>window.article = {article(site.name, one.address, "story-1")}</script>'
    address = served.put(site, "/react", body + served.script(site, "react.js", bundle("react.jsx")))
    await page.goto(address)
    frame = await discussion(page)
    await expect(comment(frame, "Comment 1")).to_be_visible()
    await expect(page.locator(".disqus-comment-count")).to_have_text("6 Comments")
    held = page.locator("#disqus_thread iframe")
    await expect(held).to_have_attribute("title", "Disqus")
    await expect(page.get_by_label("Comments", exact=True)).to_have_count(1)
    assert await held.evaluate("frame => /^dsq-app[0-9]+$/.test(frame.id) && frame.id === frame.name")
    (ready,) = await told(page, "onReady")
    assert ready["height"] > 100

    await frame.get_by_role("link", name="Show more comments").click()
    await expect(comment(frame, "Comment 6")).to_be_visible()
    await told(page, "onPaginate")
    new = await post(frame, "A gull on the tram", "Ada")
    await expect(new).to_contain_text("A seagull on the tram")
    (posted,) = await told(page, "onNewComment")
    assert posted == {
        "id": (await new.get_attribute("id") or "").removeprefix("comment-"),
        "text": "A seagull on the tram",
    }

    # Another article in the same component is a reset; another shortname takes the whole down and up again.
    frame = await _after(page, f"show({article(site.name, two.address, 'story-2')})")
    await expect(comment(frame, "Under the second")).to_be_visible()
    assert await page.evaluate(_FRAMES) == 1
    assert len(await told(page, "preReset")) == 1
    frame = await _after(page, f"show({article(other.name, elsewhere.address, 'else')})")
    await expect(comment(frame, "At the other paper")).to_be_visible()

    await page.evaluate("show(null)")
    await expect(page.locator("#front")).to_be_visible()
    assert await page.evaluate(f"[{_FRAMES}, typeof DISQUS]") == [0, "undefined"]
    await page.evaluate(f"show({article(site.name, one.address, 'story-1')})")
    await expect(comment(await discussion(page), "Comment 1")).to_be_visible()
    await expect(page.locator("#below")).to_be_visible()


async def test_vue(page: Page, served: Forums) -> None:
    site = await served.site()
    one, two = served.article(site, "/one"), served.article(site, "/two")
    await one.post("Under the first", identifier="1")
    await two.posts(2, "Under the second", identifier="2")
    said_first = {"shortname": site.name, "pageConfig": {"url": one.address, "identifier": "1", "title": "A tram"}}
    above = '<p style="height: 300rem">The article.</p><div id="app"></div>'
    body = f"{above}<script>window.article = {js(said_first)}</script>"
    await page.goto(served.put(site, "/vue", body + served.script(site, "vue.js", bundle("vue.js"))))
    await expect(page.locator(".disqus-comment-count")).to_have_text("1 Comment")
    assert await page.evaluate(_FRAMES) == 0  # vue-disqus waits until the reader comes near
    await page.locator("#disqus_thread").scroll_into_view_if_needed()
    frame = await discussion(page)
    await expect(comment(frame, "Under the first")).to_be_visible()
    assert [ready["height"] > 100 for ready in await told(page, "Ready")] == [True]
    await post(frame, "From Vue", "Ada")
    assert [what["text"] for what in await told(page, "NewComment")] == ["From Vue"]
    # The library answers nothing to `beforeComment`, so the text stays what it was.
    assert [what["text"] for what in await told(page, "BeforeComment")] == ["From Vue"]

    config = {"url": two.address, "identifier": "2"}
    frame = await _after(page, f"show({{ pageConfig: {js(config)}, lang: 'de' }})")
    await expect(comment(frame, "Under the second 2")).to_be_visible()
    assert await frame.evaluate("document.documentElement.lang") == "de"
    assert await page.evaluate(_FRAMES) == 1


async def test_wordpress(page: Page, served: Forums, tmp_path: Path) -> None:
    """What WordPress's plugin puts into a page: globals, a configurator, its own counts; and the old comments."""
    site = await served.site()
    place = f"https://news.test/{site.name}/2019/tram/"
    export, identifier = Export(), f"12 https://news.test/{site.name}/?p=12"
    export.thread("77", place, identifier, title="A tram for the seafront")
    export.post("4611686018", "77", message="<p>As it was in 2019.</p>")
    export.post("4611686020", "77", "4611686018", message="<p>An answer of then.</p>", name="Berta", username="berta")
    (tmp_path / "old.xml").write_bytes(export.xml())
    await transfer.import_file(served.stage.db, site, tmp_path / "old.xml")
    settings = {
        "disqusShortname": site.name,
        "disqusUrl": place,
        "disqusIdentifier": identifier,
        "disqusContainerId": "comments",
        "disqusTitle": "A tram for the seafront",
        "disqusConfig": {"integration": "wordpress 3.1.3 6.7"},
    }
    plugin = f"""<script>
    var vars = {js(settings)}
    var disqus_url = vars.disqusUrl, disqus_identifier = vars.disqusIdentifier, disqus_title = vars.disqusTitle
    var disqus_container_id = vars.disqusContainerId, disqus_shortname = vars.disqusShortname
    var earlier = function () {{
      this.callbacks.onReady.push(says("onReady"))
      throw new Error("a theme's own mistake")
    }}
    var disqus_config = function () {{
      this.page.integration = vars.disqusConfig.integration
      this.page.remote_auth_s3 = vars.disqusConfig.remote_auth_s3
      this.page.api_key = vars.disqusConfig.api_key
      if (vars.disqusConfig.sso) this.sso = vars.disqusConfig.sso
      else this.sso = undefined
      if (vars.disqusConfig.language) this.language = vars.disqusConfig.language
      earlier.call(this)
    }}
    for (const span of document.querySelectorAll("span.dsq-postid")) {{
      const link = span.parentNode
      link.setAttribute("data-disqus-identifier", span.getAttribute("data-dsqidentifier"))
      link.setAttribute("href", link.getAttribute("href").split("#", 1) + "#disqus_thread")
    }}
    for (const file of ["embed.js", "count.js"]) {{
      const script = document.createElement("script")
      script.src = "https://" + vars.disqusShortname + ".disqus.com/" + file
      script.async = true
      document.head.appendChild(script)
    }}
    </script>"""
    count = f'<a href="{place}#respond"><span class="dsq-postid" data-dsqidentifier="{identifier}">?</span></a>'
    brand = '<a href="http://disqus.com" class="dsq-brlink">powered by <span class="logo-disqus">Disqus</span></a>'
    above = '<p style="height: 200rem">The article.</p>'
    address = served.put(site, "/2019/tram/", f"{count}{above}<div id=comments>Loading …</div>{brand}{plugin}")
    await page.goto(f"{address}#comment-4611686020")
    frame = await frame_of(page, "#comments")
    await expect(comment(frame, "An answer of then.")).to_be_focused()
    await expect(comment(frame, "As it was in 2019.")).to_be_visible()
    await page.wait_for_function("scrollY > 2000")
    await expect(page.locator("a").first).to_have_text("2 Comments")
    await told(page, "onReady")
    await expect(page.get_by_text("Loading …")).to_have_count(0)
    await expect(page.locator(".dsq-brlink")).to_have_count(0)
    assert await page.evaluate("location.hash = '#comment-4611686018'")
    await expect(comment(frame, "As it was in 2019.")).to_be_focused()


async def test_sign_in(page: Page, served: Forums) -> None:
    """`remote_auth_s3` and the `sso` object: a window to sign in that closes itself, and the way out."""
    site = await served.site(posting={"who": "sso"})
    article = served.article(site, "/sso")
    make = served.stage.db.transact(
        keys.create, Keeper(SECRET), site.id, "Disqus", ["sso"], algorithm="disqus", by=TERMINAL
    )
    key, secret = await make
    assert secret is not None
    token = disqus(secret, {"id": 7, "username": "Zoë", "email": "zoe@nobody.test", "url": None})
    # What the newspaper's server would know by its cookie.
    served.put(site, "/in", f"<script>localStorage.token = {js(token)}; window.close()</script>")
    served.put(site, "/out", "<script>delete localStorage.token</script><h1>Good bye</h1>")
    at = f"https://news.test/{site.name}"
    doors = {"name": "Courier", "url": f"{at}/in", "logout": f"{at}/out", "width": "500", "height": "300"}
    config = f"""var disqus_config = function () {{
      this.page.url = {js(article.address)}
      this.page.api_key = {js(key.public)}
      this.page.remote_auth_s3 = localStorage.token || "e30= x 1"
      this.sso = {{ ...{js(doors)}, button: "https://news.test/button.png", icon: "https://news.test/icon.png" }}
      this.callbacks.onIdentify = [says("onIdentify")]
    }}"""
    script = f'<script src="https://{site.name}.disqus.com/embed.js" async></script>'
    address = served.put(site, "/sso", f"<div id=disqus_thread></div><script>{config}</script>{script}")
    await page.goto(address)
    frame = await discussion(page)
    await expect(frame.get_by_text("Only members can write here.")).to_be_visible()
    door = frame.get_by_role("link", name="Sign in with Courier")
    async with page.expect_event("load"), page.expect_popup() as opened:
        await door.click()
    assert (await opened.value).is_closed()
    frame = await discussion(page)
    await told(page, "onIdentify")
    await expect(frame.get_by_role("link", name="Sign in with Courier")).to_have_count(0)
    await post(frame, "Signed by the paper")
    await expect(comment(frame, "Signed by the paper")).to_contain_text("Zoë")
    await comment(frame, "Signed by the paper").get_by_role("button", name="Reply to").click()
    async with page.expect_navigation(url=f"{at}/out"):
        await composer(frame).get_by_role("link", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Good bye")).to_be_visible()


_SNIPPET = """<div id="disqus_thread"></div>
<script>
var disqus_config = function () { this.page.url = $url; this.page.identifier = $identifier; };
(function () {
  var d = document, s = d.createElement("script");
  s.src = "$script"; s.setAttribute("data-timestamp", +new Date());
  (d.head || d.body).appendChild(s);
})();
</script>
<noscript>Please enable JavaScript to view the <a href="https://disqus.com/?ref_noscript">comments.</a></noscript>"""


def _snippet(script: str, url: str, identifier: str = "") -> str:
    filled = _SNIPPET.replace("$url", js(url)).replace("$identifier", js(identifier))
    return filled.replace("$script", script)


async def test_a_static_site(page: Page, served: Forums) -> None:
    """The snippet as Disqus hands it out, in Hugo's and Jekyll's form; and what single-page sites do with it."""
    site = await served.site()
    one, two = served.article(site, "/one"), served.article(site, "/two")
    await one.post("Under the first")
    await two.post("Under the second")
    host = f"https://{site.name}.disqus.com"
    links = "".join(
        f'<a href="{each.address}#disqus_thread">{words}</a> ' for each, words in ((one, "one"), (two, "two"))
    )
    more = "".join(
        f'<span class="disqus-comment-count" data-disqus-url="{one.address}/{n}">?</span> ' for n in range(23)
    )
    count = f'<script id="dsq-count-scr" src="//{site.name}.disqus.com/count.js" async></script>'
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(served.put(site, "/one", _snippet(f"{host}/embed.js", one.address) + links + more + count))
    await expect(comment(await discussion(page), "Under the first")).to_be_visible()
    await expect(page.locator("a[href$='#disqus_thread']")).to_have_text(["1 Comment", "1 Comment"])
    await expect(page.locator("span", has_text="0 Comments")).to_have_count(23)
    assert len([url for url in asked if "/count-data.js" in url]) == 3
    await two.post("A second one")
    # Counts may be two seconds old: asked for again until the new one is in.
    await page.evaluate("DISQUSWIDGETS.displayCount({})")
    asks = "DISQUSWIDGETS.getCount({ reset: true }); return document.body.innerText.includes('2 Comments')"
    await page.wait_for_function(f"() => {{ {asks} }}", polling=250)
    await expect(page.locator("a[href$='#disqus_thread']")).to_have_text(["1 Comment", "2 Comments"])

    # Gatsby's plugin: a new configurator, then a reset that brings none.
    config = f"window.disqus_config = function () {{ this.page.url = {js(two.address)}; this.page.identifier = '' }}"
    frame = await _after(page, f"{config}; DISQUS.reset({{ reload: true }})")
    await expect(comment(frame, "Under the second")).to_be_visible()
    # A configurator that says one thing only: the rest stays as it was.
    frame = await _after(page, "DISQUS.reset({ reload: true, config() { this.language = 'de' } })")
    await expect(comment(frame, "Under the second")).to_be_visible()
    assert await frame.evaluate("document.documentElement.lang") == "de"
    # The script once more: the same as a reset.
    again = f"document.head.append(Object.assign(document.createElement('script'), {{ src: '{host}/embed.js' }}))"
    await expect(comment(await _after(page, again), "Under the second")).to_be_visible()
    assert await page.evaluate(_FRAMES) == 1
    # Gatsby's way out: it takes things away itself and asks nobody.
    await page.evaluate("DISQUS.reset({})")
    assert await page.evaluate(f"[{_FRAMES}, document.getElementById('disqus_thread').innerHTML]") == [0, ""]
    await page.evaluate(f"delete window.DISQUS; {again}")
    await expect(comment(await discussion(page), "Under the second")).to_be_visible()


@pytest.mark.parametrize("form", ["path", "attribute", "global"])
async def test_other_ways_to_name_a_forum(page: Page, served: Forums, form: str) -> None:
    site = await served.site()
    article = served.article(site, f"/{form}")
    await article.post("Found")
    own = "https://comments.test"
    count = f'<a href="{article.address}#disqus_thread">?</a>'
    attribute = (
        f'<div id=disqus_thread></div><script async src="{own}/forums/embed.js" data-shortname="{site.name}"></script>'
    )
    named = f'<div id=disqus_thread></div><script>var disqus_shortname = "{site.name.upper()}"</script>'
    scripts = "".join(f'<script async src="{own}/forums/{file}"></script>' for file in ("embed.js", "count.js"))
    bodies = {
        "path": _snippet(f"{own}/forums/{site.name}/embed.js", article.address),
        "attribute": attribute,
        "global": named + scripts,
    }
    await page.goto(served.put(site, f"/{form}", bodies[form] + count))
    await expect(comment(await discussion(page), "Found")).to_be_visible()
    if form == "global":
        await expect(page.get_by_text("1 Comment", exact=True)).to_be_visible()


async def test_what_goes_wrong(page: Page, served: Forums) -> None:
    """A forum nobody knows is told of where the comments would be; a page without a place for them stays whole."""
    site = await served.site()
    await page.goto(served.put(site, "/typo", _snippet("https://mistyped.disqus.com/embed.js", "https://news.test/x")))
    await expect(page.locator("#disqus_thread")).to_contain_text("there is no forum “mistyped” here")
    await expect(page.locator("#below")).to_be_visible()
    warned: list[str] = []
    page.on("console", lambda message: warned.append(message.text))
    script = f'<script src="https://{site.name}.disqus.com/embed.js"></script>'
    await page.goto(served.put(site, "/nowhere", script))
    await expect(page.locator("#below")).to_be_visible()
    await page.wait_for_function("window.DISQUS")
    assert any("no #disqus_thread" in words for words in warned)
    await page.evaluate("DISQUS.reset({ reload: true })")

    # A long article: who waits for nothing gets the frame when the reader comes near.
    long = '<p style="height: 400rem">The article.</p>'
    await page.goto(
        served.put(site, "/long", long + _snippet(f"https://{site.name}.disqus.com/embed.js", "https://news.test/x"))
    )
    await page.wait_for_function("document.querySelector('#disqus_thread div')")
    assert await page.evaluate(_FRAMES) == 0
    await page.locator("#disqus_thread").scroll_into_view_if_needed()
    frame = await discussion(page)
    await write(composer(frame), "First here", "Ada")
    await send(composer(frame))
    await expect(comment(frame, "First here")).to_be_visible()


async def test_disqusjs(page: Page, served: Forums, watch: Watch) -> None:
    """A client that draws everything itself from the API: threads, pages, replies, deleted comments."""
    watch.explain("NotSameOrigin.*favicon", "it looks whether Disqus itself can be reached")
    site = await served.site(reading={"sorts": ["oldest"]})
    article = served.article(site, "/js")
    root = await article.post("The **first** words")
    await article.post("An answer", "Bob", parent=root)
    await article.posts(26, "Word")
    await article.delete(await article.post("Never mind"))
    module = "node_modules/disqusjs/dist/browser/disqusjs.es2015.umd.min.js"
    library = served.script(site, "disqusjs.js", (EMBED / module).read_text())
    config = {"shortname": site.name, "siteName": "News", "api": "https://comments.test/api/", "apikey": "x"}
    start = f"localStorage.setItem('dsqjs_mode', 'dsqjs'); new DisqusJS({js(config)}).render('#here')"
    await page.goto(served.put(site, "/js", f"<div id=here></div>{library}<script>{start}</script>"))
    first = page.locator(".dsqjs-post-content", has_text="The first words")
    await expect(first.locator("strong")).to_have_text("first")
    await expect(page.get_by_text("28")).to_be_visible()
    await expect(page.locator(".dsqjs-children .dsqjs-post-content")).to_have_text("An answer")
    await page.locator("#dsqjs-load-more").click()
    await expect(page.locator(".dsqjs-post-content", has_text="Word 26")).to_be_visible()
    assert "Never mind" not in await page.content()


async def _after(page: Page, script: str) -> Frame:
    """Run a script of the page, and the frame that comes in the place of the one there was."""
    was = await page.evaluate("document.querySelector('iframe').id")
    await page.evaluate(script)
    await page.wait_for_function("was => ![undefined, was].includes(document.querySelector('iframe')?.id)", arg=was)
    return await discussion(page)
