"""Accessibility, looked at by axe-core in the document itself: a policy that refuses scripts does not stop it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Frame, Page

_AXE = Path(__file__).parents[2] / "embed" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


async def faults(at: Page | Frame) -> list[str]:
    """What axe finds wrong with a document, one line per rule."""
    await at.evaluate(_source())
    options = {"runOnly": TAGS, "resultTypes": ["violations"]}
    # In the frame alone: what is around it is another document's affair.
    found: dict[str, Any] = await at.evaluate("options => axe.run(document, { ...options, iframes: false })", options)
    assert found["passes"], "axe looked at nothing"
    return [
        f"{rule['id']}: {rule['help']}: {[node['html'][:150] for node in rule['nodes']][:4]}"
        for rule in found["violations"]
    ]


@cache
def _source() -> str:
    return _AXE.read_text()
