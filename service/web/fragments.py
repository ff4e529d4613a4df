"""Comments as pieces of HTML, drawn for one site's frame."""

from __future__ import annotations

from service.mailing import rules_of as mail_rules_of
from service.pages import FrameSettings, draw
from service.pages.looks import LookRules, overlaid, stylesheet
from service.pages.views import CommentView
from service.posting import PostingRules
from service.readers import READY, ReaderRules
from service.reading import ReadingRules
from service.sites import Site
from service.sso import SSORules


def frame_settings(site: Site, asked: str | None = None) -> FrameSettings:
    """How the site wants its frame; `asked` are looks that a snippet lays over the site's."""
    looks = site.section("looks", LookRules)
    if asked:
        looks = overlaid(looks, asked)
    readers = site.section("readers", ReaderRules)
    sso = site.section("sso", SSORules)
    posting, reading = site.section("posting", PostingRules), site.section("reading", ReadingRules)
    return FrameSettings(
        max_length=posting.max_length,
        may_guests_post=posting.who == "guests",
        may_vote=posting.votes,
        depth_shown=reading.depth_shown,
        edit_seconds=posting.edit_seconds,
        lang=looks.lang,
        login_url=sso.login_url,
        logout_url=sso.logout_url,
        account_name=sso.name,
        may_sign_in_by_mail=readers.email,
        providers=tuple((each, READY[each][0] if each in READY else each.capitalize()) for each in readers.providers),
        may_use_passkeys=readers.takes_passkeys,
        may_have_mail=mail_rules_of(site).enabled,
        style=stylesheet(looks),
    )


def comment_fragment(site: Site, view: CommentView, lang: str | None) -> str:
    """One comment as HTML, at the level it is drawn at."""
    settings = frame_settings(site)
    return draw.comment(view, settings=settings, level=min(view.depth, settings.depth_shown), lang=lang)
