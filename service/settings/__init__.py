"""Settings reads and changes a site's settings as one, by section; what one means is its own room's affair."""

from service.settings.sections import SECTIONS, changed, drafted, in_force

__all__ = ["SECTIONS", "changed", "drafted", "in_force"]
