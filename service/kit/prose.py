"""Text in which nothing is Markdown: most comments. What the whole way through `kit.text` would make of it, at once.

Nothing in the alphabet here can begin a tag, an entity, an address or a mark, so there is nothing to parse and nothing
to wall off: what goes out is letters, digits, some punctuation, and the `<p>` and `<br>` put in between. That the two
ways come to the same is a property test (tests/units/kit/test_prose.py).
"""

from __future__ import annotations

import re

# Letters and digits of every script, and what is punctuation and nothing else.
_ALPHABET = re.compile(r"[\w .,;:?!'\"()%/+=$€–—…“”‘’„«»\n-]++")
# A line begins with what no list, heading, rule or code begins with.
_FIRST = r"[^\W\d_]|['\"(–—…“”‘’„«»]"
_BEGINS = re.compile(_FIRST)
_BEGINS_OTHERWISE = re.compile(rf"\n(?!{_FIRST}|\n)")
# Of that alphabet: underscores, blanks that are more than a blank, what becomes a link without any mark (GFM's
# autolinks; those of mail have an @).
_MORE = ("_", "  ", " \n", "://")
_PARAGRAPHS = re.compile(r"\n{2,}")


def is_prose(source: str) -> bool:
    """Whether there is nothing in it but words in lines and paragraphs."""
    # Looked for one after the other: a regular expression for all of it tries each at every letter.
    return (
        _ALPHABET.fullmatch(source) is not None
        and _BEGINS.match(source) is not None
        and not any(more in source for more in _MORE)
        and "www." not in source.lower()
        and not source.endswith(" ")
        and _BEGINS_OTHERWISE.search(source) is None
    )


def html_of(source: str) -> str:
    """Its HTML, where `is_prose`."""
    if "\n" not in source:
        return f"<p>{source}</p>"
    return "<p>" + _PARAGRAPHS.sub("</p><p>", source).replace("\n", "<br>") + "</p>"


def plain_of(source: str) -> str:
    """The same without markup: a line for each line, without those that are empty."""
    return _PARAGRAPHS.sub("\n", source) if "\n" in source else source
