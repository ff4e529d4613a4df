"""Threads turn a URL into a thread and keep its aliases, state, counters and version; comments' rows are not theirs."""

from service.threads.brought import brought
from service.threads.thread import (
    ForeignHost,
    Thread,
    ThreadUnknown,
    add_alias,
    bump,
    find,
    find_many,
    get,
    get_many,
    open_thread,
    recounted,
    set_state,
)
from service.threads.urls import CanonicalURL, canonical, origin_allows

__all__ = [
    "CanonicalURL",
    "ForeignHost",
    "Thread",
    "ThreadUnknown",
    "add_alias",
    "brought",
    "bump",
    "canonical",
    "find",
    "find_many",
    "get",
    "get_many",
    "open_thread",
    "origin_allows",
    "recounted",
    "set_state",
]
