"""Sites own origins, allowed hosts and settings, and answer which site a request is for; no visitors, no threads."""

from service.sites.directory import Directory
from service.sites.site import (
    SettingsChanged,
    Site,
    SiteExists,
    SiteUnknown,
    all_sites,
    by_id,
    by_name,
    configure,
    create,
    reconfigure,
    tag,
)

__all__ = [
    "Directory",
    "SettingsChanged",
    "Site",
    "SiteExists",
    "SiteUnknown",
    "all_sites",
    "by_id",
    "by_name",
    "configure",
    "create",
    "reconfigure",
    "tag",
]
