"""What readers are told, in every language: whole, with the same placeholders, in the plural forms CLDR names."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

import texts
from service.kit.said import Said
from service.pages import draw
from service.pages.language import (
    ENGLISH,
    LANGUAGES,
    TEXTS,
    accepted,
    catalogue,
    chosen,
    language,
    plural_tags,
    script_texts,
)
from tests.units.pages.made import SETTINGS, comment, page

OTHERS = [tag for tag in LANGUAGES if tag != ENGLISH]
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?\w?")
# A form for exactly one or two, or for none, says so in words where a language does.
_IN_WORDS = {"zero", "one", "two"}


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return texts.template()


def test_there_are_languages_enough() -> None:
    assert {"en", "de", "fr", "es", "ar", "he", "zh", "ja"} < set(LANGUAGES)
    assert len(LANGUAGES) >= 12


@pytest.mark.parametrize("tag", OTHERS)
def test_a_catalogue_is_whole_and_in_step(tag: str, sources: Catalog) -> None:
    assert texts.untranslated(tag, sources) == []
    assert (TEXTS / f"{tag}.po").read_bytes() == texts.in_step(tag, sources), "python scripts/texts.py --write"


@pytest.mark.parametrize("tag", OTHERS)
def test_a_translation_holds_what_its_message_holds(tag: str) -> None:
    assert [fault for message in catalogue(tag) if message.id for fault in _faults(tag, message)] == []


def _faults(tag: str, message: Message) -> list[str]:
    if not message.pluralizable:
        return _unlike(str(message.id), str(message.string))
    tags = plural_tags(language(tag).locale)
    if len(tags) != len(message.string):
        return [f"{message.id}: forms for {tags} are wanted"]
    forms = zip(tags, message.string, strict=True)
    return [
        fault
        for category, form in forms
        if not (category in _IN_WORDS and "%" not in form)
        for fault in _unlike(str(message.id[1]), form)
    ]


def _unlike(message: str, string: str) -> list[str]:
    has, wanted = sorted(_PLACEHOLDER.findall(string)), sorted(_PLACEHOLDER.findall(message))
    alike = has == wanted or (set(has) == set(wanted) == {"%(num)s"})
    is_markup = set("<>&") & set(string)
    return [] if alike and not is_markup and string.strip() == string else [f"{message}: {string}"]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_button_s_name_holds_what_stands_on_it(tag: str) -> None:
    """WCAG 2.5.3: who speaks to the machine says what they see."""
    text = language(tag).text
    assert text("Reply").casefold() in text("Reply to %(name)s", name="Ada").casefold()
    assert text("Reply").casefold() in text("Reply to this comment").casefold()


def test_faults_are_found() -> None:
    known = Catalog(locale="pl")
    known._num_plurals = 4
    wrong: list[tuple[Any, Any]] = [
        ("Reply to %(name)s", "Odpowiedz: %(nazwa)s"),
        ("Cancel", "<b>Anuluj</b>"),
        (("%(num)s reply", "%(num)s replies"), ("%(num)s odpowiedź", "%(num)s odpowiedzi", "odpowiedzi", "%s")),
    ]
    for message, string in wrong:
        known.add(message, string)
        assert _faults("pl", known[message]), message


@pytest.mark.parametrize("tag", OTHERS)
@given(number=st.integers(0, 2_000_000))
def test_the_forms_are_the_ones_that_scripts_choose(tag: str, number: int) -> None:
    """Intl.PluralRules and Babel have the same rules; a form is found by its category here and by its place there."""
    spoken, one, many = language(tag), "%(num)s new comment", "%(num)s new comments"
    told = json.loads(script_texts(tag).partition(b"=")[2])
    assert spoken.catalogue.ngettext(one, many, number) == told[one][spoken.locale.plural_form(number)]


def test_plural_forms_by_example() -> None:
    def said(tag: str, *numbers: int) -> list[str]:
        known = language(tag).catalogue
        return [known.ngettext("%(num)s new comment", "%(num)s new comments", n) % {"num": n} for n in numbers]

    assert said("pl", 1, 2, 5, 12, 22) == [
        *("1 nowy komentarz", "2 nowe komentarze", "5 nowych komentarzy"),
        *("12 nowych komentarzy", "22 nowe komentarze"),
    ]
    assert len(set(said("ar", 0, 1, 2, 3, 11, 100))) == 6
    assert said("ja", 1) == ["新しいコメント1件"]


@pytest.mark.parametrize("tag", OTHERS)
def test_what_scripts_get_is_small(tag: str) -> None:
    assert len(gzip.compress(script_texts(tag))) < 3_000


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        (("pt-BR", "en"), "pt"),
        (("de_AT", None), "de"),
        (("sw", "fr"), "fr"),
        ((None, "he"), "he"),
        (("zh-Hant-TW",), "zh"),
        (("<script>", ""), "en"),
        ((None,), "en"),
    ],
)
def test_the_nearest_language_is_spoken(wanted: tuple[str | None, ...], spoken: str) -> None:
    assert chosen(*wanted).tag == spoken


@given(st.text(max_size=60))
def test_any_header_is_read(header: str) -> None:
    assert chosen(*accepted(header)).tag in LANGUAGES
    assert accepted("fr;q=0.3, de-CH, x;q=no") == ("de-CH", "fr")


def test_what_was_said_is_said_again() -> None:
    reason = Said("Held because it contains %(quote)s.", quote="“50 % off”")
    assert reason == "Held because it contains “50 % off”."
    assert language("de").say(reason) == "Zurückgehalten, weil er “50 % off” enthält."
    assert language("de").say("Nobody wrote this anywhere: 100 %.") == "Nobody wrote this anywhere: 100 %."


def test_numbers_and_dates_are_the_language_s_own() -> None:
    at = datetime(2026, 11, 4, 9, 5, 7, tzinfo=UTC)
    assert language("en").date(at) == "4 Nov 2026, 09:05 UTC"
    assert language("de").date(at) == "04.11.2026, 09:05 UTC"
    assert [language(tag).number(1_204) for tag in ("en", "de")] == ["1,204", "1.204"]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_frame_in_every_language(tag: str) -> None:
    deep = comment("<b>Ada</b>", replies=[comment()], cursor="c", reply_count=5)
    drawn = parser.document_fromstring(
        draw.frame(page(deep, cursor="c"), asset="/static/{}".format, settings=SETTINGS, lang=tag)
    )
    assert (drawn.get("lang"), drawn.get("dir")) == (tag, "rtl" if tag in {"ar", "he"} else "ltr")
    assert "<b>Ada</b>" in drawn.xpath("string(//button[@data-act='reply']/@aria-label)")
    assert (f"/static/texts-{tag}.js" in drawn.xpath("//script/@src")) == (tag != ENGLISH)
    assert drawn.xpath("string(//form//*[@data-send])") == language(tag).text("Post comment")
