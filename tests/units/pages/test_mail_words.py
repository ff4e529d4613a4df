"""The catalogues of mail: whole, with the same places to fill in, and with a form for every number."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest

from service.pages.draw import CONSOLE_LANGUAGES
from service.pages.mail_words import MAIL_WORDS, MailWords, mail_words


def _texts(words: MailWords) -> Iterator[tuple[str, str]]:
    for field in dataclasses.fields(words):
        value = getattr(words, field.name)
        if isinstance(value, str):
            yield field.name, value
        elif isinstance(value, tuple):
            yield field.name, value[-1]
        elif isinstance(value, dict):
            yield from ((f"{field.name}.{name}", said) for name, said in value.items())


@pytest.mark.parametrize("language", CONSOLE_LANGUAGES)
def test_every_catalogue_says_everything_with_the_same_places(language: str) -> None:
    english, words = dict(_texts(mail_words("en"))), dict(_texts(MAIL_WORDS[language]))
    assert words.keys() == english.keys()
    for name, said in words.items():
        assert said
        assert set(re.findall(r"{\w+}", said)) == set(re.findall(r"{\w+}", english[name])), name


@pytest.mark.parametrize("language", CONSOLE_LANGUAGES)
def test_there_is_a_form_for_every_number(language: str) -> None:
    words = mail_words(language)
    for count in range(250):
        for forms in (words.open, words.subject_many, words.subject_digest):
            said = words.counted(forms, count, site="News")
            assert "News" in said
            assert "{" not in said
            assert count < 3 or str(count) in said


def test_a_language_there_is_not_is_english() -> None:
    assert mail_words("xx").language == "en"
