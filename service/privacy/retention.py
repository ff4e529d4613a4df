"""What is kept about readers, how long and why: one table, which the public page tells and the worker keeps to.

A site decides about the words; what guards the whole installation (addresses, sessions) is the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service import comments, desk, hooks, identity, mailing, moderation, posting, record
from service.kit import clock
from service.kit.db import Database
from service.kit.said import N_
from service.privacy.exports import EXPORT_LIFE
from service.privacy.own import OWN_SESSION_LIFE
from service.privacy.rules import PrivacyRules
from service.readers import ReaderRules
from service.sites import Site

_BATCH = 500


@dataclass(frozen=True)
class Kept:
    """One line: what is kept, why, and for how long; None for as long as what it belongs to."""

    what: str
    why: str
    life: timedelta | None
    until: str = ""


_WITH_COMMENT = N_("Until you delete the comment or have yourself forgotten")
_WITH_PERSON = N_("Until you have yourself forgotten")


_MAIL = (
    Kept(
        N_("The address mail goes to, encrypted, and what you asked to be told"),
        N_("So that mail reaches you; an address nobody confirms is forgotten after a week"),
        None,
        _WITH_PERSON,
    ),
    Kept(N_("Of which comments you were told"), N_("So that you are told once"), mailing.NOTICES_KEPT),
    Kept(
        N_("A pseudonym of a mailbox that mail came back from, or that wants none"),
        N_("So that it is not written to again"),
        mailing.MAILBOXES_KEPT,
    ),
)


def table(site: Site) -> list[Kept]:
    """Everything that is kept about readers of a site, by its settings of this moment."""
    rules = site.section("privacy", PrivacyRules)
    return [
        Kept(N_("What you write"), N_("So that others can read it"), None, _WITH_COMMENT),
        Kept(N_("Your name"), N_("It stands above what you wrote"), None, _WITH_PERSON),
        Kept(
            N_("Your e-mail address, if you gave one, encrypted"),
            N_("To know which mail provider is shut out; it is shown to nobody"),
            None,
            _WITH_PERSON,
        ),
        Kept(
            N_("A pseudonym of your network address"),
            N_("Against floods of comments; its key is destroyed, and then it says nothing"),
            identity.ADDRESS_LIFE,
        ),
        Kept(
            N_("Earlier texts of a comment you changed"),
            N_("So that moderators can see what was answered or reported"),
            rules.earlier_texts,
        ),
        Kept(N_("Your votes"), N_("So that everybody is counted once"), None, _WITH_PERSON),
        Kept(
            N_("What you wrote in a report, and moderators in notes and decisions"),
            N_("So that decisions can be looked at again"),
            rules.words,
        ),
        Kept(
            N_("What you were told of a decision, and your appeal"),
            N_("So that you can see why, and have it looked at again"),
            None,
            _WITH_PERSON,
        ),
        Kept(N_("What programs said of your comment, where the site asks any"), N_("To find their errors"), hooks.KEPT),
        Kept(
            N_("A key that your browser sends along"),
            N_("So that a comment sent twice is there once"),
            posting.RETRY_LIFE,
        ),
        *(_MAIL if mailing.rules_of(site).enabled else ()),
        Kept(N_("The file with your data"), N_("So that you can fetch it"), EXPORT_LIFE),
        Kept(N_("A cookie, once you open your page"), N_("So that only you see it"), OWN_SESSION_LIFE),
        *_of_accounts(site),
    ]


def _of_accounts(site: Site) -> list[Kept]:
    """What is kept of readers' own accounts, where a site has such."""
    rules = site.section("readers", ReaderRules)
    if not rules.makes_accounts:
        return []
    return [
        Kept(
            N_("The ways into your account: addresses and passkeys, encrypted"),
            N_("So that you can sign in, and nobody else"),
            None,
            _WITH_PERSON,
        ),
        Kept(
            N_("Where you are signed in: browser and part of the network address, encrypted"),
            N_("So that you recognise it, and can end it"),
            timedelta(days=rules.session_days),
        ),
    ]


async def forget_by_age(db: Database, site: Site) -> None:
    """Forget what a site keeps no longer, some at a time."""
    rules, now = site.section("privacy", PrivacyRules), clock.now()
    await db.transact(record.forget_expired, site.id, rules.words)
    for act in (comments.forget_revisions, moderation.forget_words, desk.forget_notes):
        before = now - (rules.earlier_texts if act is comments.forget_revisions else rules.words)
        while await db.transact(act, site.id, before, _BATCH):
            pass
