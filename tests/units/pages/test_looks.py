"""Looks of a site: what can be read is taken, what cannot is refused, and a style sheet does no harm."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.pages.contrast import Colour, contrast, nearest
from service.pages.looks import LookRules, overlaid, policy_of, stylesheet
from service.pages.stylesheet import vetted
from tests.units.pages.made import SETTINGS, comment, frame, page

colours = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: Colour("#{:02x}{:02x}{:02x}".format(*rgb)))
LIGHT = [Colour("#ffffff"), Colour("#f1f4f8")]
DARK = [Colour("#14161a"), Colour("#1f242b")]


def test_contrast_by_known_pairs() -> None:
    """Pairs whose ratio is in WCAG's own texts and tools."""
    white = Colour("#ffffff")
    assert contrast(white, Colour("#000000")) == 21
    assert round(contrast(Colour("#777777"), white), 2) == 4.48
    assert round(contrast(Colour("#0000ff"), white), 2) == 8.59
    assert contrast(white, white) == 1


@given(colours)
def test_the_nearest_colour_can_be_read_and_is_no_further_than_needed(colour: Colour) -> None:
    for grounds in (LIGHT, DARK):
        near = nearest(colour, grounds, 4.5)
        assert all(contrast(near, ground) >= 4.5 for ground in grounds)
        if all(contrast(colour, ground) >= 4.5 for ground in grounds):
            assert near == colour


def test_a_faint_accent_is_refused_with_one_that_is_not() -> None:
    with pytest.raises(ValidationError, match=r"contrast of 2\.\d\d:1 .* nearest that has it is #\w{6}") as refused:
        LookRules(accent="#ff8800")
    near = str(refused.value).partition("has it is ")[2][:7]
    assert "--accent:" + near in stylesheet(LookRules(accent=near))
    with pytest.raises(ValidationError, match="accent_dark #8a1538"):
        LookRules(accent_dark="#8a1538")


def test_looks_as_css() -> None:
    assert stylesheet(LookRules(lang="de")) == "", "a language is no style"
    css = stylesheet(LookRules(accent="#8a1538", font='"Source Serif 4", Georgia', radius=8, density="airy", width=720))
    assert ":root{--accent:#8a1538;--on-accent:#ffffff}" in css
    dark = css.partition(":root[data-theme=dark]{--accent:")[2][:7]
    assert all(contrast(Colour(dark), ground) >= 4.5 for ground in DARK), "made from the light one"
    for part in ('--serif:"Source Serif 4", Georgia', "border-radius:8px", "max-inline-size:720px", "line-height:1.7"):
        assert part in css


def test_the_style_is_the_only_one_the_policy_lets_in() -> None:
    css = stylesheet(LookRules(radius=8))
    drawn = frame(page(comment()), settings=SETTINGS.__class__(style=css))
    (style,) = drawn.xpath("//style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert policy_of(css) == f"'sha256-{digest}'"
    assert policy_of("") == ""


@pytest.mark.parametrize(
    "asked",
    [
        "accent: #ff8800",
        "radius: 99",
        "style: .body{gap:1px}",
        "lang: de",
        "x",
        "font: url(x)",
        ";;:",
        "width: -1",
        "a" * 999,
    ],
)
def test_what_a_snippet_asks_wrongly_is_left_out(asked: str) -> None:
    rules = LookRules(width=700)
    assert overlaid(rules, asked) == rules


def test_a_snippet_s_looks_come_before_the_site_s() -> None:
    made = overlaid(LookRules(radius=4, width=700), "accent: #8a1538; radius: 8; nothing: 1")
    assert (made.accent, made.radius, made.width) == ("#8a1538", 8, 700)


def test_a_style_sheet_of_what_is_allowed() -> None:
    css = """
    /* Our own hand. */
    #parley-title, .comment > .meta .name:hover { font-family: "Source Serif 4", Georgia; letter-spacing: .02em }
    .body blockquote { border-inline-start-width: 4px; border-inline-start-color: var(--accent); font-style: italic }
    @media (max-width: 600px) { .comment { padding: 1rem .5rem; } }
    """
    assert vetted(css) == (
        '#parley-title, .comment > .meta .name:hover{font-family:"Source Serif 4", Georgia;letter-spacing:.02em;}'
        ".body blockquote{border-inline-start-width:4px;border-inline-start-color:var(--accent);font-style:italic;}"
        "@media (max-width: 600px){.comment{padding:1rem .5rem;}}"
    )


@pytest.mark.parametrize(
    "css",
    [
        "@import url(https://evil.example/x.css);",
        "@font-face { font-family: x; src: url(x) }",
        "@media screen { @media print { .body { gap: 1px } } }",
        "@layer x { .body { gap: 1px } }",
        ".body { background: url(https://evil.example/pixel) }",
        ".body { border-block-color: url(x) }",
        ".body { font-family: expression(alert(1)) }",
        ".body { color: white }",
        ".body { display: none }",
        ".comment { position: fixed }",
        ".comment { opacity: 0 }",
        ".body { font-size: 0 }",
        ".body { font-size: 1px }",
        ".body { line-height: 0 }",
        ".body { padding: -9rem }",
        ".body { margin-block: 900rem }",
        ".body { letter-spacing: 50px }",
        ".body { gap: 1px !important }",
        ".body::before { content: 'Verified' }",
        ".body:has(p) { gap: 1px }",
        ".notice { font-size: 1rem }",
        ".gone { gap: 1px }",
        ".problem { gap: 1px }",
        "* { gap: 1px }",
        "html { gap: 1px }",
        "button { gap: 1px }",
        "[data-held] { gap: 1px }",
        ".body { gap: 1px } .x",
        ".body { gap }",
        ".body { .name { gap: 1px } }",
        ".body { font-family: var(--evil) }",
        ".body { border-color: transparent }",
        "</style><script>alert(1)</script>",
        ".b\\6f dy { gap: 1px }",
        ".body { width: calc(1px) }",
        ".body { gap: calc(1px) }",
    ],
)
def test_a_style_sheet_of_what_is_not(css: str) -> None:
    with pytest.raises(ValueError, match=r"line \d+:|has no"):
        vetted(css)
    with pytest.raises(ValidationError):
        LookRules(style=css)


@given(st.text(max_size=200) | st.text("{}.:;@()/*'\"bodygap1px <\\", max_size=200))
def test_any_style_sheet_is_refused_or_comes_out_without_markup(css: str) -> None:
    try:
        out = vetted(css)
    except ValueError:
        return
    assert not {"<", "\\"} & set(out)
    assert "url(" not in out
    assert vetted(out) == out
