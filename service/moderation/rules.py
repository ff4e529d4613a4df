"""A site's screening rules as rows: listed, made, changed, deleted, tried on what was written before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from service import record, screening, sites
from service.identity import Staff
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, Forbidden, NotFound
from service.kit.statements import Question
from service.moderation.tables import RuleRow, RuleSetRow
from service.screening import Policy, Rule, RuleAction, RuleKind, RuleSet
from service.sites import SiteUnknown

MOST = 2_000
_MOST_READY = 10 * MOST  # rules kept ready in a process, in the sets of as many sites as that is


class RuleUnknown(NotFound):
    """There is no such rule."""

    type = "rule-unknown"


class RuleExists(Conflict):
    """The site has this very rule already."""

    type = "rule-exists"


class TooManyRules(Conflict):
    """This site has as many rules as it may. Delete some, or write one with `*` for several."""

    type = "too-many-rules"


class RulesOfOwners(Forbidden):
    """Rules are made by the site's owners. You can try one and tell them what you found."""

    type = "rules-of-owners"


@dataclass(frozen=True)
class NewRule:
    """A rule somebody asks for; its pattern is cleaned by `screening.cleaned`."""

    kind: RuleKind
    pattern: str
    action: RuleAction
    severity: float = 0.5
    whole_word: bool = True
    enabled: bool = True
    note: str = ""


@dataclass(frozen=True)
class SavedRule:
    """A rule of a site."""

    id: int
    site_id: int
    new: NewRule
    version: int
    account_id: int
    changed_at: datetime


_SETS = RuleSetRow.metadata.tables[str(RuleSetRow.__tablename__)]
_STAMP = select_columns(_SETS.c.stamp).where(_SETS.c.site_id == bindparam("site"))
_ready: OrderedDict[tuple[int, int], RuleSet] = OrderedDict()


async def rule_set(tx: ReadTx, site_id: int) -> RuleSet:
    """The rules of a site that are switched on, ready to be looked for; one small read when they are known."""
    stamp = (await tx.run(_STAMP, {"site": site_id})).scalar_one_or_none()
    if stamp is None:
        return screening.NO_RULES
    key = (site_id, stamp)
    if (known := _ready.get(key)) is None:
        rows = await tx.exec(select(RuleRow).where(RuleRow.site_id == site_id, col(RuleRow.enabled)))
        known = RuleSet.of(_rule(row) for row in rows)
        _keep_ready(key, known)
    return known


def _keep_ready(key: tuple[int, int], made: RuleSet) -> None:
    for old in [each for each in _ready if each[0] == key[0]]:
        del _ready[old]  # of an older stamp
    _ready[key] = made
    # Even of a site whose rules are all switched off something is kept.
    over = sum(1 + len(each.rules) for each in _ready.values()) - _MOST_READY
    while over > 0:
        over -= 1 + len(_ready.popitem(last=False)[1].rules)


def asking_rules(site_id: int) -> Question:
    """What `rule_set` asks of a site whose rules are known; to be asked ahead."""
    return Question(_STAMP, {"site": site_id})


async def of_site(tx: ReadTx, site_id: int) -> list[SavedRule]:
    """All rules of a site, by kind and pattern; those switched off too."""
    rows = await tx.exec(select(RuleRow).where(RuleRow.site_id == site_id).order_by(RuleRow.kind, RuleRow.pattern))
    return [_saved(row) for row in rows]


async def create(tx: WriteTx, staff: Staff, site_id: int, new: NewRule) -> SavedRule:
    """Make a rule. Raises SiteUnknown, RulesOfOwners, Invalid, RuleTooBroad, RuleExists, TooManyRules."""
    _check_owner(staff, site_id)
    count = (await tx.exec(select(func.count()).where(col(RuleRow.site_id) == site_id))).one()
    if count >= MOST:
        raise TooManyRules(most=MOST)
    row = RuleRow(
        id=ids.new_id(),
        site_id=site_id,
        kind=new.kind,
        pattern=new.pattern,
        action=new.action,
        version=0,
        account_id=staff.account.id,
        changed_at=clock.now(),
    )
    await _write(tx, staff, row, new)
    tx.add(row)
    await tx.flush()
    await _note(tx, staff, row, "rule-made")
    return _saved(row)


async def change(tx: WriteTx, staff: Staff, rule_id: int, new: NewRule) -> SavedRule:
    """Change a rule. Raises RuleUnknown, RulesOfOwners, Invalid, RuleTooBroad, RuleExists."""
    row = await _own(tx, staff, rule_id)
    await _write(tx, staff, row, new)
    await tx.flush()
    await _note(tx, staff, row, "rule-changed")
    return _saved(row)


async def delete(tx: WriteTx, staff: Staff, rule_id: int) -> None:
    """Delete a rule. Raises RuleUnknown, RulesOfOwners."""
    row = await _own(tx, staff, rule_id)
    await _note(tx, staff, row, "rule-deleted")
    await tx.delete(row)
    await tx.flush()


