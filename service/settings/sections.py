"""The sections of a site's settings: which room owns which, and how what somebody wrote becomes a section."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from service.disqus.rules import DisqusRules
from service.kit.errors import Invalid
from service.limits import LimitRules
from service.mailing import MailRules
from service.moderation import ModerationGoals
from service.pages.looks import LookRules
from service.posting import PostingRules
from service.privacy import PrivacyRules
from service.readers import ReaderRules
from service.reading import ReadingRules
from service.redress import ReasonRules
from service.screening import Policy
from service.sites import Site
from service.sso import SSORules
from service.threads import ThreadRules

SECTIONS: dict[str, type[BaseModel]] = {
    "disqus": DisqusRules,
    "limits": LimitRules,
    "looks": LookRules,
    "mail": MailRules,
    "moderation": ModerationGoals,
    "posting": PostingRules,
    "readers": ReaderRules,
    "privacy": PrivacyRules,
    "reading": ReadingRules,
    "reasons": ReasonRules,
    "screening": Policy,
    "sso": SSORules,
    "threads": ThreadRules,
}


def in_force(site: Site) -> dict[str, dict[str, Any]]:
    """All settings of a site, defaults included."""
    return {name: site.section(name, model).model_dump(mode="json") for name, model in SECTIONS.items()}


def changed(site: Site, wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, BaseModel]:
    """The sections that `wanted` names, with its values laid over those in force. Raises Invalid, the field named."""
    return {name: _section(site, name, values) for name, values in wanted.items()}


def drafted(site: Site, wanted: Mapping[str, Mapping[str, Any]]) -> Site:
    """The site as it would be with these settings; nothing is kept. Raises Invalid."""
    sections = {name: section.model_dump(mode="json") for name, section in changed(site, wanted).items()}
    return replace(site, settings={**site.settings, **sections})


def _section(site: Site, name: str, values: Mapping[str, Any]) -> BaseModel:
    model = SECTIONS.get(name)
    if model is None:
        raise Invalid("there is no such section", field=f"settings.{name}")
    for key in values:
        if key not in model.model_fields:
            raise Invalid("there is no such setting", field=f"settings.{name}.{key}")
    now = site.section(name, model).model_dump(mode="json")
    if not _is_text(values):
        raise Invalid("holds a character that is not text", field=f"settings.{name}")
    try:
        return model.model_validate({**now, **values})
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise Invalid(str(first["msg"]).removeprefix("Value error, "), field=f"settings.{name}.{path}") from error


def _is_text(values: Mapping[str, Any]) -> bool:
    # JSON can carry what PostgreSQL cannot keep: NUL and lone surrogates.
    written = json.dumps(values, ensure_ascii=False)
    return "\\u0000" not in written and not any("\ud800" <= char <= "\udfff" for char in written)
