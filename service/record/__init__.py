"""The record keeps acts of those with authority in one append-only chain a site; what they mean is others' affair."""

from service.record.append import PLATFORM, SYSTEM, TERMINAL, Actor, append
from service.record.entries import Entry, Filter, entries, lines, was_noted
from service.record.forget import DETAIL_LIFE, forget_chain, forget_expired, forget_person
from service.record.verify import Chain, Fault, chains, verify

__all__ = [
    "DETAIL_LIFE",
    "PLATFORM",
    "SYSTEM",
    "TERMINAL",
    "Actor",
    "Chain",
    "Entry",
    "Fault",
    "Filter",
    "append",
    "chains",
    "entries",
    "forget_chain",
    "forget_expired",
    "forget_person",
    "lines",
    "verify",
    "was_noted",
]
