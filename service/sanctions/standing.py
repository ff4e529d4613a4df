"""How somebody stands at a site at this moment: what every way in asks before it lets an act happen.

A person is met by sanctions of three kinds: against themselves, against the address they come from (compared under
each day's key there still is), and against the host of the e-mail address they gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_, select

from service import identity
from service.identity import Person
from service.kit import clock
from service.kit.columns import UTCDateTime
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden, TooMany
from service.kit.seal import Keeper
from service.kit.statements import Question
from service.sanctions.sanction import Sanction, sanction_of
from service.sanctions.tables import SanctionRow


class Banned(Forbidden):
    """You cannot take part in the discussions of this site any more. You can still read them."""

    type = "banned"


class Suspended(Forbidden):
    """You cannot take part in the discussions of this site for a while. You can still read them."""

    type = "suspended"


class SlowMode(TooMany):
    """You can write here only once in a while. Your text is kept; try again a little later."""

    type = "slow-mode"


@dataclass(frozen=True)
class Standing:
    """What is in force against somebody."""

    sanctions: tuple[Sanction, ...] = ()

    def find(self, *kinds: str) -> Sanction | None:
        """The sanction of these kinds that lasts the longest, or None."""
        found = [sanction for sanction in self.sanctions if sanction.kind in kinds]
        return max(found, key=lambda each: (each.until is None, each.until or each.created_at), default=None)

    @property
    def is_shadowed(self) -> bool:
        """Whether what they write is shown to nobody but them."""
        return self.find("shadow") is not None

    @property
    def is_premoderated(self) -> bool:
        """Whether what they write is looked at first."""
        return self.find("premoderate") is not None

    def refuse(self) -> None:
        """Raise Banned or Suspended, with the reason and the end, where somebody is shut out."""
        found = self.find("ban", "suspend")
        if found is None:
            return
        # Of all that shuts out, what lasts the longest is told: a suspension may end and a ban go on.
        kind = Banned if found.until is None else Suspended
        until = None if found.until is None else found.until.isoformat(timespec="seconds").replace("+00:00", "Z")
        because = f" Reason: {found.title}." if found.title else ""
        end = "" if found.until is None else f" It ends on {found.until.day} {found.until:%B %Y at %H:%M} UTC."
        raise kind(f"{kind.message()}{because}{end}", reason=found.reason, because=found.title, until=until)

    def take_turn(self, last: datetime | None) -> None:
        """Let somebody in slow mode write again when enough time has passed since `last`. Raises SlowMode."""
        slow = self.find("slow")
        if slow is None or slow.slow_seconds is None or last is None:
            return
        left = last + timedelta(seconds=slow.slow_seconds) - clock.now()
        if left > timedelta(0):
            raise SlowMode(retry_after=left.total_seconds())


FREE = Standing()

_SANCTIONS = SanctionRow.metadata.tables[str(SanctionRow.__tablename__)]
# Every post and every vote asks this; put together once.
_MET = select(_SANCTIONS).where(
    _SANCTIONS.c.site_id == bindparam("site"),
    _SANCTIONS.c.lifted_at.is_(None),
    or_(_SANCTIONS.c.until.is_(None), _SANCTIONS.c.until > bindparam("now", type_=UTCDateTime)),
    or_(
        _SANCTIONS.c.target_type == "email_domain",
        and_(_SANCTIONS.c.target_type == "person", _SANCTIONS.c.target == bindparam("person")),
        and_(
            _SANCTIONS.c.target_type == "address",
            _SANCTIONS.c.target.in_(bindparam("addresses", expanding=True)),
        ),
    ),
)


async def standing_of(
    tx: ReadTx, keeper: Keeper, site_id: int, *, person: Person | None, address: str, email: str | None = None
) -> Standing:
    """How somebody stands who comes from `address`, perhaps as a `person`, perhaps naming an `email` just now."""
    pseudonyms = await identity.address_pseudonyms(tx, keeper, site_id, address)
    found = await _met(tx, site_id, person, pseudonyms)
    hosts = [each for each in found if each.target_type == "email_domain"]
    if hosts:
        named = {identity.domain_of(email)}
        if person is not None:
            named.add(await identity.email_domain(tx, keeper, person.id))
        found = [each for each in found if each not in hosts or _is_within(each.target, named)]
    return Standing(tuple(found))


async def lock_turns(tx: WriteTx, standing: Standing) -> None:
    """Whoever is in slow mode writes one after the other: two comments at the same instant are two."""
    if (slow := standing.find("slow")) is not None:
        await tx.get(SanctionRow, slow.id, with_for_update=True, populate_existing=True)


async def _met(tx: ReadTx, site_id: int, person: Person | None, pseudonyms: Sequence[str]) -> list[Sanction]:
    return [sanction_of(row) for row in await tx.run(*_question(site_id, person, pseudonyms))]


async def asking(tx: ReadTx, keeper: Keeper, site_id: int, *, person: Person | None, address: str) -> Question:
    """What `standing_of` asks first; to be asked ahead."""
    return _question(site_id, person, await identity.address_pseudonyms(tx, keeper, site_id, address))


def _question(site_id: int, person: Person | None, pseudonyms: Sequence[str]) -> Question:
    known = str(person.id) if person is not None else ""
    return Question(_MET, {"site": site_id, "now": clock.now(), "person": known, "addresses": list(pseudonyms)})


def _is_within(host: str, named: Iterable[str | None]) -> bool:
    return any(each is not None and (each == host or each.endswith(f".{host}")) for each in named)
