"""A site's keys over HTTP, for its owners: made, listed, rotated, revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from service import keys
from service.keys import AccessToken, Algorithm, Key, Scope, TokenScope
from service.kit import text
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.http import URLRefused
from service.pages.views import View
from service.record import Actor
from service.sites import SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.owned import owned_site
from service.web.problem import raises
from service.web.team import private
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/sites/{site}/keys", tags=["keys"])

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
KeyId = Annotated[PublicId, Path(description="A key's id")]
TokenId = Annotated[PublicId, Path(description="An access token's id")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)


class NewKeyBody(Body):
    """A key to be made."""

    name: Text = Field(min_length=1, max_length=80, examples=["WordPress"], description="What it is for, for the team")
    scopes: list[Scope] = Field(min_length=1, max_length=3, description="What it may be used for")
    algorithm: Algorithm = Field(
        default="HS256", description="How tokens are signed with it, for good; `disqus` is remote_auth_s3"
    )
    public_key: Text | None = Field(default=None, max_length=4_000, description="PEM, for EdDSA, ES256 and RS256")
    jwks_url: Text | None = Field(default=None, max_length=2_000, description="Where the public keys lie, instead")


class RotateKeyBody(Body):
    """How long the key before stays valid."""

    keep_hours: int = Field(default=24, ge=0, le=168)


class KeyView(View):
    """A key. What its secret is is told when it is made, and not again."""

    id: str
    public: str = Field(
        examples=["pk_3f6c0d9be1a24c7788f01b2d"], description="May be known to anybody; a token's `kid`"
    )
    name: str
    scopes: list[str]
    algorithm: str
    public_key: str | None
    jwks_url: str | None
    created_at: datetime
    ends_at: datetime | None = Field(description="When it stops to be valid, or did")
    used_at: datetime | None = Field(description="When it was last used, to the hour")
    is_valid: bool


class KeyListView(View):
    """A site's keys, the oldest first."""

    items: list[KeyView]
    next_cursor: str | None = None


class NewTokenBody(Body):
    """An access token to be made, for oneself."""

    scopes: list[TokenScope] = Field(
        min_length=1, max_length=3, description="`read` what moderators see, `write` and decide, `admin` what owners do"
    )


class TokenView(View):
    """An access token of a key: what its holder may do in the name of an account."""

    id: str
    account: str = Field(description="Whose it is; it may what they may, at this site")
    scopes: list[str]
    created_at: datetime
    ends_at: datetime | None = Field(description="Null: when it is revoked, or its key is")


class TokenListView(View):
    """The valid access tokens of a key, the oldest first."""

    items: list[TokenView]
    next_cursor: str | None = None


class NewTokenView(View):
    """An access token, shown this once."""

    token: TokenView
    secret: str


class NewKeyView(View):
    """A key and its secret, shown this once."""

    key: KeyView
    secret: str | None = Field(examples=["sk_…"], description="Null where the key is a public one")


@router.get("", responses=raises(*_SHARED))
async def get_keys(site: SiteName, response: Response, parts: AllParts, who: Moderator) -> KeyListView:
    """The keys of a site; ended ones stay in the list for 90 days."""
    private(response)
    found = await owned_site(parts, who, site)
    return KeyListView(items=[_view(key) for key in await parts.db.read(keys.of_site, found.id)])


@router.post("", status_code=201, responses=raises(*_SHARED, Invalid, URLRefused, keys.TooManyKeys))
async def post_key(
    site: SiteName, new: NewKeyBody, response: Response, parts: AllParts, who: Moderator
) -> NewKeyView:  # fmt: skip
    """Make a key. The answer has its secret, which is not shown again."""
    private(response)
    found = await owned_site(parts, who, site)
    name = text.clean_line(new.name, field="name", max_chars=80)
    url = parts.out.checked(new.jwks_url, field="jwks_url") if new.jwks_url is not None else None
    made, secret = await parts.db.transact(
        keys.create,
        parts.keeper,
        found.id,
        name,
        new.scopes,
        new.algorithm,
        public_key=new.public_key,
        jwks_url=url,
        by=Actor.account(who.account.id),
    )
    return NewKeyView(key=_view(made), secret=secret)


