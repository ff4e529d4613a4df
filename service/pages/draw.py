"""From views to HTML: pure functions over templates, which escape everything but `CommentView.html`, safe already.

`asset` is `kit.assets.Assets.url`: logical name of a built file to its path.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined, Template
from jinja2.bccache import Bucket
from markupsafe import Markup

from service.pages import words
from service.pages.api_docs import APIDocs
from service.pages.console_views import (
    ConsoleApp,
    ConsoleEnter,
    ConsoleGrant,
    ConsoleLog,
    ConsoleMessage,
    ConsoleQueue,
    ConsoleSignIn,
)
from service.pages.kept import Kept
from service.pages.language import Language, chosen, language
from service.pages.links import Links
from service.pages.mail_views import MailAlertView, MailLinkPage, MailStopPage
from service.pages.own_views import OwnMessage, OwnPage, PrivacyNotice
from service.pages.plain import Filled, PlainAnswer
from service.pages.reader_mail_views import ConfirmMail, MailPage, ReaderMail
from service.pages.sayings import sayings
from service.pages.settings import FrameSettings, Theme
from service.pages.views import CommentsView, CommentView, PageView, PermalinkView, Sort, ThreadView
from service.pages.ways_views import WaysPage
from service.pages.widgets import WidgetView

Asset = Callable[[str], str]

# Those there is a catalogue of (embed/src/console/texts).
CONSOLE_LANGUAGES = ("en", "de", "ar")


def frame(
    page: PageView,
    *,
    asset: Asset,
    settings: FrameSettings,
    host: str | None = None,
    lang: str | None = None,
    theme: Theme | None = None,
    looks: str | None = None,
    identifier: str | None = None,
    focus: PermalinkView | None = None,
    is_missing: bool = False,
    is_continued: bool = False,
) -> str:
    """The frame's whole document.

    `lang` is the article's language; without one, or where there are no texts in it, the site's own is spoken, else
    English. `host` is the origin of the embedding page, validated by the caller; None outside of a frame.
    `identifier` and `looks` are what the snippet said, kept in links. The request's `title` is not drawn: the page is
    the same for all who ask, so what one of them made up must not get in (the script takes it from the address).
    `focus` draws that comment, with those above and below it, instead of `page.items`. `is_missing`: a permalink was
    asked for whose comment is not there, so the page says that and shows the discussion. `is_continued`: the page
    begins behind a cursor.
    """
    asked = {
        "identifier": identifier,
        "host": host,
        "lang": lang,
        "theme": theme,
        "looks": looks,
    }
    return _template("frame.html", chosen(lang, settings.lang)).render(
        page=page,
        thread=page.thread,
        asset=asset,
        settings=settings,
        host=host,
        theme=theme,
        focus=focus,
        is_missing=is_missing,
        is_continued=is_continued,
        links=Links(page.thread, page.sort, page.sorts[0], asked),
    )


def thread(
    page: PageView,
    *,
    asset: Asset,
    settings: FrameSettings,
    jsonld: str,
    lang: str | None = None,
    focus: PermalinkView | None = None,
    is_missing: bool = False,
    is_continued: bool = False,
    query: str | None = None,
    results: CommentsView | None = None,
) -> str:
    """The discussion as a page of its own, from the same template.

    `jsonld` as `jsonld.embedded` writes it; `results` are what a search for `query` found, drawn instead of the page.
    """
    return _template("thread.html", chosen(lang, settings.lang)).render(
        page=page,
        thread=page.thread,
        asset=asset,
        settings=settings,
        host=None,
        theme=None,
        focus=focus,
        is_missing=is_missing,
        is_continued=is_continued,
        is_first_view=focus is None and results is None and not is_continued and page.sort == page.sorts[0],
        query=query,
        results=results,
        jsonld=jsonld,
        links=Links(page.thread, page.sort, page.sorts[0], {"lang": lang}, is_standing=True),
    )


def plain_answer(
    answer: PlainAnswer,
    *,
    thread: ThreadView,
    asset: Asset,
    settings: FrameSettings,
    asked: Mapping[str, str | None],
    is_standing: bool,
    parent: str | None = None,
    filled: Filled | None = None,
) -> str:
    """What became of something sent by a plain form; with `filled`, the form again, nothing of it lost."""
    return _template("plain_answer.html", chosen(asked.get("lang"), settings.lang)).render(
        answer=answer,
        thread=thread,
        asset=asset,
        settings=settings,
        theme=asked.get("theme"),
        parent=parent,
        filled=filled,
        links=Links(thread, "best", "best", asked, is_standing=is_standing),
    )


def sign_in(code: str | None, *, asset: Asset, lang: str) -> str:
    """The end of a window in which somebody signed in; without a code it did not work."""
    return _template("sign_in.html", chosen(lang)).render(code=code, asset=asset)


def sign_in_passkey(options: Mapping[str, Any], *, asset: Asset, lang: str) -> str:
    """The window in which a passkey is asked for, as `options` have it."""
    return _template("sign_in_passkey.html", chosen(lang)).render(options=json.dumps(options), asset=asset)


def comments(
    items: CommentsView,
    *,
    thread: ThreadView,
    sort: Sort,
    settings: FrameSettings,
    parent: str | None = None,
    level: int = 0,
    lang: str | None = None,
) -> str:
    """`<li>` items and the control for the next page: further roots, or further replies of `parent`.

    `level` is how deep the list is drawn (0 for roots); it comes back from the control as `level` of the request.
    """
    macros: Any = _template("comments.html", chosen(lang, settings.lang)).module
    return str(macros.list(items, Links(thread, sort, None, {}), settings, level, parent))


def found(
    items: CommentsView, *, query: str, thread: ThreadView, settings: FrameSettings, lang: str | None = None
) -> str:
    """What a search found as `<li>` items, each with the way to its place, and the control that looks further back."""
    macros: Any = _template("comments.html", chosen(lang, settings.lang)).module
    return str(macros.found(items, Links(thread, "newest", None, {}, is_standing=True), settings, query))


def comment(view: CommentView, *, settings: FrameSettings, level: int = 0, lang: str | None = None) -> str:
    """One comment as `<li>`, without its replies."""
    macros: Any = _template("comments.html", chosen(lang, settings.lang)).module
    return str(macros.item(view, None, settings, level))


def widget(view: WidgetView, *, asset: Asset, settings: FrameSettings, theme: Theme | None = None) -> str:
    """A widget as a document of its own, for a frame."""
    spoken = language(view.lang)
    return _template("widget.html", spoken).render(view=view, asset=asset, settings=settings, theme=theme)


def widget_piece(view: WidgetView) -> str:
    """A widget as a piece of a page."""
    macros: Any = _template("widget_parts.html", language(view.lang)).module
    return str(macros.widget(view))


def console_app(view: ConsoleApp, *, asset: Asset) -> str:
    """Where the console's script starts; without one it leads on to the plain pages."""
    return _template("console_app.html").render(view=view, asset=asset, languages=CONSOLE_LANGUAGES)


