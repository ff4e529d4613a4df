"""How many comments many pages have."""

from __future__ import annotations

from collections.abc import Sequence

from service import threads
from service.kit.db import ReadTx
from service.kit.errors import Invalid
from service.pages.views import CountsView, CountView
from service.sites import Site
from service.threads import canonical

MOST = 100


async def count_pages(tx: ReadTx, site: Site, urls: Sequence[str]) -> CountsView:
    """Published comments of each page, in the order asked, in one statement. Raises Invalid."""
    if not urls or len(urls) > MOST:
        raise Invalid(f"ask for 1 to {MOST} pages at once", field="url")
    keys = [canonical(url).key for url in urls]
    counts = await threads.find_many(tx, site, sorted(set(keys)))
    return CountsView(items=[CountView(url=url, count=counts.get(key, 0)) for url, key in zip(urls, keys, strict=True)])
