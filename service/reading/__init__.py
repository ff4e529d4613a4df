"""Reading makes pages: views of a thread, permalinks, counts; what belongs to one viewer is an answer of its own."""

from service.reading.counts import count_pages
from service.reading.feeds import FeedUnknown, replies_feed, replies_token, site_feed, thread_feed
from service.reading.focus import read_focus
from service.reading.page import (
    PageKey,
    read_level,
    read_page,
    read_permalink,
    read_some,
    read_thread,
    site_and_thread,
    site_of_comment,
    sort_of,
    thread_view,
)
from service.reading.rules import ReadingRules
from service.reading.searching import search
from service.reading.viewer import own_comment, read_viewer
from service.reading.views import comment_view, statement_view

__all__ = [
    "FeedUnknown",
    "PageKey",
    "ReadingRules",
    "comment_view",
    "count_pages",
    "own_comment",
    "read_focus",
    "read_level",
    "read_page",
    "read_permalink",
    "read_some",
    "read_thread",
    "read_viewer",
    "replies_feed",
    "replies_token",
    "search",
    "site_and_thread",
    "site_feed",
    "site_of_comment",
    "sort_of",
    "statement_view",
    "thread_feed",
    "thread_view",
]
