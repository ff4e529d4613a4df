"""Write the documents that are made from the code: `python scripts/write_docs.py [--check]`.

docs/configuration.md from the settings, docs/errors.md from the refusals. With --check nothing is written and the
exit code says whether they are true.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import service  # run from anywhere, installed or not
from service.kit.errors import Refused
from service.kit.settings import Settings
from service.settings import SECTIONS

ROOT = Path(__file__).resolve().parents[1]


def configuration() -> str:
    """Every setting of the installation and of a site."""
    lines = [
        "# Configuration",
        "",
        "Written by `scripts/write_docs.py` from the code. Everything is optional on one machine.",
        "",
        "## The installation",
        "",
        "Environment variables, or lines of a file `.env` in the working directory.",
        "",
        "| Variable | Default | What |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `PARLEY_{name.upper()}` | {_default(field.default)} | {field.description} |")
    lines += [
        "",
        "## A site",
        "",
        "`parley site show NAME` prints them, `parley site set NAME section.setting VALUE` sets one.",
    ]
    for section, model in SECTIONS.items():
        lines += ["", f"### {section}", "", *_docstring(model), "", "| Setting | Default | What |", "|---|---|---|"]
        shown = model().model_dump(mode="json")
        for name, field in model.model_fields.items():
            lines.append(f"| `{section}.{name}` | {_default(shown[name])} | {field.description or ''} |")
    return "\n".join(lines) + "\n"


def errors() -> str:
    """Every refusal there is."""
    lines = [
        "# Errors",
        "",
        (
            "Written by `scripts/write_docs.py` from the code. Errors are `application/problem+json` (RFC 9457);"
            " `type` is stable: `/errors#NAME`. `field` names the input that is wrong, where one is."
        ),
        "",
        "| Name | Status | Says |",
        "|---|---|---|",
    ]
    lines += [
        f'| <a id="{kind.type}"></a>`{kind.type}` | {kind.status} | {kind.message()} |'
        for kind in sorted(set(_refusals()), key=lambda kind: kind.type)
    ]
    return "\n".join(lines) + "\n"


def _refusals() -> Iterator[type[Refused]]:
    for module in pkgutil.walk_packages(service.__path__, "service."):
        importlib.import_module(module.name)
    waiting = [Refused]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if not kind.__name__.startswith("_"):
            yield kind


def _default(value: Any) -> str:
    if value is None or value is PydanticUndefined:
        return "unset"
    if isinstance(value, dict):
        return "; ".join(f"{key} {' '.join(limits)}" for key, limits in value.items() if limits).replace("|", "\\|")
    if isinstance(value, list | tuple):
        return ", ".join(str(each["code"]) if isinstance(each, dict) else str(each) for each in value) or "none"
    return f"`{value}`"


def _docstring(model: type[BaseModel]) -> list[str]:
    return [line.strip() for line in (model.__doc__ or "").strip().splitlines()]


def main() -> int:
    """Write, or check."""
    stale = []
    for name, text in {"configuration.md": configuration(), "errors.md": errors()}.items():
        path = ROOT / "docs" / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(text)
    if stale:
        print("not true any more:" if "--check" in sys.argv else "written:", ", ".join(stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    raise SystemExit(main())
