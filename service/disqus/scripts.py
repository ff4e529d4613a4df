"""The scripts of a forum: what is built in `embed/src/disqus`, told where it is; and answers that are scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from service.disqus.rules import DisqusRules

JAVASCRIPT = "text/javascript; charset=utf-8"


def told(script: bytes, here: Mapping[str, Any]) -> bytes:
    """A built script with `here` as what it knows of its forum; see `embed/src/disqus/here.d.ts`."""
    return b"(function(here){" + script.rstrip() + b"\n})(" + literal(here).encode() + b");\n"


def hand_over(origin: str, name: str) -> str:
    """A script for all forums: it fetches that of the forum its page names, and as often as it is run."""
    at = literal(f"{origin}/forums/")
    return (
        "(function(s){var f=(s&&s.getAttribute('data-shortname'))||window.disqus_shortname,e;"
        "if(!f)return console.warn('This page names no forum: data-shortname or disqus_shortname.');"
        "e=document.createElement('script');e.async=true;"
        f"e.src={at}+encodeURIComponent(String(f).toLowerCase())+{literal('/' + name)};"
        "document.head.appendChild(e)})(document.currentScript);\n"
    )


def display_count(rules: DisqusRules, counts: Sequence[tuple[str, int]]) -> str:
    """What count.js asked for, as Disqus writes it: people cut the object out of it with patterns."""
    data = {
        "text": {
            "and": "and",
            "comments": {"zero": rules.count_zero, "multiple": rules.count_many, "one": rules.count_one},
        },
        "counts": [{"id": key, "comments": count} for key, count in counts],
    }
    # The order of the keys, one line, no parenthesis inside: all of it is relied upon.
    written = literal(data).replace("(", "\\u0028").replace(")", "\\u0029").replace("/", "\\/")
    return (
        "var DISQUSWIDGETS;\n\nif (typeof DISQUSWIDGETS != 'undefined') {\n"
        f"    DISQUSWIDGETS.displayCount({written});\n}}\n"
    )


def literal(value: Any) -> str:
    """JSON that is safe as a script and in one: ASCII, and nothing that ends or begins a tag."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")
