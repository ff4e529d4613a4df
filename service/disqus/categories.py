"""Categories: a site's sections by the ids that pages name, which are those they had at Disqus."""

from __future__ import annotations

from service.disqus import finding, shapes
from service.disqus.calls import Answer, Call
from service.disqus.faults import NOT_FOUND, Fault
from service.disqus.shapes import Shape
from service.sites import Site
from service.threads import ThreadRules


async def categories_list(call: Call) -> Answer:
    """The categories of a forum."""
    site = await finding.forum(call.tx, call.asked)
    return Answer(_all(site), shapes.cursor(None, is_further=False))


async def categories_details(call: Call) -> Answer:
    """One category."""
    site = await finding.forum(call.tx, call.asked)
    wanted = call.asked.needs("category")
    found = next((each for each in _all(site) if each["id"] == wanted), None)
    if found is None:
        raise Fault(NOT_FOUND, f"Unable to find category '{wanted}'")
    return Answer(found)


def _all(site: Site) -> list[Shape]:
    known = site.section("threads", ThreadRules).categories
    return [
        {"id": number, "forum": site.name, "title": section, "order": at, "isDefault": False}
        for at, (number, section) in enumerate(sorted(known.items()))
    ]
