"""Headers of whole HTML documents about a discussion."""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.pages.looks import policy_of
from service.web.parts import Parts

HTML = "text/html; charset=utf-8"
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def language_tag(asked: str | None) -> str | None:
    """The tag if it looks like one."""
    return asked if asked and LANGUAGE.fullmatch(asked) else None


def document_headers(
    parts: Parts,
    embedders: Iterable[str],
    style: str = "",
    pictures: Iterable[str] = (),
    sheet: str = "frame.css",
) -> dict[str, str]:
    """What such a document may load and who may embed it: nobody else's script, and no page but those named.

    `style` is the one text that may stand in it as its style, `pictures` are where members' pictures may be, `sheet`
    is the style sheet it begins with.
    """
    styles = " ".join(["'self'", policy_of(style)]).strip()
    images = " ".join(["img-src 'self' data:", *pictures])
    ancestors = " ".join(["'self'", *embedders])
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self'; style-src {styles}; {images}; connect-src 'self';"
            f" form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
        ),
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Link": f"<{parts.assets.url(sheet)}>; rel=preload; as=style",
    }
