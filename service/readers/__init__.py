"""Readers own accounts that readers make themselves: ways in that were proven, sessions they can list and end."""

from service.readers.accounts import forget_of_site, forget_person, reader_of
from service.readers.codes import CodeWrong, Entered, ReadersRefused, ask_code, enter, forget_codes, letter_for
from service.readers.events import CodeAsked, WaysChanged
from service.readers.held import held
from service.readers.notices import forget_notices, notice_for, noticed
from service.readers.proofs import forget_proofs
from service.readers.proven import has_proven
from service.readers.providers import READY, Provider, Providers, read_providers
from service.readers.rules import ReaderRules
from service.readers.sessions import PREFIX, Session, end, end_all, forget_sessions, of_reader, person_of_session
from service.readers.windows import forget_windows

__all__ = [
    "PREFIX",
    "READY",
    "CodeAsked",
    "CodeWrong",
    "Entered",
    "Provider",
    "Providers",
    "ReaderRules",
    "ReadersRefused",
    "Session",
    "WaysChanged",
    "ask_code",
    "end",
    "end_all",
    "enter",
    "forget_codes",
    "forget_notices",
    "forget_of_site",
    "forget_person",
    "forget_proofs",
    "forget_sessions",
    "forget_windows",
    "has_proven",
    "held",
    "letter_for",
    "notice_for",
    "noticed",
    "of_reader",
    "person_of_session",
    "read_providers",
    "reader_of",
]
