"""Reading makes pages: views of a thread, permalinks, counts; what belongs to one viewer is an answer of its own."""

from service.reading.counts import count_pages
from service.reading.feeds import FeedUnknown, page_feed, replies_feed, replies_token, site_feed, thread_feed
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
from service.reading.talk import Latest, discussed, latest, top_authors, window
from service.reading.viewer import own_comment, read_viewer
from service.reading.views import comment_view, statement_view
from service.reading.widgets import Wish, draw_widget, shows_authors

__all__ = [
    "FeedUnknown",
    "Latest",
    "PageKey",
    "ReadingRules",
    "Wish",
    "comment_view",
    "count_pages",
    "discussed",
    "draw_widget",
    "latest",
    "own_comment",
    "page_feed",
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
    "shows_authors",
    "site_and_thread",
    "site_feed",
    "site_of_comment",
    "sort_of",
    "statement_view",
    "thread_feed",
    "thread_view",
    "top_authors",
    "window",
]
