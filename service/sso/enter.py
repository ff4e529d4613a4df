"""A signed token for a session of a member: the one way in for a site's own readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from service import identity, keys
from service.identity import Person, Profile
from service.keys import Usable
from service.kit import clock
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.seal import Keeper
from service.sites import Site
from service.sso.key_sets import KeySets
from service.sso.pictures import picture_of_site
from service.sso.rules import SSORules
from service.sso.token import Expected, Said, SSOExpired, SSORefused, Trusted, header_of, is_disqus, read


@dataclass(frozen=True)
class Entered:
    """A member and their session. `session` is a bearer token that ends at `ends_at`."""

    member: Person
    session: str
    ends_at: datetime


def origin_of(remote_id: str) -> str:
    """What a member of the site's own is known by here."""
    return f"{identity.OF_SITE}{remote_id}"


async def enter(
    db: Database, keeper: Keeper, sets: KeySets, site: Site, token: str, public: str | None = None
) -> Entered:
    """Sign in whom the token is about. `public` names the key, where the page says which. No transaction is open.

    Raises SSORefused, SSOExpired.
    """
    rules = site.section("sso", SSORules)
    usable = await db.read(keys.usable, keeper, site.id, "sso")
    trusted = await _trusted(sets, usable, token, public)
    expected = Expected(rules.audience or site.name, rules.issuer, rules.window_seconds)
    said = read(token, trusted, expected, clock.now())
    # A member opens one page after the other: as long as nothing changed, nothing is written.
    in_use = next(each.key for each in usable if each.key.id == said.key).is_in_use
    known = await db.read(_known, keeper, site, said, rules) if in_use else None
    member = known if known is not None else await db.transact(_enter, keeper, site, said, rules)
    session, ends_at = identity.member_capability(keeper, member, timedelta(minutes=rules.session_minutes), said.key)
    return Entered(member, session, ends_at)


async def leave(tx: WriteTx, keeper: Keeper, site: Site, session: str) -> None:
    """End every session of whom this one is of, if it is one of the site's own readers'."""
    found = await identity.person_of_capability(tx, keeper, site.id, session, site.ended_keys)
    if found is not None and found.is_of_site:
        await identity.sign_out(tx, found.id)


async def _trusted(sets: KeySets, usable: list[Usable], token: str, public: str | None) -> list[Trusted]:
    """The keys that may have signed it: only of the algorithm each was made for."""
    algorithm, kid = ("disqus", None) if is_disqus(token) else header_of(token)
    found: list[Trusted] = []
    for each in usable:
        key = each.key
        if key.algorithm != algorithm or (public is not None and key.public != public):
            continue
        if key.jwks_url is not None:
            published = await sets.find(key.jwks_url, algorithm, kid)
            found += [Trusted(key.id, name, algorithm, made) for name, made in published]
        else:
            # A key id of the site's own naming says nothing here; one of ours says which key is meant.
            own = key.public if kid is not None and kid.startswith("pk_") else None
            found.append(Trusted(key.id, own, algorithm, each.secret or key.public_key))
    return found


async def _known(tx: ReadTx, keeper: Keeper, site: Site, said: Said, rules: SSORules) -> Person | None:
    """The member, if nothing has to be written."""
    found = await identity.current(tx, keeper, site.id, origin_of(said.remote_id), _profile(site, said, rules))
    _refuse_older(found, said)
    return found


async def _enter(tx: WriteTx, keeper: Keeper, site: Site, said: Said, rules: SSORules) -> Person:
    member = await identity.sign_in(tx, keeper, site.id, origin_of(said.remote_id), _profile(site, said, rules))
    if member is None:
        raise SSORefused("This id belongs to somebody who cannot be signed in.", field="token")
    _refuse_older(member, said)
    await keys.note_use(tx, said.key)
    return member


def _profile(site: Site, said: Said, rules: SSORules) -> Profile:
    is_expert = "expert" in said.roles and "expert" in rules.roles
    picture = picture_of_site(said.avatar_url, site.origins)
    return Profile(said.name, said.email, picture, said.profile_url, is_expert=is_expert)


def _refuse_older(member: Person | None, said: Said) -> None:
    """Whoever signed out is not signed in again by what was made before that. Raises SSOExpired."""
    over = member.signed_out_at if member is not None else None
    if over is not None and said.issued_at < int(over.timestamp()):
        raise SSOExpired