def console_queue(view: ConsoleQueue, *, asset: Asset) -> str:
    """The list of cases."""
    return _template("console_queue.html").render(view=view, user=view.user, asset=asset)


def console_log(view: ConsoleLog, *, asset: Asset) -> str:
    """The record of decisions."""
    return _template("console_log.html").render(view=view, user=view.user, asset=asset)


def console_sign_in(view: ConsoleSignIn, *, asset: Asset) -> str:
    """Where a moderator asks for a link."""
    return _template("console_login.html").render(view=view, user=None, asset=asset)


def console_enter(view: ConsoleEnter, *, asset: Asset) -> str:
    """Where the link in a mail leads."""
    return _template("console_enter.html").render(view=view, user=None, asset=asset)


def console_grant(view: ConsoleGrant, *, asset: Asset) -> str:
    """Where an application sends somebody of the team to be let."""
    return _template("console_grant.html").render(view=view, user=None, asset=asset)


def console_message(view: ConsoleMessage, *, asset: Asset) -> str:
    """A page that says one thing."""
    return _template("console_message.html").render(view=view, user=view.user, asset=asset)


def console_mail(view: MailLinkPage, *, asset: Asset) -> str:
    """Where a link in a mail leads."""
    return _template("console_mail.html").render(view=view, user=None, asset=asset)


