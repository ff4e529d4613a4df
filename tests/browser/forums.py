"""Newspapers that carry Disqus: libraries and snippets, unchanged, led to Parley by the names they ask for."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Frame, Page, Playwright

from service.sites import Site
from tests.browser.chromium import find, flags_with
from tests.browser.host import Host
from tests.browser.reader import frame_of
from tests.browser.stage import Discussion, Stage, staged
from tests.servers.tls import tls

NEWS, PARLEY = "news.test", "comments.test"
HOSTS = ("*.disqus.com", "disqus.com", NEWS, PARLEY)
ORIGIN = f"https://{NEWS}"
EMBED = Path(__file__).parents[2] / "embed"
_CLIENTS = Path(__file__).parent / "clients"
# `said` is what callbacks were told, by name.
_HEAD = """<!doctype html><html lang=en><meta charset=utf-8><title>A tram | The Courier</title>
<link rel=icon href=data:,>
<script>
window.said = []
window.says = (name) => (what) => { said.push([name, what ?? null]); return what }
</script>"""


@dataclass
class Forums:
    """A Parley that answers to `*.disqus.com` and a newspaper at `https://news.test`, as one browser sees them."""

    stage: Stage
    browser: Browser

    async def site(self, **settings: Any) -> Site:
        """A newspaper's site."""
        return await self.stage.site(settings, [ORIGIN])

    def article(self, site: Site, path: str) -> Discussion:
        """An article of a site, to write under; no page is served there."""
        return Discussion(self.stage, site, f"{ORIGIN}/{site.name}{path}")

    def put(self, site: Site, path: str, body: str) -> str:
        """Serve a page of the newspaper; its address."""
        self.stage.host.put(f"/{site.name}{path}", f"{_HEAD}<body>{body}<p id=below>Below.</p>")
        return f"{ORIGIN}/{site.name}{path}"

    def script(self, site: Site, name: str, source: str) -> str:
        """Serve a script of the newspaper; its element."""
        self.stage.host.put(f"/{site.name}/{name}", source, "text/javascript; charset=utf-8")
        return f'<script src="/{site.name}/{name}"></script>'


@contextlib.asynccontextmanager
async def forums(folder: Path, host: Host, playwright: Playwright) -> AsyncIterator[Forums]:
    """Serve both, and start a browser that finds them."""
    settings = {"PARLEY_FORUM_HOST": "disqus.com", "PARLEY_PUBLIC_URL": f"https://{PARLEY}"}
    async with (
        staged(folder, host, more=settings) as stage,
        tls(folder, dict.fromkeys(HOSTS[:2] + HOSTS[3:], stage.port) | {NEWS: host.port}, stage.port) as port,
    ):
        browser = await playwright.chromium.launch(executable_path=find(), args=flags_with(HOSTS, port))
        yield Forums(stage, browser)
        await browser.close()


@cache
def bundle(name: str, folder: Path = _CLIENTS) -> str:
    """A page's script with its libraries, put together as newspapers do; nothing of them is changed."""
    command = [
        *(str(EMBED / "node_modules" / ".bin" / "esbuild"), str(folder / name), "--bundle", "--jsx=automatic"),
        '--define:process.env.NODE_ENV="production"',
        *("--define:__VUE_OPTIONS_API__=true", "--define:__VUE_PROD_DEVTOOLS__=false"),
        "--define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false",
    ]
    env = {**os.environ, "NODE_PATH": str(EMBED / "node_modules")}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


async def discussion(page: Page) -> Frame:
    """The frame where Disqus's would be, its script running."""
    return await frame_of(page, "#disqus_thread")


async def told(page: Page, name: str) -> list[Any]:
    """What the page was told under a callback's name, once it was told anything."""
    await page.wait_for_function("name => said.some(([each]) => each === name)", arg=name)
    found: list[Any] = await page.evaluate(
        "name => said.filter(([each]) => each === name).map(([, what]) => what)", name
    )
    return found


def js(value: Any) -> str:
    """A value as it stands in a script."""
    return json.dumps(value).replace("<", "\\u003c")
