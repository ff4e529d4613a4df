"""The discussion as a page of its own, and posting and reporting by plain forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from service import moderation, reading, sites, threads
from service.identity import Visitor
from service.kit.errors import Invalid, Refused
from service.kit.ids import parse_id
from service.kit.paging import InvalidCursor
from service.kit.said import N_
from service.limits import LimitReached
from service.pages import REPORT_REASONS, draw
from service.pages.jsonld import embedded, of_discussion
from service.pages.plain import Filled, PlainAnswer
from service.pages.views import ThreadView
from service.pages.words import iso
from service.plain.forms import ForeignForm, read_form, refuse_foreign
from service.posting import NewComment, Posted
from service.sites import Site
from service.threads import canonical
from service.web import acts
from service.web.documents import HTML, document_headers, language_tag
from service.web.fragments import frame_settings
from service.web.input import PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.respond import LIFE, public, thread_tags
from service.web.who import AllParts, Anyone

router = APIRouter(tags=["plain"])

# What is kept of the frame's address, to come back to the same one.
_ASKED = ("identifier", "host", "lang", "theme", "looks")


@router.get(
    "/t/{thread}",
    response_class=Response,
    responses=raises(threads.ThreadUnknown, Invalid, InvalidCursor, LimitReached),
)
async def get_thread(
    request: Request,
    parts: AllParts,
    who: Anyone,
    thread: Annotated[PublicId, Path(description="A thread's id")],
    sort: Annotated[Text | None, Query(max_length=20, description="Order; the site's default when left out")] = None,
    cursor: Annotated[Text | None, Query(max_length=400, description="Where the page before ended")] = None,
    parent: Annotated[Text | None, Query(max_length=19, description="Show the replies of one comment")] = None,
    comment: Annotated[Text | None, Query(max_length=19, description="Show one comment with those around it")] = None,
    q: Annotated[Text | None, Query(max_length=100, description="Words to look for in the comments")] = None,
    lang: Annotated[
        Text | None, Query(max_length=35, description="Language of the article; the site's when left out")
    ] = None,
) -> Response:
    """The discussion as a page of its own: whole without scripts, its article named as the canonical address."""
    site, found = await parts.db.read(reading.site_and_thread, number(thread))
    about, focus, results = comment or parent, None, None
    page_cursor = cursor if parent is None and not q else None
    page = await parts.db.read(reading.read_thread, site, found, sort, page_cursor)
    if q and about is None:
        await acts.spend(parts, site, "search", who)
        results = await parts.db.read(reading.search, found, q, cursor)
    if about is not None:
        focus = await parts.db.read(reading.read_focus, site, page, about, cursor if parent is not None else None)
    node = of_discussion(page, publisher=site.title, origin=parts.settings.origin, began=iso(found.created_at))
    settings = frame_settings(site)
    drawn = draw.thread(
        page,
        asset=parts.assets.url,
        settings=settings,
        jsonld=embedded(node),
        lang=language_tag(lang),
        focus=focus,
        is_missing=about is not None and focus is None,
        is_continued=cursor is not None,
        query=q,
        results=results,
    )
    headers = document_headers(parts, (), settings.style, site.origins)
    if request.url.query:
        # One address of each discussion is enough for a search engine; the others lead to it.
        headers["X-Robots-Tag"] = "noindex, follow"
    # What was searched for is seldom searched for again.
    return public(request, drawn, HTML, headers, tags=thread_tags(found.id, site.id), life=0 if results else LIFE)


# Not in the document of the API: what these answer is for people.
@router.post("/embed/comments", include_in_schema=False)
async def post_form(request: Request, parts: AllParts, who: Anyone) -> Response:
    """Post a comment by a plain form, as over the API. Says what became of it; a refused text comes back."""
    form = read_form(await request.body())
    site = await parts.db.read(sites.by_name, form.get("site", ""))
    sheet = await _sheet(parts, site, form)
    try:
        refuse_foreign(request.headers, parts.settings.origin)
        new = _new_comment(form)
        posted, _ = await acts.post(parts, site, who, new, _key(parts, site, who, form))
        mail = None
        if form.get("mail_replies"):
            tag = language_tag(form.get("lang")) or frame_settings(site).lang
            mail = await acts.mail_replies(parts, site, who, posted, new.email, tag)
        return sheet.answer(*_told(posted, mail))
    except Refused as error:
        # Another page's words are not put into anybody's mouth: not even to be sent by hand.
        return sheet.refused(error, is_form=not isinstance(error, ForeignForm))


@router.post("/embed/reports", include_in_schema=False)
async def report_form(request: Request, parts: AllParts, who: Anyone) -> Response:
    """Report a comment by a plain form."""
    form = read_form(await request.body())
    site = await parts.db.read(sites.by_name, form.get("site", ""))
    sheet = await _sheet(parts, site, form)
    try:
        refuse_foreign(request.headers, parts.settings.origin)
        if form.get("reason") not in {reason for reason, _ in REPORT_REASONS}:
            raise Invalid("Choose a reason.", field="reason")
        reason = cast("moderation.ReportReason", form["reason"])
        comment = parse_id(form.get("comment", ""), field="comment")
        await acts.report(parts, site, who, comment, reason, form.get("detail", "")[:4_000])
    except Refused as error:
        return sheet.refused(error, is_form=False)
    return sheet.answer(PlainAnswer(N_("Thank you"), (N_("A moderator will look at it."),)), 202)


class _Sheet:
    """The answer to one form, in the looks of the site and with the way back."""

    def __init__(self, parts: Parts, site: Site, thread: ThreadView, form: Mapping[str, str]) -> None:
        self._parts = parts
        self._site = site
        self._thread = thread
        self._form = form

    def answer(self, told: PlainAnswer, status: int, filled: Filled | None = None) -> Response:
        """Say what became of it."""
        form = self._form
        asked = {name: form.get(name) or None for name in _ASKED}
        asked["lang"] = language_tag(asked["lang"])
        if asked["theme"] not in {"light", "dark"}:
            asked["theme"] = None
        is_standing = bool(form.get("alone")) and self._thread.id is not None
        settings = frame_settings(self._site, asked["looks"])
        drawn = draw.plain_answer(
            told,
            thread=self._thread,
            asset=self._parts.assets.url,
            settings=settings,
            asked={"lang": asked["lang"]} if is_standing else asked,
            is_standing=is_standing,
            parent=form.get("parent") or None,
            filled=filled,
        )
        headers = document_headers(self._parts, self._site.origins, settings.style) | {"Cache-Control": "no-store"}
        return Response(drawn, status, headers, HTML)

    def refused(self, error: Refused, *, is_form: bool = True) -> Response:
        """Say why not, and give back what was written."""
        form = self._form
        filled = Filled(form.get("body", ""), form.get("name", ""), form.get("email", ""), error.field)
        reasons = tuple(reason for reason in error.more.get("reasons", ()))
        told = PlainAnswer(N_("It was not sent"), (error.detail, *reasons), is_refused=True)
        response = self.answer(told, error.status, filled if is_form else None)
        response.headers.update(error.headers())
        return response


async def _sheet(parts: Parts, site: Site, form: Mapping[str, str]) -> _Sheet:
    return _Sheet(parts, site, await _thread_of(parts, site, form), form)


async def _thread_of(parts: Parts, site: Site, form: Mapping[str, str]) -> ThreadView:
    """The thread the form was under, for the way back. Raises Invalid, ThreadUnknown."""
    if form.get("thread"):
        found = await parts.db.read(threads.get, parse_id(form["thread"], field="thread"))
        if found.site_id != site.id:
            raise threads.ThreadUnknown(field="thread")
        return reading.thread_view(found, site)
    url = canonical(form.get("url", ""))
    return ThreadView(id=None, site=site.name, url=url.text)


def _new_comment(form: Mapping[str, str]) -> NewComment:
    thread, parent = form.get("thread"), form.get("parent")
    return NewComment(
        body=form.get("body", ""),
        url=None if thread else form.get("url", ""),
        thread=parse_id(thread, field="thread") if thread else None,
        identifier=form.get("identifier") or None,
        parent=parse_id(parent, field="parent") if parent else None,
        name=form.get("name") or None,
        email=acts.email_of(form.get("email")),
    )


def _key(parts: Parts, site: Site, who: Visitor, form: Mapping[str, str]) -> str:
    """What a second press of the button has in common with the first.

    The page is the same for all, so it holds no key; the same words of the same name from the same address, in answer
    to the same comment, are one comment.
    """
    said = [form.get(name, "").strip() for name in ("thread", "url", "parent", "name", "email", "body")]
    if said[0]:
        said[1] = ""
    return parts.keeper.pseudonym("plain-form", "\n".join([str(site.id), who.address, *said]))


_UNKNOWN_LATER = N_(
    "Without scripts and cookies we cannot tell later that it was you: it cannot be edited or deleted from here."
)


_MAIL_WORDS: Mapping[str, str] = {
    "waiting": N_("A mail with a link is on its way to you. Press the button it leads to, and mail begins."),
    "confirmed": N_("You will get mail."),
    "none": N_("To get mail, give your e-mail address."),
}


def _told(posted: Posted, mail: str | None) -> tuple[PlainAnswer, int]:
    """What became of a comment, and of the wish for mail."""
    answer, status = _became(posted)
    more = (_MAIL_WORDS[mail],) if mail is not None and mail in _MAIL_WORDS else ()
    return replace(answer, lines=(*answer.lines, *more)), status


def _became(posted: Posted) -> tuple[PlainAnswer, int]:
    comment = posted.comment
    if comment.is_published and posted.is_repeat:
        return PlainAnswer(N_("This comment is posted already"), (N_("It is there once."),), str(comment.id)), 200
    if comment.is_published:
        return PlainAnswer(N_("Your comment is posted"), (_UNKNOWN_LATER,), str(comment.id)), 201
    if comment.state == "held":
        waits = N_("A moderator looks at it first; until then nobody else can see it.")
        return PlainAnswer(N_("Your comment waits for a moderator"), (waits, *posted.reasons, _UNKNOWN_LATER)), 202
    return PlainAnswer(N_("This comment was sent before"), (N_("It is not there any more."),), is_refused=True), 200
