"""Settings reads and changes a site's settings as one, section by section; what a setting means is its room's affair."""

from service.settings.sections import SECTIONS, changed, drafted, in_force

__all__ = ["SECTIONS", "changed", "drafted", "in_force"]
