"""Query parameters that say where a reader came from and never which page it is.

Only names that can mean nothing else are here (so not `ref`, `source`, `share`, `partner`): an article whose
discussion is in two places can be merged, two articles in one discussion can hardly be told apart again. A site adds
its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

# Whole names, and beginnings.
Names = tuple[frozenset[str], tuple[str, ...]]

# In small letters; a star stands for any end of the name.
TRACKING: tuple[str, ...] = (
    "utm_*",  # Google Analytics campaigns, used by everybody who sends mail or posts links
    "fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref",  # Facebook's click and its old share dialogs
    "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "_ga", "_gl",  # Google: ads, and the visitor carried over domains
    "gad_source", "gad_campaignid", "srsltid",  # Google: ads and shopping results
    "msclkid",  # Microsoft advertising
    "yclid", "ysclid", "_openstat",  # Yandex: ads, search, and the older Russian counters
    "twclid", "ref_src", "ref_url",  # Twitter: ads, and the page a tweet was embedded in
    "igshid", "igsh",  # Instagram shares
    "ttclid", "li_fat_id", "epik", "rdt_cid", "sccid",  # TikTok, LinkedIn, Pinterest, Reddit, Snapchat clicks
    "mc_cid", "mc_eid",  # Mailchimp: campaign and, worse, the one reader it was mailed to
    "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking",  # HubSpot
    "mkt_tok", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "_kx", "ck_subscriber_id",  # other mailers' readers
    "pk_*", "mtm_*", "piwik_*", "matomo_*",  # Matomo campaigns
    "s_cid", "at_medium", "at_campaign", "wt_mc", "wt_zmc",  # Adobe, AT Internet and Webtrekk campaigns
    "xtor",  # AT Internet, on most French news sites
    "echobox", "__twitter_impression", "cmpid", "ns_campaign", "ns_mchannel", "ns_source",  # newsrooms' share tools
    "smid", "smtyp", "ftag", "icid", "ncid",  # where a news site's own link stood
    "amp", "amp_js_v", "amp_gsa", "amp_ct", "usqp", "outputtype",  # the AMP form of the same article, and its caches
    "__s", "spm",  # Drip's readers, Alibaba's place on the page
    "replytocom",  # WordPress: which comment the form answers; the page is the same
    "_escaped_fragment_",  # crawlers' form of AJAX pages, long given up
    "cn-reloaded", "_x_tr_sl", "_x_tr_tl", "_x_tr_hl", "_x_tr_pto",  # a consent banner's reload, Google's translation
)  # fmt: skip


def names(patterns: Iterable[str]) -> Names:
    """Patterns (`name` or `name*`, in any case) made ready for `is_named`."""
    lowered = [each.lower() for each in patterns]
    exact = frozenset(each for each in lowered if not each.endswith("*"))
    return exact, tuple(each[:-1] for each in lowered if each.endswith("*"))


def is_named(name: str, wanted: Names) -> bool:
    """Whether a parameter, as it stands in the query, has one of the names."""
    spelled = unquote(name.replace("+", " ")).strip().lower()
    return spelled in wanted[0] or spelled.startswith(wanted[1])
