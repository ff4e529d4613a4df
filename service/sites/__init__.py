"""Sites own origins, allowed hosts and settings, and answer which site a request is for; no visitors, no threads."""

from service.sites.directory import Directory
from service.sites.erasure import (
    COOLING,
    Erasure,
    ErasureAsked,
    NoErasure,
    ask_erasure,
    count_erased,
    erased,
    erasure_of,
    keep,
    next_to_erase,
)
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
    "COOLING",
    "Directory",
    "Erasure",
    "ErasureAsked",
    "NoErasure",
    "SettingsChanged",
    "Site",
    "SiteExists",
    "SiteUnknown",
    "all_sites",
    "ask_erasure",
    "by_id",
    "by_name",
    "configure",
    "count_erased",
    "create",
    "erased",
    "erasure_of",
    "keep",
    "next_to_erase",
    "reconfigure",
    "tag",
]
