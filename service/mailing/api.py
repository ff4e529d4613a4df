"""Mail to readers over the API: asking for it, how it stands, ending it; and the way in for mail that came back."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import AfterValidator, Field

from service import identity, mailing, posting, threads
from service.comments import CommentUnknown
from service.kit.errors import Invalid, NotFound, SignInNeeded
from service.kit.seal import is_same
from service.limits import LimitReached
from service.mailing.told import own_mail, views
from service.pages.mail_own_views import OwnMailView, SubscribedView
from service.pages.views import View
from service.sites import SiteUnknown
from service.web import acts
from service.web.input import Body, PublicId, Text, number
from service.web.me import Own, spend
from service.web.problem import raises
from service.web.spoken import Spoken
from service.web.who import AllParts, Anyone, Bearer, visitor_at

router = APIRouter(prefix="/api/v1", tags=["mail"])

_PRIVATE = "private, no-store"
_SHARED = (SignInNeeded, SiteUnknown)


class ReturnsClosed(NotFound):
    """There is nothing here for who does not bring the token. Set PARLEY_MAIL_BOUNCES_TOKEN to open this."""

    type = "returns-closed"


def _email(value: str | None) -> str | None:
    try:
        return acts.email_of(value)
    except Invalid as error:
        raise ValueError("is not an e-mail address") from error


class WishBody(Body):
    """What to be told by mail."""

    site: Text = Field(max_length=50, examples=["demo"])
    kind: mailing.Kind = Field(
        description="`replies` to one's own comments, `mentions` of one's name, a whole `thread`; `quiet`: nothing of"
        " a thread, `muted`: nothing of an author"
    )
    thread: PublicId | None = Field(default=None, description="Null: all discussions of the site")
    comment: PublicId | None = Field(default=None, description="A comment of the author who is muted")
    email: Annotated[Text | None, AfterValidator(_email)] = Field(
        default=None, max_length=254, description="Needed where none is known; sealed, shown to nobody else"
    )


class OwnMailBody(Body):
    """What is to change; what is left out stays."""

    pace: mailing.Pace | None = Field(default=None, description="`daily`: once a day, at the site's hour")
    state: Literal["on", "off"] | None = Field(
        default=None, description="`off` ends all mail of the site; `on` begins again, after asking where need be"
    )


class ReturnedView(View):
    """What was made of a mail that came back."""

    verdict: Literal["hard", "soft", "complained", "nothing"]


@router.post(
    "/subscriptions",
    status_code=201,
    responses=raises(
        Invalid,
        SiteUnknown,
        threads.ThreadUnknown,
        CommentUnknown,
        mailing.MailOff,
        mailing.AddressNeeded,
        mailing.TooManySubscriptions,
        posting.GuestsRefused,
        posting.SiteAccountNeeded,
        LimitReached,
    ),
)
async def post_subscription(
    new: WishBody, response: Response, parts: AllParts, who: Anyone, spoken: Spoken, authorization: Bearer = None
) -> SubscribedView:
    """Ask for mail. An address that nobody has proven theirs gets one mail with a link, and nothing before that."""
    response.headers["Cache-Control"] = _PRIVATE
    site = await parts.sites.by_name(new.site)
    visitor = await visitor_at(parts, who, site, authorization)
    await acts.spend_mail(parts, site, visitor)
    wanted = mailing.Wish(
        new.kind,
        number(new.thread) if new.thread is not None else None,
        number(new.comment) if new.comment is not None else None,
        new.email,
        spoken.tag,
    )
    person, made, address = await parts.db.transact(mailing.wish, parts.keeper, site, visitor, wanted)
    (view,) = await parts.db.read(views, [made])
    guest = identity.capability(parts.keeper, person) if visitor.person is None else None
    return SubscribedView(subscription=view, state=address.state if address else "none", guest=guest)


@router.get("/me/mail", responses=raises(*_SHARED, Invalid))
async def get_mail(
    response: Response,
    parts: AllParts,
    mine: Own,
    thread: Annotated[PublicId | None, Query(description="What one asked for of this discussion only")] = None,
) -> OwnMailView:
    """What mail one gets, and where it goes."""
    response.headers["Cache-Control"] = _PRIVATE
    about = number(thread) if thread is not None else None
    return await parts.db.read(own_mail, parts.keeper, mine.site, mine.person, about)


@router.patch("/me/mail", responses=raises(*_SHARED, Invalid, mailing.MailOff, mailing.AddressNeeded, LimitReached))
async def patch_mail(new: OwnMailBody, response: Response, parts: AllParts, mine: Own, spoken: Spoken) -> OwnMailView:
    """Change how often it comes, end all of it, begin again."""
    response.headers["Cache-Control"] = _PRIVATE
    await spend(parts, mine)
    if new.state == "on":
        await acts.spend_mail(parts, mine.site, mine.visitor)
    await parts.db.transact(mailing.change, parts.keeper, mine.site, mine.person, new.pace, new.state, spoken.tag)
    return await parts.db.read(own_mail, parts.keeper, mine.site, mine.person)


@router.delete("/me/mail/{subscription}", status_code=204, responses=raises(*_SHARED, mailing.SubscriptionUnknown))
async def delete_subscription(
    parts: AllParts, mine: Own, subscription: Annotated[PublicId, Path(description="A subscription's id")]
) -> None:
    """End one of one's own subscriptions."""
    await parts.db.transact(mailing.end_subscription, mine.person.id, number(subscription))


@router.post("/mail/returned", responses=raises(ReturnsClosed, Invalid))
async def post_returned(
    request: Request,
    parts: AllParts,
    _: Anyone,
    recipient: Annotated[Text, Query(max_length=320, description="Where it was delivered to, if not in its head")] = "",
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> ReturnedView:
    """Hand over a mail that came back (RFC 3464) or a complaint (RFC 5965), as it is, for who runs the mail server.

    `Authorization: Bearer` with PARLEY_MAIL_BOUNCES_TOKEN. The body is the message, `message/rfc822`.
    """
    wanted = parts.settings.mail_bounces_token
    scheme, _sep, token = (authorization or "").partition(" ")
    is_known = wanted is not None and is_same(token, wanted.get_secret_value())
    if scheme.lower() != "bearer" or not is_known:
        raise ReturnsClosed
    report = mailing.read_report(await request.body(), recipient)
    return ReturnedView(verdict=await parts.db.transact(mailing.came_back, parts.keeper, report))
