"""Threads turn a URL into a thread and keep its aliases, state, counters and version; comments' rows are not theirs."""

from service.threads.brought import BroughtPage, BroughtThreads, count_brought, open_brought
from service.threads.events import ThreadClosed, ThreadReopened
from service.threads.sections import Section, ThreadRules
from service.threads.thread import (
    ForeignHost,
    Thread,
    ThreadUnknown,
    add_alias,
    asking,
    bump,
    count_named,
    find,
    find_many,
    get,
    get_many,
    of_pages,
    open_thread,
    page_tag,
    recounted,
    set_state,
    sort_into_sections,
    unopened_tag,
)
from service.threads.urls import CanonicalURL, canonical, origin_allows

__all__ = [
    "BroughtPage",
    "BroughtThreads",
    "CanonicalURL",
    "ForeignHost",
    "Section",
    "Thread",
    "ThreadClosed",
    "ThreadReopened",
    "ThreadRules",
    "ThreadUnknown",
    "add_alias",
    "asking",
    "bump",
    "canonical",
    "count_brought",
    "count_named",
    "find",
    "find_many",
    "get",
    "get_many",
    "of_pages",
    "open_brought",
    "open_thread",
    "origin_allows",
    "page_tag",
    "recounted",
    "set_state",
    "sort_into_sections",
    "unopened_tag",
]
