"""The example for React, as publishers copy it, in a page that is one application."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page, expect

from service import keys
from service.kit.seal import Keeper
from service.record import TERMINAL
from tests.browser.forums import bundle
from tests.browser.reader import comment, composer, frame_of, write
from tests.browser.stage import Stage
from tests.servers.parley import SECRET
from tests.stories.sso.signing import claims, signed

_EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "Discussion.jsx"
_APP = """
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { Discussion } from "./Discussion.jsx";

function App() {
  const [shown, show] = useState(window.shown);
  window.show = show;
  return <main id="parley">{shown ? <Discussion {...shown} onExpired={() => {}} /> : "Front page"}</main>;
}
createRoot(document.getElementById("app")).render(<App />);
"""


async def test_a_discussion_comes_signs_in_and_goes_with_its_page(page: Page, stage: Stage, tmp_path: Path) -> None:
    one = await stage.discussion()
    other, site = stage.article(one.site), one.site.name
    await one.post("Under the first.")
    await other.post("Under the second.")
    _, secret = await stage.db.transact(keys.create, Keeper(SECRET), one.site.id, "Site", ["sso"], by=TERMINAL)
    assert secret is not None
    (tmp_path / "Discussion.jsx").write_text(_EXAMPLE.read_text().replace("https://comments.example.org", stage.url))
    (tmp_path / "app.jsx").write_text(_APP)
    stage.host.put(f"/{site}/app.js", bundle("app.jsx", tmp_path), "text/javascript; charset=utf-8")
    shown = f'{{ site: "{site}", url: "{one.address}" }}'
    script = f'<div id=app></div><script>window.shown = {shown}</script><script src="/{site}/app.js"></script>'
    stage.host.put(f"/{site}/app", f"<!doctype html><html lang=en><title>App</title>{script}")
    await page.goto(f"{stage.host.foreign}/{site}/app")
    await expect(comment(await frame_of(page), "Under the first.")).to_be_visible()
    token = signed(secret, claims(site, name="Zo\u00eb"))
    await page.evaluate("([site, url, token]) => show({ site, url, token })", [site, other.address, token])
    second = page.frame_locator("#parley iframe")
    await expect(second.get_by_text("Under the second.")).to_be_visible()
    frame = await frame_of(page)
    await write(composer(frame), "From React.")
    await expect(composer(frame).get_by_text("Posting as: Zo\u00eb")).to_be_visible()
    await page.evaluate("show(null)")
    await expect(page.get_by_text("Front page")).to_be_visible()
    assert await page.locator("iframe").count() == 0