@router.post("/{key}/rotate", responses=raises(*_SHARED, Invalid, keys.KeyUnknown, keys.TooManyKeys))
async def post_rotate(
    site: SiteName, key: KeyId, asked: RotateKeyBody, response: Response, parts: AllParts, who: Moderator
) -> NewKeyView:
    """Make another key for the same. The one before stays valid for a while, so that nothing stops meanwhile."""
    private(response)
    found = await owned_site(parts, who, site)
    made, secret = await parts.db.transact(
        keys.rotate,
        parts.keeper,
        found.id,
        number(key),
        keep=timedelta(hours=asked.keep_hours),
        by=Actor.account(who.account.id),
    )
    return NewKeyView(key=_view(made), secret=secret)


@router.delete("/{key}", status_code=204, responses=raises(*_SHARED, keys.KeyUnknown))
async def delete_key(
    site: SiteName,
    key: KeyId,
    parts: AllParts,
    who: Moderator,
    end_sessions: Annotated[
        bool, Query(description="Whether readers who are signed in because of it are signed out, too")
    ] = False,
) -> None:
    """Revoke a key: it is worth nothing from now on."""
    found = await owned_site(parts, who, site)
    by = Actor.account(who.account.id)
    await parts.db.transact(keys.revoke, found.id, number(key), end_sessions=end_sessions, by=by)


@router.get("/{key}/tokens", responses=raises(*_SHARED, keys.KeyUnknown))
async def get_tokens(site: SiteName, key: KeyId, response: Response, parts: AllParts, who: Moderator) -> TokenListView:
    """The access tokens of a key that are valid now."""
    private(response)
    found = await owned_site(parts, who, site)
    return TokenListView(
        items=[_token(each) for each in await parts.db.read(keys.tokens_of_key, found.id, number(key))]
    )


@router.post("/{key}/tokens", status_code=201, responses=raises(*_SHARED, Invalid, keys.KeyUnknown, keys.TooManyTokens))
async def post_token(
    site: SiteName, key: KeyId, new: NewTokenBody, response: Response, parts: AllParts, who: Moderator
) -> NewTokenView:
    """Make an access token of a key for `manage`, for oneself. It is shown in this answer only."""
    private(response)
    found = await owned_site(parts, who, site)
    of = await parts.db.read(keys.get, found.id, number(key))
    by = Actor.account(who.account.id)
    made = await parts.db.transact(keys.issue, of, who.account.id, new.scopes, by=by)
    return NewTokenView(token=_token(made.token), secret=made.secret)


@router.delete("/{key}/tokens/{access}", status_code=204, responses=raises(*_SHARED, keys.TokenUnknown))
async def delete_token(site: SiteName, key: KeyId, access: TokenId, parts: AllParts, who: Moderator) -> None:
    """Revoke an access token: it is worth nothing from now on."""
    found = await owned_site(parts, who, site)
    by = Actor.account(who.account.id)
    await parts.db.transact(keys.revoke_token, found.id, number(key), number(access), by=by)


def _token(token: AccessToken) -> TokenView:
    return TokenView(
        id=str(token.id),
        account=str(token.account_id),
        scopes=list(token.scopes),
        created_at=token.created_at,
        ends_at=token.ends_at,
    )


def _view(key: Key) -> KeyView:
    return KeyView(
        id=str(key.id),
        public=key.public,
        name=key.name,
        scopes=list(key.scopes),
        algorithm=key.algorithm,
        public_key=key.public_key,
        jwks_url=key.jwks_url,
        created_at=key.created_at,
        ends_at=key.ends_at,
        used_at=key.used_at,
        is_valid=key.is_valid,
    )
