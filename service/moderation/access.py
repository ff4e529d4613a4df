"""Whose cases somebody sees at a site: all, or those of the sections their role is limited to."""

from __future__ import annotations

from service.identity import Staff

# None: every section. An empty set: none at all.
Sections = frozenset[str] | None


def sections_of(staff: Staff, site_id: int) -> Sections:
    """The sections somebody moderates at a site where they have a role."""
    return staff.sections_at(site_id)
