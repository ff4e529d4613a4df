"""What readers are told, in all languages: `python scripts/texts.py` says what is untranslated.

`--write` brings the catalogues (`service/pages/texts/*.po`) in step with the sources; a new language begins with
`--new sv`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from babel import Locale  # noqa: E402  # after the path
from babel.messages.catalog import Catalog, Message  # noqa: E402
from babel.messages.extract import extract  # noqa: E402
from babel.messages.pofile import write_po  # noqa: E402
from babel.plural import to_gettext  # noqa: E402

from service.kit.errors import Refused  # noqa: E402
from service.pages.language import ENGLISH, LANGUAGES, TEXTS, catalogue, plural_tags  # noqa: E402

# Where what readers see is written; the consoles have catalogues of their own.
_TEMPLATES = (
    "article",
    "comments",
    "composer",
    "frame",
    "thread",
    "plain_answer",
    "own",
    "own_parts",
    "own_message",
    "own_mail",
    "mail_texts",
    "mail_news",
    "mail_page",
    "privacy",
    "own_ways",
    "sign_in",
    "sign_in_passkey",
)
_PYTHON_FILES = (
    *(
        "pages/settings.py",
        "pages/widgets.py",
        "pages/words.py",
        "plain/api.py",
        "plain/forms.py",
        "posting/consulting.py",
    ),
    *(
        "mailing/api_pages.py",
        "posting/post.py",
        "posting/taking_part.py",
        "readers/codes.py",
        "readers/notices.py",
        "privacy/api_pages.py",
        "privacy/retention.py",
        "reading/searching.py",
        "reading/widgets.py",
        "screening/judge.py",
        "web/acts.py",
        "web/own_ways.py",
    ),
)
# Whose refusals readers meet. Those for programs, publishers and staff are in English.
_REFUSING = (
    *("comments.comment", "kit.builder", "kit.errors", "kit.intake", "limits.spend", "plain.forms", "posting.change"),
    *(
        "posting.post",
        "mailing.addresses",
        "mailing.links",
        "mailing.subscriptions",
        "mailing.wishes",
        "posting.taking_part",
        "privacy.api_pages",
        "privacy.erasures",
        "privacy.exports",
        "privacy.own",
        "readers.accounts",
        "readers.api_ways",
        "readers.codes",
        "readers.joining",
        "readers.passkeys",
        "readers.proofs",
        "readers.ways",
        "sanctions.standing",
        "threads.thread",
    ),
    *("votes.cast", "web.me", "web.who"),
)
_PYTHON = {"N_": None, "Said": None, "Invalid": None, "counted": (1, 2)}
_SCRIPT = {"_": None, "ngettext": (1, 2)}
_TEMPLATE = {"_": None, "ngettext": (1, 2)}
_Found = tuple[str, int, str | tuple[str, ...]]


def template() -> Catalog:
    """Every text there is, as the sources have it."""
    made = Catalog(charset="utf-8", fuzzy=False)
    for file, line, message in sorted(_found(), key=lambda each: each[:2]):
        made.add(message, locations=[(file, line)])
    return made


def untranslated(tag: str, texts: Catalog) -> list[str]:
    """The texts a language does not have, in English."""
    known = catalogue(tag)
    return [_english(message) for message in texts if message.id and not _is_whole(known.get(message.id))]


def in_step(tag: str, texts: Catalog) -> bytes:
    """A language's catalogue with the texts of today: what is gone is left out, what is new waits for a translator."""
    known = catalogue(tag) if (TEXTS / f"{tag}.po").exists() else Catalog(locale=tag)
    made = Catalog(locale=tag, charset="utf-8", fuzzy=False, header_comment=f"# {Locale.parse(tag).english_name}")
    # `e`, an exponent as in "1.2M", is 0 for the whole numbers we write; gettext's grammar has no such thing.
    rule = to_gettext(Locale.parse(tag).plural_form).replace("e == 0", "1").replace("e >= 0 && e <= 5", "1")
    made._num_plurals = len(plural_tags(Locale.parse(tag)))  # type: ignore[assignment]  # noqa: SLF001  # Babel's own are another list's
    made._plural_expr = rule.partition("plural=")[2].strip(" ;")  # type: ignore[assignment]  # noqa: SLF001  # likewise
    for message in texts:
        if message.id:
            had = known.get(message.id)
            made.add(message.id, had.string if had else None, locations=_files(message))
    written = BytesIO()
    write_po(written, made, width=120, omit_header=False, sort_output=False, include_lineno=False)
    lines = written.getvalue().splitlines(keepends=True)
    # Dates and tools change with every run and say nothing.
    idle = (
        *(b'"POT-Creation', b'"PO-Revision', b'"Project-Id', b'"Report-Msgid'),
        *(b'"Last-Translator', b'"Language-Team', b'"Generated-By'),
    )
    return b"".join(line for line in lines if not line.startswith(idle))


def main() -> int:
    """Say what is missing; 1 when a catalogue is not in step with the sources."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="bring the catalogues in step")
    parser.add_argument("--new", metavar="TAG", help="begin another language")
    asked = parser.parse_args()
    texts, is_stale = template(), False
    print(f"{len(texts)} texts")
    for tag in (*(tag for tag in LANGUAGES if tag != ENGLISH), *([asked.new] if asked.new else [])):
        file, wanted = TEXTS / f"{tag}.po", in_step(tag, texts)
        if asked.write or tag == asked.new:
            file.write_bytes(wanted)
        is_stale |= file.read_bytes() != wanted
        missing = untranslated(tag, texts)
        print(f"{tag}: {len(missing)} untranslated", *missing, sep="\n    ")
    if is_stale:
        print("The catalogues are not in step with the sources: python scripts/texts.py --write")
    return int(is_stale)


def _found() -> Iterator[_Found]:
    pages = ROOT / "service" / "pages" / "templates"
    for name in _TEMPLATES:
        yield from _extracted("jinja2.ext:babel_extract", pages / f"{name}.html", _TEMPLATE)
    for file in sorted((ROOT / "embed" / "src").glob("*/say.ts")):
        if file.parent.name == "console":
            continue  # has catalogues of its own
        yield from _extracted("javascript", file, _SCRIPT)
    for name in _PYTHON_FILES:
        yield from _extracted("python", ROOT / "service" / name, _PYTHON)
    yield from _refusals()


def _extracted(method: str, file: Path, keywords: Mapping[str, tuple[int, ...] | None]) -> Iterator[_Found]:
    options = {"extensions": "jinja2.ext.i18n", "silent": "false", "trim_blocks": "true"}
    with file.open("rb") as source:
        for line, message, *_ in extract(method, source, keywords, options=options):
            if message:
                yield file.relative_to(ROOT).as_posix(), line, message


def _refusals() -> Iterator[_Found]:
    """The docstrings of refusals are what readers are told."""
    modules = {importlib.import_module(f"service.{name}").__name__ for name in _REFUSING}
    for kind in _below(Refused):
        if kind.__module__ in modules:
            yield kind.__module__.replace(".", "/") + ".py", 0, kind.message()


def _below(kind: type[Refused]) -> Iterator[type[Refused]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def _files(message: Message) -> list[tuple[str, int]]:
    return [(file, 0) for file in sorted({file for file, _ in message.locations})]


def _english(message: Message) -> str:
    return str(message.id[0] if message.pluralizable else message.id)


def _is_whole(message: Message | None) -> bool:
    forms = message.string if message else None
    return bool(forms) and (isinstance(forms, str) or all(forms or ()))


if __name__ == "__main__":
    sys.exit(main())
