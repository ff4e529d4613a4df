"""The reasons a site gives: its own list, each with the rule it stands on and its category in EU law.

The categories are those of the Commission's transparency database since July 2025 (Implementing Regulation (EU)
2024/2835). Whether a statement is owed is the reason's affair: for spam it is not (Regulation (EU) 2022/2065,
article 17(2): deceptive high-volume commercial content).
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.kit.errors import Invalid
from service.sites import Site

Ground = Literal["illegal", "terms"]
Category = Literal[
    "STATEMENT_CATEGORY_ANIMAL_WELFARE",
    "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
    "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN",
    "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
    "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
    "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE",
    "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
    "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY",
    "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "STATEMENT_CATEGORY_SELF_HARM",
    "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
    "STATEMENT_CATEGORY_VIOLENCE",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)
SPAM, FALLBACK = "spam", "other"


class ReasonUnknown(Invalid):
    """That is not one of this site's reasons."""

    type = "reason-unknown"


class Reason(BaseModel):
    """Why something is restricted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    title: str = Field(min_length=1, max_length=200, description="For authors: what is wrong")
    rule: str = Field(min_length=1, max_length=1_000, description="The site's rule, or the law, it stands on")
    dsa_category: Category = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
    ground: Ground = "terms"
    needs_statement: bool = True


def _reason(
    code: str, title: str, rule: str, category: str, *, ground: Ground = "terms", needs_statement: bool = True
) -> Reason:
    found = next(each for each in CATEGORIES if each == f"STATEMENT_CATEGORY_{category}")
    return Reason(code=code, title=title, rule=rule, dsa_category=found, ground=ground, needs_statement=needs_statement)


DEFAULTS: tuple[Reason, ...] = (
    _reason("insult", "Insults somebody", "No insults: argue about the matter.", "CYBER_VIOLENCE"),
    _reason("harassment", "Harasses somebody", "Nobody is hounded or threatened here.", "CYBER_VIOLENCE"),
    _reason("hate", "Attacks people for what they are", "No hatred of groups of people.", "ILLEGAL_OR_HARMFUL_SPEECH"),
    _reason("violence", "Calls for violence", "No threats, and no calls for violence.", "VIOLENCE"),
    _reason(
        "privacy",
        "Tells private things about somebody",
        "No names, addresses or private affairs of others.",
        "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    ),
    _reason(
        "misinformation",
        "States as a fact what is known to be false",
        "What is stated as a fact must be true.",
        "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
    ),
    _reason("minors", "Endangers minors", "Children and young people are protected here.", "PROTECTION_OF_MINORS"),
    _reason("self-harm", "Encourages self-harm", "Nothing that leads somebody to harm themselves.", "SELF_HARM"),
    _reason("scam", "Tries to defraud readers", "No fraud.", "SCAMS_AND_FRAUD"),
    _reason(
        "copyright",
        "Copies somebody else's work",
        "Quote, and do not copy whole works.",
        "INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    ),
    _reason("off-topic", "Is not about the article", "Stay with the subject.", "OTHER_VIOLATION_TC"),
    _reason(
        "illegal",
        "Is against the law",
        "The law of the country the site is published in.",
        "ILLEGAL_OR_HARMFUL_SPEECH",
        ground="illegal",
    ),
    _reason(SPAM, "Is spam", "No advertising in bulk.", "SCAMS_AND_FRAUD", needs_statement=False),
    _reason(FALLBACK, "Breaks the rules of this site", "The site's rules for discussions.", "OTHER_VIOLATION_TC"),
)


class ReasonRules(BaseModel):
    """The `reasons` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    codes: tuple[Reason, ...] = Field(
        default=DEFAULTS,
        min_length=1,
        max_length=100,
        description="The reasons moderators choose from, each with its rule, its category in EU law and whether its"
        " author is owed a statement. `spam` and `other` have to be among them.",
    )
    required: bool = Field(default=False, description="Whether every restriction must name its reason.")
    territory: tuple[str, ...] = Field(
        default=(),
        max_length=40,
        description="Countries (ISO 3166, two letters) restrictions apply in, for the export.",
    )
    appeal_days: int = Field(default=180, ge=1, le=3_650, description="How long authors may appeal.")

    @model_validator(mode="after")
    def _is_whole(self) -> ReasonRules:
        codes = [reason.code for reason in self.codes]
        if len(set(codes)) < len(codes):
            raise ValueError("each code may be there once")
        if missing := {SPAM, FALLBACK} - set(codes):
            raise ValueError(f"needed are also: {', '.join(sorted(missing))}")
        return self


def reason_or_fallback(site: Site, code: str) -> Reason:
    """A reason of a site by its code, and of a code it does not have the reason that always is there.

    For what nobody decided; so never the one of spam, which takes more than readers' word.
    """
    codes = {reason.code: reason for reason in site.section("reasons", ReasonRules).codes}
    return codes[code if code in codes and code != SPAM else FALLBACK]


def reason_of(site: Site, code: str, *, otherwise: str = FALLBACK, may_be_missing: bool = False) -> Reason:
    """A reason of a site by its code; without one the reason `otherwise`, unless the site wants it named.

    Raises ReasonUnknown.
    """
    rules = site.section("reasons", ReasonRules)
    if not code and rules.required and not may_be_missing and otherwise != SPAM:
        raise ReasonUnknown("this site wants every restriction to name its reason", field="reason")
    for reason in rules.codes:
        if reason.code == (code or otherwise):
            return reason
    raise ReasonUnknown(field="reason")
