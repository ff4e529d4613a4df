"""What was changed in a site's settings, by whom, and taking one change back.

The history is the site's record (service/record): nothing is kept twice. What a setting was is erased from there after
a year, and such a change can be read and not taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from service import record, sites
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, NotFound
from service.record import Actor, Entry, Filter
from service.settings.sections import SECTIONS
from service.sites import Site

ACT = "settings-changed"


class ChangeUnknown(NotFound):
    """There is no such change of this site's settings."""

    type = "change-unknown"


class ChangePassed(Conflict):
    """What this change made has been changed again since, so taking it back would undo somebody else's work."""

    type = "change-passed"


class ChangeForgotten(Conflict):
    """What the settings were before is not kept any more."""

    type = "change-forgotten"


@dataclass(frozen=True)
class Change:
    """One change. `number` is its place on the site's record; `before` and `after` are None once forgotten.

    A setting that is in neither had, or has, its default.
    """

    number: int
    at: datetime
    by: Actor
    section: str
    names: tuple[str, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


async def changes(tx: ReadTx, site_id: int, *, before: int | None, limit: int) -> list[Change]:
    """Changes of a site's settings, the newest first."""
    found = await record.entries(tx, site_id, Filter(act=ACT), before=before, limit=limit)
    return [_change(entry) for entry in found]


async def take_back(tx: WriteTx, site: Site, number: int, version: int, *, by: Actor) -> Site:
    """Set what one change changed to what it was, if nobody changed it since; itself a change, on record.

    `version` is the settings' version somebody saw. Raises ChangeUnknown, ChangeForgotten, ChangePassed,
    SettingsChanged, Invalid.
    """
    found = await record.entries(tx, site.id, Filter(act=ACT), before=number + 1, limit=1)
    if not found or found[0].seq != number:
        raise ChangeUnknown
    change = _change(found[0])
    if change.before is None or change.after is None:
        raise ChangeForgotten
    if change.section in {"title", "origins"}:
        return await _take_back_own(tx, site, change, version, by)
    kept = dict(site.settings.get(change.section, {}))
    if any(kept.get(name) != change.after.get(name) for name in change.names):
        raise ChangePassed
    values = {name: value for name, value in kept.items() if name not in change.names} | dict(change.before)
    return await sites.reconfigure(tx, site.id, version, sections={change.section: _model(change, values)}, by=by)


async def _take_back_own(tx: WriteTx, site: Site, change: Change, version: int, by: Actor) -> Site:
    now = site.title if change.section == "title" else list(site.origins)
    if change.before is None or change.after is None or change.after.get(change.section) != now:
        raise ChangePassed
    was = {change.section: change.before[change.section]}
    return await sites.reconfigure(tx, site.id, version, **was, sections={}, by=by)


def _model(change: Change, values: Mapping[str, Any]) -> BaseModel:
    model = SECTIONS.get(change.section)
    if model is None:
        raise ChangeForgotten
    try:
        return model.model_validate(values)
    except ValidationError as error:
        # A setting of an older version that this one does not take any more.
        raise ChangeForgotten from error


def _change(entry: Entry) -> Change:
    words = entry.words
    return Change(
        entry.seq,
        entry.at,
        entry.actor,
        entry.detail.get("section", ""),
        tuple(entry.detail.get("settings", ())),
        words.get("before", {}) if words is not None else None,
        words.get("after", {}) if words is not None else None,
    )
