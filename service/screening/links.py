"""Checks of where a comment's links lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from service.kit.hosts import ascii_host
from service.screening.policy import Policy
from service.screening.signals import Draft, Facts, Signal

# Spam names hosts without linking to them, too. Bounded by what a host can be, so each letter is looked at once.
_NAMED_HOST = re.compile(r"(?<![\w.-])[\w-]++(?>(?:\.[\w-]++)+)")


def too_many_links(draft: Draft, facts: Facts, policy: Policy) -> Iterator[Signal]:
    """`links`: more links than the policy has it, those to allowed hosts not counted."""
    allowed = frozenset(policy.allowed_hosts)
    count = sum(not is_among(_host(link), allowed) for link in draft.links)
    if count > policy.max_links:
        yield Signal("links", 1 - policy.max_links / (count + 1), f"{count} links; {policy.max_links} go unseen")


def link_hosts(draft: Draft, facts: Facts, policy: Policy) -> Iterator[Signal]:
    """`link-host`: a link to a denied host or its subdomains, or its name in the text; one signal per host."""
    denied, allowed = frozenset(policy.denied_hosts), frozenset(policy.allowed_hosts)
    if not denied:
        return
    seen: set[str] = set()
    for host, span in hosts(draft):
        if host not in seen and is_among(host, denied) and not is_among(host, allowed):
            seen.add(host)
            yield Signal("link-host", 1.0, f"Leads to {host}, which is on the site's list of denied hosts", span)


def hosts(draft: Draft) -> Iterator[tuple[str, tuple[int, int] | None]]:
    """The hosts a draft names in its text (with the place) and links to (without)."""
    for found in _NAMED_HOST.finditer(draft.plain):
        try:
            yield ascii_host(found[0]), found.span()
        except ValueError:
            continue
    for link in draft.links:
        yield _host(link), None


def _host(link: str) -> str:
    # Made by text.render, so it has a host; if it has none after all, `judge` holds the comment.
    host = urlsplit(link).hostname or ""
    return ascii_host(f"[{host}]" if ":" in host else host)


def is_among(host: str, domains: frozenset[str]) -> bool:
    """Whether a host, or a domain it lies in, is one of these."""
    labels = host.split(".")
    return any(".".join(labels[i:]) in domains for i in range(len(labels)))
