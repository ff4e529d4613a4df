"""A comment that was drawn before comes out as it would if it were drawn now, whatever about it has changed."""

from __future__ import annotations

import itertools
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup

from service.pages import FrameSettings, draw
from service.pages.kept import Kept
from service.pages.language import language
from service.pages.sayings import sayings
from service.pages.views import AuthorView, CommentView
from tests.units.pages.made import NOW, SETTINGS, comment

ADA, BEN = comment("Ada"), comment("Ben")
# Each field of a view, in values that are drawn differently or may come to be.
OTHERS: dict[str, Any] = {
    "id": "1734301234567999999",
    "thread": "1734301234567000002",
    "parent": "1734301234567000003",
    "depth": 4,
    "state": "held",
    "gone": "removed",
    "author": AuthorView(name="Ada", badge="editor", avatar="https://pictures.test/a.png"),
    "html": "<p>Other words</p>",
    "created_at": NOW + timedelta(days=9),
    "edited_at": NOW,
    "version": 7,
    "up": 3,
    "down": 4,
    "score": 5,
    "reply_count": 6,
    "featured": True,
    "pinned": True,
    "replies_closed": True,
}
ASKED: list[dict[str, Any]] = [
    {},
    {"to": BEN},
    {"to": BEN.model_copy(update={"author": None})},
    {"to": BEN.model_copy(update={"author": AuthorView(name="Bob")})},
    {"is_focus": True},
    {"may_fold": False},
    {"settings": replace(SETTINGS, may_vote=False)},
    {"settings": replace(SETTINGS, report_reasons=())},
]


def drawn(kept: Kept, view: CommentView, *, lang: str = "en", settings: FrameSettings = SETTINGS, **more: Any) -> str:
    """By `kept`, with the templates of that language."""
    return kept.article(lang, draw._article(draw._environment(lang)), view, settings, **more)


def test_every_field_of_a_view_is_looked_at() -> None:
    assert OTHERS.keys() | {"replies"} == CommentView.model_fields.keys()


@given(
    st.lists(st.tuples(st.sampled_from(sorted(OTHERS)), st.sampled_from(ASKED), st.sampled_from(["en", "de", "ar"])))
)
def test_it_is_drawn_as_if_nothing_were_kept(steps: list[tuple[str, dict[str, Any], str]]) -> None:
    """What is asked for in turn: a view with something changed, and then back again."""
    kept = Kept()
    for name, asked, lang in steps:
        for view in (ADA, ADA.model_copy(update={name: OTHERS[name]}), ADA):
            assert drawn(kept, view, lang=lang, **asked) == drawn(Kept(), view, lang=lang, **asked)


def test_what_is_there_is_not_drawn_again_until_it_was_not_asked_for_in_two_turns() -> None:
    times, moment = 0, 0.0

    def draw_it(view: CommentView, *_: Any) -> Markup:
        nonlocal times
        times += 1
        return Markup(view.id)  # noqa: S704  # a number

    kept = Kept(clock=lambda: moment)
    for seconds, expected in ((0.0, 1), (50.0, 1), (70.0, 1), (140.0, 1)):
        moment = seconds
        kept.article("en", draw_it, ADA, SETTINGS)
        kept.article("en", draw_it, ADA, SETTINGS)
        assert times == expected
    moment = 210.0
    kept.article("en", draw_it, BEN, SETTINGS)
    moment = 280.0
    kept.article("en", draw_it, BEN, SETTINGS)
    assert not any(ADA.id in str(each) for half in (kept._young, kept._old) for each in half.values())


def test_it_holds_no_more_than_it_may() -> None:
    kept = Kept(most=100_000)
    for number in range(200):
        kept.article("en", lambda *_: Markup("").join("x" * 2_000), ADA.model_copy(update={"up": number}), SETTINGS)
        assert sum(len(each) for half in (kept._young, kept._old) for each in half.values()) <= 100_000
    huge = ADA.model_copy(update={"html": "x" * 100_000})
    assert kept.article("en", lambda *_: Markup("y"), huge, SETTINGS) == "y"
    assert "y" not in kept._young.values()


def test_its_room_is_what_is_really_taken() -> None:
    """The keys as well: a view and its author, of which nothing is shared with another page's."""
    kept = Kept(most=1_000_000)
    tracemalloc.start()
    try:
        before, number = tracemalloc.get_traced_memory()[0], 0
        while not kept._old:
            number += 1
            view = ADA.model_copy(
                update={
                    "id": str(10**18 + number),
                    "author": AuthorView(name=f"Ada {number}"),
                    "html": f"{number:0600}",
                }
            )
            kept.article("en", lambda *_, text=number: Markup("{:02000}").format(text), view, SETTINGS)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 300_000 < taken < 550_000  # a half of it is full


_SHOW = '"Show %(num)s reply", "Show %(num)s replies", n'
SAID = f"""{{{{ _("Reply") }}}}{{{{ _("Reply to %(name)s", name=name) }}}}{{{{ _("100 %%") }}}}
{{{{ _(name.join(["a", "b"])) }}}}{{{{ ngettext({_SHOW}) }}}}{{{{ ngettext({_SHOW}, num=name) }}}}"""


@pytest.mark.parametrize("tag", ["en", "de", "ar"])
def test_words_are_said_as_jinja_says_them(tag: str) -> None:
    """Escaped where their surroundings are, and not where they are not."""
    spoken = language(tag)
    jinjas, ours = Environment(autoescape=True, extensions=["jinja2.ext.i18n"]), Environment(autoescape=True)
    jinjas.install_gettext_translations(spoken.catalogue, newstyle=True)  # type: ignore[attr-defined]  # i18n's
    ours.globals |= sayings(spoken)
    both = f"{SAID}{{% autoescape false %}}{SAID}{{% endautoescape %}}"
    theirs, same = jinjas.from_string(both), ours.from_string(both)
    for name, n in itertools.product(("", "a", "<b>", "&amp;'\""), range(13)):
        assert same.render(name=name, n=n) == theirs.render(name=name, n=n)
