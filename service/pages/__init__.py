"""Pages turns views into HTML; it is pure, and holds the views, the one shape of JSON, HTML and OpenAPI."""

from service.pages import draw
from service.pages.settings import REPORT_REASONS, FrameSettings, Theme

__all__ = ["REPORT_REASONS", "FrameSettings", "Theme", "draw"]
