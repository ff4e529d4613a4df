"""The languages readers are spoken to in. Texts are gettext catalogues (`texts/*.po`); what CLDR knows comes by Babel.

A catalogue's plural forms are those of CLDR in CLDR's order, so the scripts' `Intl.PluralRules` finds the same ones.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.core import negotiate_locale
from babel.dates import format_date, format_time
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from service.kit.said import Said

Direction = Literal["ltr", "rtl"]

TEXTS = Path(__file__).parent / "texts"
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(file.stem for file in TEXTS.glob("*.po")))
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
# The date first, then the month, as most of the world writes it that writes English.
_DATES = {ENGLISH: "en_GB"}
_LONGEST_TAG = 35  # characters: what is to be made room for (RFC 5646 section 4.4.1)


class Language:
    """One language: its texts, and how it writes numbers and dates."""

    def __init__(self, tag: str) -> None:
        """`tag` is one of LANGUAGES."""
        self.tag = tag
        self.locale = Locale.parse(tag)
        self._dates = Locale.parse(_DATES.get(tag, tag))
        self.direction: Direction = "rtl" if self.locale.text_direction == "rtl" else "ltr"
        self.catalogue: NullTranslations = NullTranslations() if tag == ENGLISH else _readied(catalogue(tag))

    def __repr__(self) -> str:
        return f"Language({self.tag!r})"

    def text(self, message: str, **values: str) -> str:
        """A message in this language, or in English where it has none."""
        said = self.catalogue.gettext(message) if message else ""
        return said % values if values else said

    def counted(self, one: str, many: str, number: int) -> str:
        """A message that counts, in the plural form of this language; `%(num)s` stands for the number."""
        said: str = self.catalogue.ngettext(one, many, number)
        return said % {"num": self.number(number)}

    def say(self, sentence: str) -> str:
        """A sentence again in this language: as `text`, with what was put into it when it was said."""
        return self.text(sentence.message, **sentence.values) if isinstance(sentence, Said) else self.text(sentence)

    def number(self, number: int) -> str:
        """`1,204` as it is written in this language, in the digits that its pages use."""
        return _number(self.locale, number)

    def span(self, number: int, unit: str) -> str:
        """`30 days` in this language; `unit` is CLDR's, such as `day`."""
        return str(format_unit(number, f"duration-{unit}", locale=self.locale))

    def date(self, at: datetime) -> str:
        """`24 Nov 2026, 17:31 UTC`: for readers without scripts; scripts say it in the reader's own zone."""
        return _date(self._dates, at.replace(second=0, microsecond=0))


@cache
def language(tag: str) -> Language:
    """The language of a tag. Raises KeyError for one there are no texts in."""
    if tag not in LANGUAGES:
        raise KeyError(tag)
    return Language(tag)


def chosen(*wanted: str | None) -> Language:
    """The first of the wanted tags there are texts in, `pt-BR` being `pt` too; English when there are none."""
    # What is longer is no tag, and is not to stay in memory.
    return _chosen(*(tag for tag in wanted if tag and len(tag) <= _LONGEST_TAG))


@lru_cache(maxsize=1_000)
def _chosen(*wanted: str) -> Language:
    for tag in wanted:
        found = negotiate_locale([tag.replace("_", "-")], LANGUAGES, sep="-")
        if found is not None:
            return language(found)
    return language(ENGLISH)


def catalogue(tag: str) -> Catalog:
    """The catalogue of a language, as translators have it."""
    with (TEXTS / f"{tag}.po").open("rb") as file:
        return read_po(file, locale=tag)


def script_texts(tag: str) -> bytes:
    """A script that tells the frame's scripts their texts in a language: by the English text, plurals by category."""
    known = catalogue(tag)
    tags = plural_tags(known.locale)
    texts = {_english(message): _texts(message, tags) for message in known if is_of_scripts(message) and message.string}
    return b"parleyTexts=" + json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()


def is_of_scripts(message: Message) -> bool:
    """Whether it is said by the frame's scripts."""
    return any(file.startswith("embed/") for file, _ in message.locations)


def plural_tags(locale: Locale | None) -> tuple[str, ...]:
    """CLDR's plural categories of a language, in the order of a catalogue's forms."""
    known = (locale or Locale.parse(ENGLISH)).plural_form.tags | {"other"}
    return tuple(tag for tag in CATEGORIES if tag in known)


def accepted(header: str) -> tuple[str, ...]:
    """The tags of an Accept-Language header, the most wanted first (RFC 9110 section 12.5.4)."""
    weighed = [(_weight(params), tag.strip()) for tag, _, params in (part.partition(";") for part in header.split(","))]
    return tuple(tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0])[:10] if weight > 0 and is_tag(tag))


def is_tag(tag: str) -> bool:
    """Whether it looks like a language to CLDR."""
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


def _weight(params: str) -> float:
    name, _, value = params.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _english(message: Message) -> str:
    return str(message.id[0] if message.pluralizable else message.id)


def _texts(message: Message, tags: Iterable[str]) -> str | dict[str, str]:
    if not message.pluralizable:
        return str(message.string)
    return {tag: str(form) for tag, form in zip(tags, message.string or (), strict=True) if form}


def _readied(known: Catalog) -> NullTranslations:
    written = io.BytesIO()
    write_mo(written, known)
    written.seek(0)
    made = _Readied(written)
    rule, tags = (known.locale or Locale.parse(ENGLISH)).plural_form, plural_tags(known.locale)
    made.plural = lambda number: tags.index(rule(number))
    return made


class _Readied(GNUTranslations):
    """A catalogue whose plural rule is CLDR's, not the header's: gettext's grammar cannot say all of CLDR's."""

    plural: Callable[[int], int]


@lru_cache(maxsize=4_096)
def _number(locale: Locale, number: int) -> str:
    return str(format_decimal(number, locale=locale))


@lru_cache(maxsize=4_096)
def _date(locale: Locale, at: datetime) -> str:
    return f"{format_date(at, 'medium', locale=locale)}, {format_time(at, 'short', locale=locale)} UTC"
