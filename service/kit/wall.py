"""The wall between what people write and what browsers run: nh3 (ammonia) with a short allow-list."""

from __future__ import annotations

import html

import nh3

_WALL = nh3.Cleaner(
    tags={
        "p", "br", "a", "em", "strong", "del", "s", "u", "code", "pre", "blockquote", "ul", "ol", "li",
        "details", "summary",
    },
    attributes={"a": {"href"}, "ol": {"start"}},
    tag_attribute_values={"details": {"class": {"spoiler"}}},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="nofollow ugc noopener noreferrer",
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)  # fmt: skip


def wall(built: str) -> str:
    """What may be sent to a browser of some HTML. The last step, always."""
    return _WALL.clean(built)


def admits(target: str) -> bool:
    """Whether the wall leaves a link its target, an address in ASCII without quotes.

    It reads hosts by the letter of the URL standard: `http://256.1.1.1` and a port of 99999 are none.
    """
    return " href=" in wall(f'<a href="{html.escape(target)}">')
