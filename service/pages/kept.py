"""Comments as they were drawn before: a page that is drawn anew shows mostly those that it showed a moment ago.

What a comment is drawn from is what it is kept by, all of it: the view, without what is below it, and the site's
settings. One that was edited, voted on or taken down is another one, so nothing here can be out of date, and a page
comes out byte by byte as it would without.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Hashable
from typing import Any

from markupsafe import Markup

from service.pages.settings import FrameSettings
from service.pages.views import CommentView

_MOST = 8 * 2**20  # bytes
_OVERHEAD = 1_500  # bytes: the key of one, its author, and its place in the dictionary
_TURN = 60.0  # seconds after which what nobody asked for is dropped: texts that are gone are not to stay for long

Draw = Callable[..., Markup]


class Kept:
    """What was drawn lately, in two halves: the older is what nobody has asked for since."""

    def __init__(self, *, most: int = _MOST, clock: Callable[[], float] = time.monotonic) -> None:
        """At most so many bytes of it."""
        self._half = most // 2
        self._clock = clock
        self._young: dict[Hashable, Markup] = {}
        self._old: dict[Hashable, Markup] = {}
        self._bytes = 0
        self._since = clock()

    def article(
        self,
        lang: str,
        draw: Draw,
        view: CommentView,
        settings: FrameSettings,
        to: CommentView | None = None,
        is_focus: bool = False,  # noqa: FBT001, FBT002  # as the templates call it
        may_fold: bool = True,  # noqa: FBT001, FBT002
    ) -> Markup:
        """A comment without what is below it, as `draw`, the macro `article` of that language, makes it."""
        key = (lang, *_own(view), settings, None if to is None else (to.id, to.author), is_focus, may_fold)
        if self._clock() - self._since > _TURN:
            self._turn()
        if (drawn := self._young.get(key)) is None:
            drawn = self._old.get(key)
            if drawn is None:
                drawn = draw(view, settings, to, is_focus, may_fold)
            self._keep(key, drawn, view)
        return drawn

    def _keep(self, key: Hashable, drawn: Markup, view: CommentView) -> None:
        size = sys.getsizeof(drawn) + sys.getsizeof(view.html) + _OVERHEAD
        if self._bytes + size > self._half:
            self._turn()
        if size <= self._half:
            self._young[key] = drawn
            self._bytes += size

    def _turn(self) -> None:
        self._old, self._young = self._young, {}
        self._bytes, self._since = 0, self._clock()


def _own(view: CommentView) -> tuple[Any, ...]:
    """All that a view says of the comment itself."""
    return tuple(value for name, value in vars(view).items() if name != "replies")
