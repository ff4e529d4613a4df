"""How a site's discussions look: the `looks` section of its settings, and the few rules of CSS that come of it."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from service.pages.contrast import Colour, contrast, nearest
from service.pages.language import is_tag
from service.pages.stylesheet import FAMILIES, vetted

# The grounds we draw on: the plain one and the tint below quotes and notices (embed/styles/tokens.css).
_LIGHT = (Colour("#ffffff"), Colour("#f1f4f8"))
_DARK = (Colour("#14161a"), Colour("#1f242b"))
_LEAST = 4.5  # WCAG 2.2, success criterion 1.4.3

_HEX = r"^#[0-9a-fA-F]{6}$"
_PADDING = {"compact": "0.5rem 0.25rem", "regular": "", "airy": "1.35rem 0.8rem"}
_LEADING = {"compact": "1.4", "regular": "", "airy": "1.7"}


class LookRules(BaseModel):
    """The `looks` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    lang: Annotated[str, Field(max_length=35)] = Field(
        default="en", description="Language of articles that do not say theirs, as `de` or `pt-BR`."
    )
    accent: Annotated[str, Field(pattern=_HEX)] | None = Field(
        default=None, description="Colour of links and buttons on light pages, `#rrggbb`; 4.5:1 against white at least."
    )
    accent_dark: Annotated[str, Field(pattern=_HEX)] | None = Field(
        default=None, description="The same on dark pages; made from `accent` when left out."
    )
    font: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="Font families for what readers write, from their own devices: `Georgia, serif`."
    )
    radius: int = Field(default=2, ge=0, le=16, description="How round corners are, in pixels.")
    density: Literal["compact", "regular", "airy"] = Field(default="regular", description="How much room there is.")
    width: int | None = Field(default=None, ge=320, le=1_600, description="Greatest width in pixels.")
    style: Annotated[str, Field(max_length=4_000)] = Field(
        default="", description="A style sheet for the rest: some selectors, some properties. See docs/embed.md."
    )

    @field_validator("lang")
    @classmethod
    def _is_language(cls, value: str) -> str:
        if not is_tag(value):
            raise ValueError("this is not the tag of a language, as `de` or `pt-BR` are")
        return value

    @field_validator("font")
    @classmethod
    def _are_families(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(FAMILIES, value):
            raise ValueError('names of font families, with commas between them: `"Source Serif 4", Georgia, serif`')
        return value

    @field_validator("style")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        vetted(value)
        return value

    @field_validator("accent", "accent_dark")
    @classmethod
    def _can_be_read(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None:
            _refuse_faint(str(info.field_name), Colour(value), _LIGHT if info.field_name == "accent" else _DARK)
        return value


def stylesheet(rules: LookRules) -> str:
    """What a frame of these looks has besides the common style sheet; nothing for those that are as they come."""
    return _stylesheet(rules) if rules.model_dump(exclude={"lang"}, exclude_defaults=True) else ""


def policy_of(css: str) -> str:
    """What a Content-Security-Policy has to name so that this very text, and no other, may be a page's style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}'" if css else ""


def overlaid(rules: LookRules, asked: str) -> LookRules:
    """The looks with a snippet's laid over them, as `accent: #8a1538; radius: 8`; what is wrong is left out.

    A snippet cannot bring a style sheet: addresses are written by anybody.
    """
    return _overlaid(rules, asked[:500])


@lru_cache(maxsize=500)
def _overlaid(rules: LookRules, asked: str) -> LookRules:
    pairs = (part.partition(":") for part in asked.split(";"))
    for name, _, value in pairs:
        field, said = name.strip().replace("-", "_"), value.strip()
        if field in {"accent", "accent_dark", "font", "radius", "density", "width"}:
            try:
                rules = LookRules.model_validate({**rules.model_dump(), field: said})
            except ValidationError:
                continue
    return rules


def _refuse_faint(name: str, colour: Colour, grounds: tuple[Colour, ...]) -> None:
    worst = min(grounds, key=lambda ground: contrast(colour, ground))
    if contrast(colour, worst) < _LEAST:
        near = nearest(colour, grounds, _LEAST)
        found = contrast(colour, worst)
        raise ValueError(
            f"{name} {colour.hex} has a contrast of {found:.2f}:1 with {worst.hex}; readers need {_LEAST}:1."
            f" The nearest that has it is {near.hex}"
        )


@lru_cache(maxsize=500)
def _stylesheet(rules: LookRules) -> str:
    parts = [f":root{{--serif:{rules.font}}}"] if rules.font else []
    if rules.accent or rules.accent_dark:
        parts += _accents(rules)
    if rules.radius != LookRules.model_fields["radius"].default:
        parts.append(
            f".button,textarea,input,select,.badge,.notice,.report,.sure,.body pre{{border-radius:{rules.radius}px}}"
        )
    if _PADDING[rules.density]:
        parts.append(
            f".comment{{padding-block:{_PADDING[rules.density]}}}.body{{line-height:{_LEADING[rules.density]}}}"
        )
    if rules.width:
        parts.append(f"html .parley{{max-inline-size:{rules.width}px;margin-inline:auto}}")
    return "".join([*parts, vetted(rules.style)])


def _accents(rules: LookRules) -> list[str]:
    light = Colour(rules.accent) if rules.accent else None
    dark = Colour(rules.accent_dark) if rules.accent_dark else None
    if dark is None and light is not None:
        dark = nearest(light, _DARK, _LEAST)
    made = [f":root{{{_accent(light)}}}"] if light else []
    if dark:
        made.append(f":root[data-theme=dark]{{{_accent(dark)}}}")
        made.append(f"@media (prefers-color-scheme:dark){{:root:not([data-theme]){{{_accent(dark)}}}}}")
    return made


def _accent(colour: Colour) -> str:
    on = max((Colour("#ffffff"), Colour("#0f1720")), key=lambda ink: contrast(ink, colour))
    return f"--accent:{colour.hex};--on-accent:{on.hex}"
