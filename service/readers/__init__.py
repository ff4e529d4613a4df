"""Readers own accounts that readers make themselves: ways in that were proven, sessions they can list and end."""

from service.readers.codes import CodeWrong, ReadersRefused, ask_code, enter, forget_codes, letter_for
from service.readers.events import CodeAsked
from service.readers.rules import ReaderRules
from service.readers.sessions import Session, end, end_all, forget_sessions, of_reader, person_of_session

__all__ = [
    "CodeAsked",
    "CodeWrong",
    "ReaderRules",
    "ReadersRefused",
    "Session",
    "ask_code",
    "end",
    "end_all",
    "enter",
    "forget_codes",
    "forget_sessions",
    "letter_for",
    "of_reader",
    "person_of_session",
]
