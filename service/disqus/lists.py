"""Black and white lists: words are rules, users and mail hosts are bans, and one list shows both."""

from __future__ import annotations

from service import moderation, sanctions
from service.disqus import finding, people, shapes
from service.disqus.asked import Asked
from service.disqus.callers import Caller
from service.disqus.calls import Answer, Call
from service.disqus.faults import BAD_ARGUMENT, NOT_FOUND, UNSUPPORTED, Fault
from service.disqus.shapes import Shape
from service.kit.db import WriteTx
from service.moderation import NewRule, NewSanction, SavedRule
from service.sanctions import Sanction, Target
from service.sites import Site
from service.web.parts import Parts

_TYPES: dict[str, str] = {"person": "user", "email_domain": "domain"}
_UNKEPT = {
    "ip": "Parley keeps no addresses of the net: ban a comment's sender in the console",
    "email": "Parley shows nobody's address: ban the `user` or the `domain`",
    "thread_slug": "close the thread instead",
}


async def blacklists_list(call: Call) -> Answer:
    """What is refused or held at a forum: words, users, mail hosts. `type` chooses."""
    site = await finding.forum(call.tx, call.asked)
    call.caller.moderator(site, "read")
    types = set(call.asked.all("type")) or {"word", *_TYPES.values()}
    rules = [rule for rule in await moderation.rules_of_site(call.tx, site.id) if _is_word(rule)]
    bans = await sanctions.listing(call.tx, site.id, only_active=True, limit=call.asked.limit)
    shown = [_rule(rule, site) for rule in rules] + [_ban(ban, site) for ban in bans if ban.target_type in _TYPES]
    meant = [each for each in shown if each["type"] in types]
    return Answer(meant[: call.asked.limit], shapes.cursor(None, is_further=False))


async def blacklists_add(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Add each `word`, `user` and `domain`. A word is a rule that holds comments, the others are bans without end."""
    site = await parts.db.read(finding.forum, asked)
    _refuse_unkept(asked)
    made = await parts.db.transact(_add, site, caller, asked)
    parts.relay.poke()
    return Answer(made)


async def blacklists_remove(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Take each `word`, `user` and `domain` from the list again."""
    site = await parts.db.read(finding.forum, asked)
    _refuse_unkept(asked)
    await parts.db.transact(_remove, site, caller, asked)
    parts.relay.poke()
    return Answer([])


async def _add(tx: WriteTx, site: Site, caller: Caller, asked: Asked) -> list[Shape]:
    staff, note = caller.moderator(site, "write"), asked.one("notes") or ""
    made = [
        _rule(await moderation.create_rule(tx, staff, site.id, NewRule("word", word, "hold", note=note[:300])), site)
        for word in asked.all("word")
    ]
    for target_type, target in await _targets(tx, site, asked):
        new = NewSanction("ban", target_type, target, note=note[:1_000])
        made.append(_ban(await moderation.impose(tx, staff, site, new), site))
    if not made:
        raise Fault(BAD_ARGUMENT, "Missing required argument: 'word', 'user' or 'domain'")
    return made


async def _remove(tx: WriteTx, site: Site, caller: Caller, asked: Asked) -> None:
    staff = caller.moderator(site, "write")
    words = set(asked.all("word"))
    rules = [r for r in await moderation.rules_of_site(tx, site.id) if _is_word(r) and r.new.pattern in words]
    told: set[tuple[str, str]] = set(await _targets(tx, site, asked))
    bans = await sanctions.listing(tx, site.id, only_active=True, limit=1_000)
    meant = [ban for ban in bans if (ban.target_type, ban.target) in told]
    if not rules and not meant:
        raise Fault(NOT_FOUND, "Nothing of that is on the list")
    for rule in rules:
        await moderation.delete_rule(tx, staff, rule.id)
    for ban in meant:
        await moderation.lift(tx, staff, ban.id)


async def _targets(tx: WriteTx, site: Site, asked: Asked) -> list[tuple[Target, str]]:
    users = [str((await people.find(tx, site, said)).id) for said in asked.all("user")]
    hosts = [host.strip().lower().removeprefix("@") for host in asked.all("domain")]
    found: list[tuple[Target, str]] = [("person", user) for user in users]
    return found + [("email_domain", host) for host in hosts]


def _refuse_unkept(asked: Asked) -> None:
    for name, why in _UNKEPT.items():
        if asked.all(name):
            raise Fault(UNSUPPORTED, f"'{name}' cannot be on the list: {why}")


def _is_word(rule: SavedRule) -> bool:
    return rule.new.kind == "word" and rule.new.action != "allow" and rule.new.enabled


def _rule(rule: SavedRule, site: Site) -> Shape:
    return {
        "id": str(rule.id),
        "type": "word",
        "value": rule.new.pattern,
        "notes": rule.new.note,
        "forum": site.name,
        "dateAdded": shapes.time(rule.changed_at),
    }


def _ban(ban: Sanction, site: Site) -> Shape:
    return {
        "id": str(ban.id),
        "type": _TYPES[ban.target_type],
        "value": ban.target,
        "notes": ban.note,
        "forum": site.name,
        "dateAdded": shapes.time(ban.created_at),
    }


LIST_READS = {"blacklists/list": blacklists_list}
LIST_WRITES = {"blacklists/add": blacklists_add, "blacklists/remove": blacklists_remove}
