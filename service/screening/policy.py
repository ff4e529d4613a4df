"""A site's rules for screening, kept as JSON in its settings, and what they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.kit.hosts import ascii_host
from service.screening.signals import Action, Signal

SignalName = Literal[
    "word-banned",
    "word-suspect",
    "links",
    "link-host",
    "first-comment",
    "new-author",
    "pre-moderation",
    "reported",
    "shouting",
]

# A check that fails always holds; that is not for a site to choose.
_DEFAULTS: dict[SignalName, Action] = {
    "word-banned": "reject",
    "word-suspect": "hold",
    "links": "hold",
    "link-host": "reject",
    "first-comment": "hold",
    "new-author": "hold",
    "pre-moderation": "hold",
    "reported": "hold",
    "shouting": "publish",
}


def _word(word: str) -> str:
    if not any(c.isalnum() for c in word):
        raise ValueError("a word needs a letter or a digit")
    return word.strip()


def _host(host: str) -> str:
    return ascii_host(host.strip().removeprefix("*."))


SectionName = Annotated[str, Field(min_length=1, max_length=60)]
Word = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_word)]
Host = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_host)]


class Policy(BaseModel):
    """What is looked for in a comment, and what follows from each thing found; the worst of it decides."""

    model_config = ConfigDict(frozen=True)

    banned_words: tuple[Word, ...] = Field(
        default=(),
        max_length=2000,
        description="Whole words or phrases; `*` stands for any letters (`spam*`). Case, accents, look-alike letters"
        " of other alphabets, digits for letters and invisible characters make no difference.",
    )
    suspect_words: tuple[Word, ...] = Field(
        default=(), max_length=2000, description="Like `banned_words`, for a closer look."
    )
    max_links: int = Field(
        default=3, ge=0, description="More links than this are a signal; `allowed_hosts` do not count."
    )
    allowed_hosts: tuple[Host, ...] = Field(
        default=(), max_length=2000, description="Hosts, with all their subdomains."
    )
    denied_hosts: tuple[Host, ...] = Field(default=(), max_length=2000, description="Hosts, with all their subdomains.")
    hold_first_comments: bool = Field(default=False, description="Look at the first comment of every author.")
    first_comments: int = Field(
        default=1,
        ge=1,
        le=1_000,
        description="Of whom so many are published is no new author any more; for `hold_first_comments`.",
    )
    pre_moderate: bool = Field(default=False, description="Look at every comment before it appears.")
    pre_moderate_sections: tuple[SectionName, ...] = Field(
        default=(), max_length=200, description="Sections in which every comment is looked at before it appears."
    )
    reports_to_hold: int = Field(default=5, ge=0, description="So many readers' reports are a signal; 0: never.")
    actions: dict[SignalName, Action] = Field(
        default_factory=dict, description="What follows from a signal, where it is not the default."
    )

    def action_for(self, signal: Signal) -> Action:
        """What follows from a signal; one this policy does not know is for a moderator to see."""
        if signal.action is not None:
            return signal.action
        for name, default in _DEFAULTS.items():
            if name == signal.name:
                return self.actions.get(name, default)
        return "hold"


@dataclass(frozen=True)
class Verdict:
    """What is to become of a draft: the worst of its signals' actions, all signals, and why, in words for the author.

    `reasons` speak of what was held or rejected only and quote nothing but the author's own text.
    """

    action: Action
    signals: tuple[Signal, ...] = ()
    reasons: tuple[str, ...] = ()
