"""What the console's pages answer with."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from service import moderation
from service.console.views import user_view
from service.identity import Staff
from service.kit.errors import Refused
from service.pages import draw
from service.pages.console_views import ConsoleMessage, ConsoleNotice
from service.web.parts import Parts

_DONE = {
    "approve": "Approved",
    "reject": "Rejected",
    "spam": "Marked as spam",
    "remove": "Removed",
    "restore": "Restored",
    "feature": "Featured",
    "unfeature": "Not featured any more",
    "close_replies": "Replies closed",
    "open_replies": "Replies opened",
    "pin": "Pinned",
    "unpin": "Unpinned",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def notice(done: str | None, problem: str | None) -> ConsoleNotice | None:
    """What the address says was done, or what was in the way."""
    # Only words of ours: what stands in the address is a key, never a text.
    if done in _DONE:
        return ConsoleNotice(f"{_DONE[done]}.", "good")
    if problem == moderation.ClaimCapReached.type:
        return ConsoleNotice(moderation.ClaimCapReached.message(), "bad")
    return None


def refused(parts: Parts, error: Refused, who: Staff | None) -> Response:
    """A page that says what was refused, and why."""
    view = ConsoleMessage(error.title(), error.detail, user=user_view(who) if who else None)
    return html(draw.console_message(view, asset=parts.assets.url), error.status)


def to_queue(**params: str) -> Response:
    """Back to the list of cases, with what there is to say."""
    query = urlencode({name: value for name, value in params.items() if value})
    return RedirectResponse(f"/console/plain?{query}" if query else "/console/plain", status_code=303)


def html(page: str, status: int = 200) -> Response:
    """A page of the console, as it may be shown and kept."""
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return Response(page, status, headers, "text/html; charset=utf-8")
