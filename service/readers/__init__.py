"""Readers own accounts that readers make themselves: ways in that were proven, sessions they can list and end."""

from service.readers.accounts import forget_person
from service.readers.codes import CodeWrong, ReadersRefused, ask_code, enter, forget_codes, letter_for
from service.readers.events import CodeAsked
from service.readers.proven import has_proven
from service.readers.providers import READY, Providers, read_providers
from service.readers.rules import ReaderRules
from service.readers.sessions import PREFIX, Session, end, end_all, forget_sessions, of_reader, person_of_session
from service.readers.windows import forget_windows

__all__ = [
    "PREFIX",
    "READY",
    "CodeAsked",
    "CodeWrong",
    "Providers",
    "ReaderRules",
    "ReadersRefused",
    "Session",
    "ask_code",
    "end",
    "end_all",
    "enter",
    "forget_codes",
    "forget_person",
    "forget_sessions",
    "forget_windows",
    "has_proven",
    "letter_for",
    "of_reader",
    "person_of_session",
    "read_providers",
]
