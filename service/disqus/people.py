"""Users: who somebody is, and what they wrote, which is for themselves and for those who moderate where they did."""

from __future__ import annotations

from service import comments, identity
from service.disqus import finding, shapes
from service.disqus.calls import Answer, Call
from service.disqus.faults import BAD_ARGUMENT, NO_PERMISSION, NOT_FOUND, SIGN_IN, Fault
from service.disqus.shapes import Shape
from service.identity import OF_SITE, Person
from service.kit.db import ReadTx
from service.sites import Site


async def users_details(call: Call) -> Answer:
    """A user by `user`, of a member's comments; without it whoever the token is of."""
    site, person = await _meant(call)
    return Answer({**shapes.user(person), "numPosts": person.published_count, "forum": site.name})


async def users_list_posts(call: Call) -> Answer:
    """What somebody wrote and everybody can read, the newest first."""
    shown, last = await _written(call)
    return Answer(shown, shapes.cursor(last, is_further=call.asked.after is not None))


async def users_list_activity(call: Call) -> Answer:
    """The same, as acts."""
    shown, last = await _written(call)
    acts = [{"type": "post", "createdAt": each["createdAt"], "object": each} for each in shown]
    return Answer(acts, shapes.cursor(last, is_further=call.asked.after is not None))


async def users_list_forums(call: Call) -> Answer:
    """The forum the token is of."""
    call.caller.needs("read")
    site = call.caller.site
    shown = [shapes.forum(site, call.first_sort(site))] if site is not None else []
    return Answer(shown, shapes.cursor(None, is_further=False))


async def forums_moderators(call: Call) -> Answer:
    """Who moderates a forum, for those who do: names and no addresses."""
    site = await finding.forum(call.tx, call.asked)
    call.caller.moderator(site, "read")
    team = await identity.team(call.tx, site.id)
    return Answer(
        [
            {"id": str(each.account.id), "forum": site.name, "name": each.account.name, "role": each.role}
            for each in team
            if each.role in {"moderator", "editor", "owner"}
        ]
    )


async def _meant(call: Call) -> tuple[Site, Person]:
    said = call.asked.one("user")
    if said is None:
        call.caller.needs("read")
        site, person = call.caller.site, call.caller.visitor.person
        if site is None or person is None:
            raise Fault(NOT_FOUND, "This account has never written here")
        return site, person
    site = await finding.forum(call.tx, call.asked)
    return site, await find(call.tx, site, said)


async def find(tx: ReadTx, site: Site, said: str) -> Person:
    """A member of a site by id, `username:` or `remote:`. Raises Fault."""
    kind, _, value = said.partition(":") if ":" in said else ("", "", said)
    if kind == "remote":
        number = await identity.by_origin(tx, site.id, OF_SITE + value.partition("-")[2])
        found = await identity.person(tx, number) if number is not None else None
    elif value.isascii() and value.isdigit() and len(value) < 20 and int(value) < 2**63:
        found = await identity.person(tx, int(value))
    elif kind == "username":
        found = None
    else:
        raise Fault(BAD_ARGUMENT, "Invalid argument, 'user': an id, username:… or remote:DOMAIN-ID")
    # Guests have no id with Disqus, and theirs is in no answer.
    if found is None or found.site_id != site.id or not found.is_member:
        raise Fault(NOT_FOUND, f"Unable to find user '{said}'")
    return found


async def _written(call: Call) -> tuple[list[Shape], str | None]:
    site, person = await _meant(call)
    own = call.caller.visitor.person
    if not call.caller.is_known:
        raise Fault(SIGN_IN, "What somebody wrote all over a forum is for themselves and its moderators")
    if not call.caller.moderates(site) and (own is None or own.id != person.id):
        raise Fault(NO_PERMISSION, "What somebody wrote all over a forum is for themselves and its moderators")
    asked = call.asked
    found = await comments.owned(call.tx, person.id, before=asked.after, limit=asked.limit + 1)
    rows = found[: asked.limit]
    last = f"{rows[-1].id}:0:0" if len(found) > len(rows) else None
    return await call.posts(site, [row for row in rows if row.is_published]), last
