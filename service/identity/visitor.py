"""Who a request comes from, as far as it can be known."""

from __future__ import annotations

from dataclasses import dataclass

from service.identity.people import Person
from service.identity.staff import Staff


@dataclass(frozen=True)
class Visitor:
    """A reader at one site: perhaps known as a person, perhaps also of its staff, always from some address."""

    address: str  # what counts as one client; never stored
    person: Person | None = None
    staff: Staff | None = None
