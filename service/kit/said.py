"""Sentences for readers that can be said in their language later, where that is known."""

from __future__ import annotations

from typing import Self


def N_(message: str) -> str:  # noqa: N802  # its name wherever gettext is used
    """The message itself: marks it for the catalogues where it is written before it is said."""
    return message


class Said(str):
    """A sentence in English that remembers its message and what was put into it.

    `Said("Held because it contains %(quote)s.", quote="“x”")`. The message is what catalogues know.
    """

    __slots__ = ("message", "values")

    message: str
    values: dict[str, str]

    def __new__(cls, message: str, **values: str) -> Self:
        made = super().__new__(cls, message % values if values else message)
        made.message, made.values = message, values
        return made
