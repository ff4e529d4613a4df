"""Sanctions own who is kept from what at a site, until when; what may be decided and who learns of it is others'."""

from service.sanctions.erasing import forget_person
from service.sanctions.impose import TargetUnknown, get, impose, keys_in_use, lift, lift_of_decision, listing, of_person
from service.sanctions.sanction import KINDS, TARGETS, Kind, Sanction, SanctionOver, SanctionUnknown, Target
from service.sanctions.standing import FREE, Banned, SlowMode, Standing, Suspended, asking, lock_turns, standing_of

__all__ = [
    "FREE",
    "KINDS",
    "TARGETS",
    "Banned",
    "Kind",
    "Sanction",
    "SanctionOver",
    "SanctionUnknown",
    "SlowMode",
    "Standing",
    "Suspended",
    "Target",
    "TargetUnknown",
    "asking",
    "forget_person",
    "get",
    "impose",
    "keys_in_use",
    "lift",
    "lift_of_decision",
    "listing",
    "lock_turns",
    "of_person",
    "standing_of",
]
