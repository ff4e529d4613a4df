"""The words of templates: `_` and `ngettext`, as Jinja's own do it and several times as quick.

Jinja's look up the context, call each other and make a string that escapes for every word on a page, of which there
are some hundreds; most of these words are always the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from service.pages.language import Language

_Said = Callable[..., str]


def sayings(spoken: Language) -> dict[str, _Said]:
    """Globals for the templates of one language.

    As with Jinja's, a message is always a format, and what is put into it is escaped where its surroundings are.
    """
    catalogue = spoken.catalogue

    @lru_cache(1_000)
    def constant(message: str) -> Markup:
        return Markup(catalogue.gettext(message)) % {}  # noqa: S704  # what is ours

    @pass_eval_context
    def gettext(around: EvalContext, message: str, /, **values: Any) -> str:
        if not values and around.autoescape:
            return constant(message)
        return _as(around, catalogue.gettext(message)) % values

    @pass_eval_context
    def ngettext(around: EvalContext, one: str, many: str, number: int, /, **values: Any) -> str:
        values.setdefault("num", number)
        return _as(around, catalogue.ngettext(one, many, number)) % values

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


def _as(around: EvalContext, said: str) -> str:
    return Markup(said) if around.autoescape else said  # noqa: S704  # what is ours