def console_mail_stop(view: MailStopPage, *, asset: Asset) -> str:
    """Where a mail's link to end such mail leads."""
    return _template("console_mail_stop.html").render(view=view, user=None, asset=asset)


def mail_alert(view: MailAlertView) -> str:
    """A mail to a moderator; it loads nothing."""
    return _template("mail_alert.html").render(view=view)


def own_page(view: OwnPage, *, asset: Asset, settings: FrameSettings, lang: str | None) -> str:
    """A person's own page."""
    return _template("own.html", chosen(lang, settings.lang)).render(
        view=view, asset=asset, settings=settings, states=words.OWN_STATE_WORDS
    )


def own_ways(view: WaysPage, *, asset: Asset, settings: FrameSettings, lang: str | None) -> str:
    """The ways into a reader's account, and where they are signed in."""
    drawn = _template("own_ways.html", chosen(lang, settings.lang))
    return drawn.render(view=view, asset=asset, settings=settings)


def own_message(view: OwnMessage, *, asset: Asset, settings: FrameSettings | None = None, lang: str | None) -> str:
    """A page about one's own data that says one thing; without `settings` it is of no site."""
    settings = settings or FrameSettings()
    return _template("own_message.html", chosen(lang, settings.lang)).render(view=view, asset=asset, settings=settings)


def reader_mail(view: ReaderMail, lang: str) -> tuple[str, str, str]:
    """A mail to a reader: subject, plain text, HTML. It loads nothing."""
    spoken = chosen(lang)
    texts: Any = _template("mail_texts.html", spoken).module
    drawn = _template("mail_news.html", spoken).render(view=view)
    return str(texts.subject(view)).strip(), f"{str(texts.news(view)).strip()}\n", drawn


def confirm_mail(view: ConfirmMail, lang: str) -> tuple[str, str]:
    """The mail that asks whether an address is whose it is said to be: subject and plain text."""
    texts: Any = _template("mail_texts.html", chosen(lang)).module
    return str(texts.question_subject(view)).strip(), f"{str(texts.question(view)).strip()}\n"


def mail_page(view: MailPage, *, asset: Asset, lang: str | None) -> str:
    """Where a link in a mail to readers leads."""
    settings = FrameSettings()
    return _template("mail_page.html", chosen(lang)).render(view=view, asset=asset, settings=settings)


def privacy_notice(view: PrivacyNotice, *, asset: Asset, settings: FrameSettings, lang: str | None) -> str:
    """What a site keeps about its readers."""
    return _template("privacy.html", chosen(lang, settings.lang)).render(view=view, asset=asset, settings=settings)


def api_docs(docs: APIDocs, *, asset: Asset) -> str:
    """The API, documented for people."""
    return _template("api_docs.html").render(docs=docs, asset=asset)


class _Compiled(BytecodeCache):
    """What templates were compiled to. It is the same in all languages, so no language waits for it but the first."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()
_kept = Kept()


def _template(name: str, spoken: Language | None = None) -> Template:
    return _environment((spoken or language("en")).tag).get_template(name)


@cache
def _environment(tag: str) -> Environment:
    spoken = language(tag)
    environment = Environment(
        loader=PackageLoader("service.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        keep_trailing_newline=False,
        bytecode_cache=_compiled,
    )
    environment.globals |= sayings(spoken)
    environment.filters |= {
        "date": spoken.date,
        "number": spoken.number,
        "span": spoken.span,
        "iso": words.iso,
        "age": words.age,
        "count": words.count,
        "is_long": words.is_long,
        "web_address": words.web_address,
    }
    environment.globals |= {
        "SORT_WORDS": words.SORT_WORDS,
        "GONE_WORDS": words.GONE_WORDS,
        "BADGE_WORDS": words.BADGE_WORDS,
        "lang": spoken.tag,
        "direction": spoken.direction,
        "say": spoken.say,
        "article": partial(_kept.article, spoken.tag, _article(environment)),
    }
    return environment


def _article(environment: Environment) -> Callable[..., Markup]:
    """How one comment is drawn; the template is looked for when there is one to draw."""

    def drawn(*args: Any) -> Markup:
        macros: Any = environment.get_template("article.html").module
        return Markup(macros.article(*args))  # noqa: S704  # it has escaped what is not ours

    return drawn
