"""A site, how it is found, made and configured.

Settings are kept as one JSON object with a section per room (`posting`, `limits`, `screening`, …). A room owns the
schema of its section and asks for it: `site.section("posting", PostingRules)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from pydantic import BaseModel
from sqlmodel import col, select

from service import record
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx, changed, shows
from service.kit.errors import Conflict, Invalid, NotFound
from service.record import SYSTEM, Actor
from service.sites.tables import SiteRow

M = TypeVar("M", bound=BaseModel)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,49}")
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:.]+\](:\d{1,5})?")


class SiteUnknown(NotFound):
    """There is no site of that name here. Check `data-site` in the page's snippet."""

    type = "site-unknown"


class SiteExists(Conflict):
    """There is already a site of that name."""

    type = "site-exists"


class SettingsChanged(Conflict):
    """Somebody else changed these settings meanwhile. Look at them again before you change them."""

    type = "settings-changed"


@dataclass(frozen=True)
class Site:
    """A publisher's site."""

    id: int
    name: str
    title: str
    origins: tuple[str, ...]
    settings: Mapping[str, Any] = field(repr=False, hash=False)
    settings_version: int
    ended_keys: frozenset[int] = frozenset()
    """Keys of the site that were revoked with the sessions they gave."""
    # Not handed on by `replace`: a site with other settings has other sections.
    _sections: dict[tuple[str, type[BaseModel]], BaseModel] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def section(self, name: str, model: type[M]) -> M:
        """A room's section of the settings; what is not set has the model's defaults. Frozen models, read once."""
        made = self._sections.get((name, model))
        if made is None:
            made = self._sections[name, model] = model.model_validate(self.settings.get(name, {}))
        return cast("M", made)


def tag(site_id: int) -> str:
    """The tag under which a change of a site's settings is told."""
    return f"site-{site_id}"


async def by_name(tx: ReadTx, name: str) -> Site:
    """Find a site by its shortname. Raises SiteUnknown."""
    found = (await tx.exec(select(SiteRow).where(SiteRow.name == name.strip().lower()))).first()
    if found is None or found.is_gone:
        raise SiteUnknown(field="site")
    shows(tx, tag(found.id))
    return _site(found)


async def by_id(tx: ReadTx, site_id: int) -> Site:
    """Find a site by its id. Raises SiteUnknown."""
    shows(tx, tag(site_id))
    found = await tx.get(SiteRow, site_id)
    if found is None or found.is_gone:
        raise SiteUnknown
    return _site(found)


async def all_sites(tx: ReadTx) -> list[Site]:
    """Every site, by name."""
    rows = await tx.exec(select(SiteRow).where(~col(SiteRow.is_gone)).order_by(col(SiteRow.name)))
    return [_site(row) for row in rows]


async def create(
    tx: WriteTx,
    name: str,
    title: str,
    origins: Sequence[str],
    settings: Mapping[str, Any],
    *,
    by: Actor = SYSTEM,
) -> Site:
    """Make a site; on the platform's record, where a person did it. Raises Invalid for a malformed name or origin.

    Raises SiteExists.
    """
    if not _NAME.fullmatch(name):
        raise Invalid("a site's name has 2 to 50 small letters, digits, - or _", field="name")
    if (await tx.exec(select(SiteRow.id).where(SiteRow.name == name))).first() is not None:
        raise SiteExists(field="name")
    made = SiteRow(
        id=ids.new_id(),
        name=name,
        title=title[:200],
        origins=_checked(origins),
        settings=dict(settings),
        created_at=clock.now(),
    )
    tx.add(made)
    await tx.flush()
    if by is not SYSTEM:
        await record.append(tx, record.PLATFORM, by, "site-made", f"site:{made.id}", words={"name": name})
    return _site(made)


async def configure(
    tx: WriteTx,
    site_id: int,
    *,
    origins: Sequence[str] | None = None,
    section: str | None = None,
    values: BaseModel | None = None,
    by: Actor = SYSTEM,
) -> Site:
    """Replace the origins, or one section of the settings (already validated by its model). It goes on record."""
    found = await tx.get(SiteRow, site_id, with_for_update=True)
    if found is None:
        raise SiteUnknown
    if origins is not None:
        before, found.origins = found.origins, _checked(origins)
        await _note(tx, site_id, by, "origins", {"origins": before}, {"origins": found.origins})
    if section is not None and values is not None:
        new = values.model_dump(mode="json", exclude_defaults=True)
        await _note(tx, site_id, by, section, found.settings.get(section, {}), new)
        found.settings = {**found.settings, section: new}
    found.settings_version += 1
    await tx.flush()
    changed(tx, tag(site_id))
    return _site(found)


async def reconfigure(
    tx: WriteTx,
    site_id: int,
    version: int,
    *,
    title: str | None = None,
    origins: Sequence[str] | None = None,
    sections: Mapping[str, BaseModel],
    by: Actor,
) -> Site:
    """Change title, origins and sections of the settings at once, if `version` is still the settings' version.

    It goes on record. Raises SiteUnknown, SettingsChanged, Invalid.
    """
    found = await tx.get(SiteRow, site_id, with_for_update=True)
    if found is None:
        raise SiteUnknown
    if found.settings_version != version:
        raise SettingsChanged(settings_version=found.settings_version)
    if title is not None:
        before, found.title = found.title, title
        await _note(tx, site_id, by, "title", {"title": before}, {"title": title})
    if origins is not None:
        old, found.origins = found.origins, _checked(origins)
        await _note(tx, site_id, by, "origins", {"origins": old}, {"origins": found.origins})
    written = {name: values.model_dump(mode="json", exclude_defaults=True) for name, values in sections.items()}
    for name, new in written.items():
        await _note(tx, site_id, by, name, found.settings.get(name, {}), new)
    found.settings = {**found.settings, **written}
    found.settings_version += 1
    await tx.flush()
    changed(tx, tag(site_id))
    return _site(found)


async def end_key(tx: WriteTx, site_id: int, key_id: int) -> None:
    """Sessions that a key of this site gave are over from now on, in every process. Raises SiteUnknown."""
    found = await tx.get(SiteRow, site_id, with_for_update=True)
    if found is None:
        raise SiteUnknown
    # The newest two hundred: a session lasts a day at most, and a site has twenty valid keys.
    found.ended_keys = [*[each for each in found.ended_keys or [] if each != key_id][-199:], key_id]
    await tx.flush()
    changed(tx, tag(site_id))


async def _note(
    tx: WriteTx, site_id: int, by: Actor, section: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    # Values may hold words and addresses somebody wants gone one day; that they were changed stays.
    words = {
        "before": {name: before[name] for name in names if name in before},
        "after": {name: after[name] for name in names if name in after},
    }
    detail = {"section": section, "settings": names}
    await record.append(tx, site_id, by, "settings-changed", "site", detail, words=words)


def _checked(origins: Sequence[str]) -> list[str]:
    cleaned = [origin.strip().lower().rstrip("/") for origin in origins]
    for origin in cleaned:
        if not _ORIGIN.fullmatch(origin):
            raise Invalid(
                f"{origin!r} is not an origin; write https://news.example or https://*.news.example", field="origins"
            )
    return cleaned


def _site(row: SiteRow) -> Site:
    ended = frozenset(row.ended_keys or ())
    return Site(row.id, row.name, row.title, tuple(row.origins), row.settings, row.settings_version, ended)