async def adopt(tx: WriteTx, staff: Staff, site_id: int) -> int:
    """Turn the word and host lists of the site's settings into rules that say the same; how many that made.

    What is a rule already is not made twice. Raises SiteUnknown, RulesOfOwners, TooManyRules.
    """
    _check_owner(staff, site_id)
    site = await sites.by_id(tx, site_id)
    policy = site.section("screening", Policy)
    known = {(rule.new.kind, rule.new.pattern, rule.new.action) for rule in await of_site(tx, site_id)}
    wanted = [new for new in _of_lists(policy) if (new.kind, new.pattern, new.action) not in known]
    for new in wanted:
        await create(tx, staff, site_id, new)
    emptied = {"banned_words": (), "suspect_words": (), "allowed_hosts": (), "denied_hosts": ()}
    await sites.configure(tx, site_id, section="screening", values=policy.model_copy(update=emptied))
    return len(wanted)


def count_in_lists(policy: Policy) -> int:
    """How many entries the lists of the settings have, beside the rules."""
    return len(_of_lists(policy))


def _of_lists(policy: Policy) -> list[NewRule]:
    banned, suspect, denied = (_action(policy, name) for name in ("word-banned", "word-suspect", "link-host"))
    note = "From the site's settings"
    return [
        *(NewRule("word", word, banned, 1.0, note=note) for word in policy.banned_words),
        *(NewRule("word", word, suspect, 0.5, note=note) for word in policy.suspect_words),
        *(NewRule("host", host, denied, 1.0, note=note) for host in policy.denied_hosts),
        *(NewRule("host", host, "allow", 0.0, note=note) for host in policy.allowed_hosts),
    ]


def _action(policy: Policy, name: str) -> RuleAction:
    # A list whose finds are published is a list to look at: held is the nearest a rule has, and nothing gets through.
    return "reject" if policy.action_for(screening.Signal(name, 0, "")) == "reject" else "hold"


async def _own(tx: WriteTx, staff: Staff, rule_id: int) -> RuleRow:
    row = await tx.get(RuleRow, rule_id, with_for_update=True, populate_existing=True)
    if row is None or not staff.is_moderator_at(row.site_id):
        raise RuleUnknown
    _check_owner(staff, row.site_id)
    return row


def _check_owner(staff: Staff, site_id: int) -> None:
    if not staff.is_moderator_at(site_id):
        raise SiteUnknown(field="site")
    if not staff.owns(site_id):
        raise RulesOfOwners


async def _write(tx: WriteTx, staff: Staff, row: RuleRow, new: NewRule) -> None:
    pattern = screening.cleaned(new.kind, new.pattern, new.action, whole_word=new.whole_word)
    twin = select(RuleRow.id).where(
        RuleRow.site_id == row.site_id,
        RuleRow.kind == new.kind,
        RuleRow.pattern == pattern,
        RuleRow.action == new.action,
        RuleRow.id != row.id,
    )
    with tx.no_autoflush:
        if (await tx.exec(twin)).first() is not None:
            raise RuleExists(field="pattern")
    row.kind, row.pattern, row.action, row.severity = new.kind, pattern, new.action, new.severity
    row.whole_word, row.enabled, row.note = new.whole_word, new.enabled, new.note
    row.version, row.account_id, row.changed_at = row.version + 1, staff.account.id, clock.now()


async def _note(tx: WriteTx, staff: Staff, row: RuleRow, act: str) -> None:
    """Another stamp, so that every process reads the rules anew, and a line of the record."""
    found = await tx.get(RuleSetRow, row.site_id, with_for_update=True, populate_existing=True)
    if found is None:
        tx.add(RuleSetRow(site_id=row.site_id, stamp=ids.new_id()))
    else:
        found.stamp = ids.new_id()
    await tx.flush()
    detail = {"kind": row.kind, "action": row.action, "enabled": row.enabled, "version": row.version}
    words = {"pattern": row.pattern, "note": row.note}
    await record.append(
        tx, row.site_id, record.Actor.account(staff.account.id), act, f"rule:{row.id}", detail, words=words
    )


def _rule(row: RuleRow) -> Rule:
    return Rule(
        row.id,
        cast("RuleKind", row.kind),
        row.pattern,
        cast("RuleAction", row.action),
        row.severity,
        row.whole_word,
    )


def _saved(row: RuleRow) -> SavedRule:
    new = NewRule(
        cast("RuleKind", row.kind),
        row.pattern,
        cast("RuleAction", row.action),
        row.severity,
        row.whole_word,
        row.enabled,
        row.note,
    )
    return SavedRule(row.id, row.site_id, new, row.version, row.account_id, row.changed_at)


def as_rules(found: Sequence[SavedRule]) -> list[Rule]:
    """Saved rules as screening takes them, those switched off left out."""
    return [
        Rule(one.id, one.new.kind, one.new.pattern, one.new.action, one.new.severity, one.new.whole_word)
        for one in found
        if one.new.enabled
    ]
