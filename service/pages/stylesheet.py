"""A site's own style sheet, as far as it can do no harm: what is not allowed by name is refused.

It may set type, room and edges. It sets no colours (a rule holds on light and on dark pages, and no colour can be read
on both), hides and moves nothing, loads nothing, and does not reach what moderators have decided, what is asked of
readers, or the names of the marks.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import tinycss2

_FAMILY = r"""("[A-Za-z0-9 -]{1,60}"|[A-Za-z][A-Za-z0-9 -]{0,60})"""
FAMILIES = rf"\s*{_FAMILY}(,\s*{_FAMILY})*"

_CLASSES = "parley|comments|comment|meta|name|body|acts|count|top|at|button|composer|label|hint|replies"
_PARTS = rf"(\.({_CLASSES})|#parley-title)"
_TAGS = r"(p|a|blockquote|pre|code|ul|ol|li|h2|time|b|em|strong|textarea|input|button)"
_STATES = r"(:(hover|focus-visible|first-child|last-child))?"
_ONE = rf"(({_TAGS}?{_PARTS}+|{_TAGS}){_STATES})"
_SELECTOR = re.compile(rf"\s*{_PARTS}{_STATES}((\s*>\s*|\s+){_ONE})*\s*")
_WIDTH = r"\((min|max)-width:\s*\d{2,4}px\)"
_MEDIA = re.compile(rf"(screen|print|{_WIDTH})(\s+and\s+{_WIDTH})?")

_SIDES = ("block", "block-start", "block-end", "inline", "inline-start", "inline-end")
_EDGES = ("", *(f"-{side}" for side in _SIDES))
_PROPERTIES = {
    *("font-family", "font-size", "font-weight", "font-style", "font-variant-caps", "font-variant-numeric"),
    *("letter-spacing", "word-spacing", "line-height", "text-transform", "text-align", "hyphens"),
    *("text-decoration-thickness", "text-decoration-style", "text-underline-offset"),
    *("border-radius", "gap", "column-gap", "row-gap"),
    *(f"{box}{edge}" for box in ("padding", "margin-block", "margin-block-start", "margin-block-end") for edge in [""]),
    *(f"padding-{side}" for side in _SIDES),
    *(f"border{edge}-{what}" for edge in _EDGES for what in ("width", "style", "color")),
}
# What a value may be at most, by unit; and a text at least, so that it can be read.
_MOST = {"px": 64.0, "rem": 4.0, "em": 4.0, "ch": 8.0, "%": 200.0, "": 1_000.0}
_LEAST_TEXT = {"px": 12.0, "rem": 0.75, "em": 0.75, "%": 75.0}
_VARIABLES = {"--accent", "--ink", "--soft", "--line", "--edge", "--serif", "--sans", "--mono"}
_IDENT = re.compile(r"[a-zA-Z][a-zA-Z-]*")


@lru_cache(maxsize=500)
def vetted(css: str) -> str:
    """The style sheet as we write it, when all of it is allowed. Raises ValueError, saying what is not and where."""
    if "<" in css or "\\" in css:
        raise ValueError("a style sheet has no `<` and no `\\`")
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "".join(_rule(rule, is_outer=True) for rule in rules)


def _rule(rule: Any, *, is_outer: bool) -> str:
    if rule.type == "error":
        raise ValueError(f"line {rule.source_line}: {rule.message}")
    prelude = tinycss2.serialize(rule.prelude).strip()
    if rule.type == "at-rule":
        is_media = is_outer and rule.lower_at_keyword == "media" and rule.content is not None
        if not (is_media and _MEDIA.fullmatch(prelude)):
            raise ValueError(f"line {rule.source_line}: @{rule.at_keyword} {prelude} is not allowed")
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        return f"@media {prelude}{{{''.join(_rule(each, is_outer=False) for each in inner)}}}"
    for selector in prelude.split(","):
        if not _SELECTOR.fullmatch(selector):
            raise ValueError(f"line {rule.source_line}: the selector `{selector.strip()}` is not allowed")
    declarations = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    return f"{prelude}{{{''.join(_declaration(each) for each in declarations)}}}"


def _declaration(declaration: Any) -> str:
    line = declaration.source_line
    if declaration.type != "declaration":
        raise ValueError(f"line {line}: {getattr(declaration, 'message', 'only declarations stand here')}")
    name = declaration.lower_name
    if name not in _PROPERTIES:
        raise ValueError(f"line {line}: `{name}` is not among the properties that are allowed")
    if declaration.important:
        raise ValueError(f"line {line}: `!important` is not allowed")
    for token in declaration.value:
        _check(token, name, line)
    return f"{name}:{tinycss2.serialize(declaration.value).strip()};"


def _check(token: Any, name: str, line: int) -> None:
    kind = token.type
    if kind in {"whitespace", "comment"} or (kind == "literal" and token.value in {",", "/"}):
        return
    if kind == "ident" and _IDENT.fullmatch(token.value) and token.lower_value not in {"transparent", "expression"}:
        return
    if kind == "string" and name == "font-family" and re.fullmatch(FAMILIES, f'"{token.value}"'):
        return
    if kind in {"number", "percentage", "dimension"}:
        unit = str({"number": "", "percentage": "%"}.get(kind) or getattr(token, "lower_unit", ""))
        if _is_in_bounds(token.value, unit, name):
            return
    if kind == "function" and token.lower_name == "var" and tinycss2.serialize(token.arguments).strip() in _VARIABLES:
        return
    raise ValueError(f"line {line}: `{name}` cannot be `{token.serialize()}`")


def _is_in_bounds(value: float, unit: str, name: str) -> bool:
    if unit not in _MOST or not 0 <= value <= _MOST[unit]:
        return False
    if name == "font-size":
        return unit in _LEAST_TEXT and value >= _LEAST_TEXT[unit] and (unit not in {"rem", "em"} or value <= 3)
    if name in {"letter-spacing", "word-spacing"}:
        return value <= {"px": 4, "em": 0.3, "rem": 0.3}.get(unit, 0)
    if name == "line-height":
        return not unit and 1.2 <= value <= 2.5
    return True
