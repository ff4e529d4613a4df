"""Who makes a call of API 3.0: by a public key anybody, by a secret a site's server, by a token somebody of its team.

Absent means nobody. A token is worth what its account may do at the site of its key at this moment, and no more than
what it was granted for; so the right is asked anew with each call, and ends with the role.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from service import identity, keys
from service.disqus.asked import Asked
from service.disqus.faults import (
    BAD_KEY,
    BAD_TOKEN,
    FOREIGN_PAGE,
    NO_ACCESS,
    NO_PERMISSION,
    SIGN_IN,
    SPENT,
    Fault,
)
from service.disqus.rules import DisqusRules
from service.identity import Person, Staff, Visitor
from service.keys import AccessToken, Key, TokenScope
from service.kit import clock
from service.kit.db import ReadTx
from service.limits import LimitReached
from service.limits.rules import Limit, ScopeLimits
from service.sites import Site
from service.web.parts import Parts

_HOUR = 3_600
# Keys of ours say what they are. What does not is a key of Disqus's that was left in a page, and means nothing here.
_OURS = "pk_"


@dataclass(frozen=True)
class Caller:
    """Who calls. `origin` is the page whose script does, where a browser says so; `site` that of the key."""

    visitor: Visitor
    origin: str | None = None
    key: Key | None = None
    site: Site | None = None
    is_server: bool = False
    token: AccessToken | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether a secret came along: then the answer is nobody else's."""
        return self.is_server or self.token is not None

    def needs(self, scope: TokenScope) -> Staff:
        """Whom the token is of. Raises Fault without one, or for one that was not granted for this."""
        staff = self.visitor.staff
        if self.token is None or staff is None:
            raise Fault(SIGN_IN, "You must be authenticated to perform this action: an access_token is needed")
        if scope not in self.token.scopes:
            raise Fault(NO_ACCESS, f"The access token was not granted for '{scope}'")
        return staff

    def moderates(self, site: Site, scope: TokenScope = "read") -> bool:
        """Whether the token lets somebody see what readers of a site do not."""
        staff = self.visitor.staff
        is_granted = self.token is not None and scope in self.token.scopes
        return is_granted and staff is not None and staff.is_moderator_at(site.id)

    def moderator(self, site: Site, scope: TokenScope) -> Staff:
        """Who moderates at a site. Raises Fault."""
        staff = self.needs(scope)
        if not staff.is_moderator_at(site.id):
            raise Fault(NO_PERMISSION, "You do not have permission: moderators of the forum do this")
        return staff

    def owner(self, site: Site) -> Staff:
        """Who owns a site, by a token for `admin`. Raises Fault."""
        staff = self.needs("admin")
        if not staff.owns(site.id):
            raise Fault(NO_PERMISSION, "You do not have permission: owners of the forum do this")
        return staff

    def person(self) -> Person:
        """Whom the account writes as. Raises Fault for one that has never written at this site."""
        self.needs("write")
        if self.visitor.person is None:
            raise Fault(NO_PERMISSION, "This account has never written here, so there is nobody to do this as")
        return self.visitor.person


async def identify(parts: Parts, who: Visitor, origin: str | None, asked: Asked) -> Caller:
    """Who calls. Raises Fault for a key, secret or token that is none, and for one that called too often."""
    key, is_server = await _key(parts, asked, origin)
    if key is None:
        return Caller(who, origin)
    site = await parts.sites.by_id(key.site_id)
    caller = Caller(who, origin, key, site, is_server)
    if (text := asked.one("access_token")) is not None:
        caller = await parts.db.read(_with_token, caller, text)
    if not caller.is_known:
        return caller
    if not key.is_in_use:
        await parts.db.transact(keys.note_use, key.id)
    return replace(caller, headers=await _spend(parts, site, key))


async def _key(parts: Parts, asked: Asked, origin: str | None) -> tuple[Key | None, bool]:
    """The key of a call, and whether its secret came along."""
    if (secret := asked.one("api_secret")) is not None:
        found = await parts.db.read(keys.by_secret, parts.keeper, secret)
        if found is None:
            raise Fault(BAD_KEY, "Invalid API key: there is no such secret")
        if origin is not None:
            raise Fault(FOREIGN_PAGE, "A secret is for servers: a page shows it to everybody who reads it. Revoke it")
        if not {"read", "manage"}.intersection(found.scopes):
            raise Fault(NO_ACCESS, "This key is not for the API: it needs the scope `read` or `manage`")
        return found, True
    public = asked.one("api_key")
    found = await parts.db.read(keys.by_public, public) if public is not None and public.startswith(_OURS) else None
    if found is None and public is not None and public.startswith(_OURS):
        raise Fault(BAD_KEY, "Invalid API key: there is none of this id, or it has ended")
    if found is None and asked.one("access_token") is not None:
        raise Fault(BAD_KEY, "Invalid API key: with an access_token, give the api_key or api_secret it belongs to")
    return found, False


async def _with_token(tx: ReadTx, caller: Caller, text: str) -> Caller:
    token = await keys.by_token(tx, text)
    # A token of another application is none, whoever holds it.
    if token is None or caller.key is None or token.site_id != caller.key.site_id or "manage" not in caller.key.scopes:
        raise Fault(BAD_TOKEN, "Invalid access token: there is no such token of this application, or it has ended")
    staff = await identity.staff_of(tx, token.account_id)
    if staff is None:
        raise Fault(BAD_TOKEN, "Invalid access token: its account is gone")
    person = await identity.person_of_account(tx, token.site_id, token.account_id)
    here = _at(staff, token.site_id)
    return replace(caller, token=token, visitor=replace(caller.visitor, staff=here, person=person))


def _at(staff: Staff, site_id: int) -> Staff:
    """What somebody may do at one site and nowhere else: a key of a site opens no other, not even to who runs them."""
    role = "owner" if staff.is_admin else staff.roles.get(site_id)
    sections = staff.sections_at(site_id)
    return Staff(
        staff.account,
        {site_id: role} if role is not None else {},
        {site_id: sections} if sections is not None else {},
    )


async def _spend(parts: Parts, site: Site, key: Key) -> dict[str, str]:
    """Count a call of an application; what it has left, in Disqus's headers. Raises Fault."""
    limit = Limit(site.section("disqus", DisqusRules).calls_per_hour, _HOUR)
    try:
        standing = await parts.limiter.spend(site.id, "api-three", ScopeLimits(author=(limit,)), {"author": key.public})
    except LimitReached as reached:
        told = _told(limit, 0, reached.standing.full_after)
        raise Fault(SPENT, "You have exceeded your hourly limit of requests", headers=told) from reached
    return _told(limit, standing.left, standing.full_after) if standing is not None else {}


def _told(limit: Limit, left: int, full_after: float) -> dict[str, str]:
    return {
        "X-Ratelimit-Limit": str(limit.count),
        "X-Ratelimit-Remaining": str(max(0, left)),
        "X-Ratelimit-Reset": str(int(clock.now().timestamp() + full_after) + 1),
    }
