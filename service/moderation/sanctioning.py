"""Imposing and lifting a sanction: who may, against whom, and what is said and kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service import comments, identity, record, redress, sanctions
from service.comments import Comment
from service.identity import Staff
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden, Invalid
from service.moderation.reach import moderated
from service.record import Actor
from service.redress import Reason
from service.sanctions import Kind, Sanction, SanctionUnknown, Target, TargetUnknown
from service.sites import Site, SiteUnknown
from service.threads import Thread

_SAYS = {
    "ban": "is kept from taking part",
    "suspend": "is kept from taking part for a while",
    "premoderate": "has every comment looked at before it appears",
    "slow": "may write only once in a while",
    "shadow": "has comments shown to nobody else",
}
_WHOM = {
    "person": "The author",
    "address": "Whoever writes from the same address",
    "email_domain": "Whoever has an e-mail address of that host",
}


class SanctionRefused(Forbidden):
    """You cannot impose this on somebody of the team who stands as high as you do, nor on yourself."""

    type = "sanction-refused"


class WholeSiteNeeded(Forbidden):
    """A sanction holds for the whole site: somebody who moderates all of it has to impose it."""

    type = "whole-site-needed"


@dataclass(frozen=True)
class NewSanction:
    """What is to be imposed. `target` is a person's id, an address's pseudonym or a host; None: a comment's author."""

    kind: Kind
    target_type: Target = "person"
    target: str | None = None
    until: datetime | None = None
    reason: str = ""
    note: str = ""
    slow_seconds: int | None = None


async def impose(
    tx: WriteTx,
    staff: Staff,
    site: Site,
    new: NewSanction,
    *,
    comment: Comment | None = None,
    thread: Thread | None = None,
    decision_id: int | None = None,
) -> Sanction:
    """Impose a sanction, for a comment or for itself; it goes on record, and a statement is drawn from it.

    Raises SiteUnknown, WholeSiteNeeded, SanctionRefused, TargetUnknown, ReasonUnknown, Invalid.
    """
    _check_reach(staff, site.id)
    reason = redress.reason_of(site, new.reason)
    target = await _target(tx, new, comment)
    person_id = int(target) if new.target_type == "person" and target.isdigit() else None
    if person_id is None and comment is not None:
        person_id = comment.person_id
    await _check_rank(tx, staff, site, new, target, person_id)
    made = await sanctions.impose(
        tx,
        site.id,
        staff.account.id,
        new.kind,
        new.target_type,
        target,
        until=new.until,
        reason=reason.code,
        title=reason.title,
        note=new.note,
        slow_seconds=new.slow_seconds,
        person_id=person_id,
        comment_id=comment.id if comment else None,
        decision_id=decision_id,
    )
    await _draw(tx, made, reason, comment, thread)
    await _note(tx, staff, made, "sanction-imposed")
    return made


async def impose_for(tx: WriteTx, staff: Staff, site: Site, new: NewSanction, comment_id: int) -> Sanction:
    """Impose a sanction on whoever wrote a comment of this site. Raises CommentUnknown too."""
    comment, thread = await moderated(tx, staff, comment_id)
    if comment.site_id != site.id:
        raise comments.CommentUnknown(field="target.comment")
    return await impose(tx, staff, site, new, comment=comment, thread=thread)


async def lift(tx: WriteTx, staff: Staff, sanction_id: int) -> Sanction:
    """End a sanction before its time. Raises SanctionUnknown, WholeSiteNeeded, SanctionOver."""
    found = await sanctions.get(tx, sanction_id)
    if not staff.is_moderator_at(found.site_id):
        raise SanctionUnknown
    _check_reach(staff, found.site_id)
    lifted = await sanctions.lift(tx, sanction_id, staff.account.id)
    await end(tx, staff, lifted)
    return lifted


async def lift_of_decision(tx: WriteTx, staff: Staff, decision_id: int) -> None:
    """End what was imposed with a decision that is undone."""
    for lifted in await sanctions.lift_of_decision(tx, decision_id, staff.account.id):
        await end(tx, staff, lifted)


async def end(tx: WriteTx, staff: Staff, lifted: Sanction) -> None:
    """What follows from lifting: its statement ends, and it goes on record."""
    await redress.withdraw_of_sanction(tx, lifted.id)
    await _note(tx, staff, lifted, "sanction-lifted")


def _check_reach(staff: Staff, site_id: int) -> None:
    if not staff.is_moderator_at(site_id):
        raise SiteUnknown(field="site")
    if staff.sections_at(site_id) is not None:
        raise WholeSiteNeeded


async def _target(tx: ReadTx, new: NewSanction, comment: Comment | None) -> str:
    if new.target is not None:
        return new.target
    if comment is None or new.target_type == "email_domain":
        raise Invalid("say whom: `value`, or the `comment` it is about", field="target")
    if new.target_type == "person":
        if comment.person_id is None:
            raise TargetUnknown(field="target")
        return str(comment.person_id)
    address = await comments.address_of(tx, comment.id)
    if address is None:
        raise TargetUnknown(field="target")
    return address


async def _check_rank(
    tx: ReadTx, staff: Staff, site: Site, new: NewSanction, target: str, person_id: int | None
) -> None:
    """Nobody acts upon who stands as high as they do. Raises SanctionRefused."""
    if new.target_type == "email_domain":
        host = target.strip().lower().removeprefix("@")
        named = [identity.domain_of(known.account.email) or "" for known in await identity.team(tx, site.id)]
        if any(name == host or name.endswith(f".{host}") for name in named):
            raise SanctionRefused("Somebody of the team has an address of that host.")
        return
    person = await identity.person(tx, person_id) if person_id is not None else None
    if person is None or person.account_id is None:
        return
    other = await identity.staff_of(tx, person.account_id)
    rank = other.rank_at(site.id) if other is not None and other.is_moderator_at(site.id) else 0
    if person.account_id == staff.account.id or rank >= staff.rank_at(site.id):
        raise SanctionRefused


async def _draw(tx: WriteTx, made: Sanction, reason: Reason, comment: Comment | None, thread: Thread | None) -> None:
    if not reason.needs_statement or made.person_id is None:
        # Without somebody to tell, as of a host, there is nobody a statement could be owed to.
        return
    end = "" if made.until is None else f" until {made.until.day} {made.until:%B %Y at %H:%M} UTC"
    because = " because of a comment" if comment is not None else ""
    await redress.draw(
        tx,
        made.site_id,
        reason,
        made.kind,
        f"{_WHOM[made.target_type]} {_SAYS[made.kind]}{end}{because}, by a moderator's decision.",
        note=made.note,
        comment_id=comment.id if comment else None,
        thread_id=thread.id if thread else None,
        person_id=made.person_id,
        decision_id=made.decision_id,
        sanction_id=made.id,
        content_at=comment.created_at if comment else None,
        ends_at=made.until,
    )


async def _note(tx: WriteTx, staff: Staff, made: Sanction, act: str) -> None:
    subject = f"person:{made.person_id}" if made.person_id is not None else "site"
    detail = {
        "sanction": str(made.id),
        "kind": made.kind,
        "target": made.target_type,
        "reason": made.reason,
        "until": made.until.isoformat() if made.until else None,
        **({"comment": str(made.comment_id)} if made.comment_id else {}),
        **({"decision": str(made.decision_id)} if made.decision_id else {}),
        **({"seconds": made.slow_seconds} if made.slow_seconds else {}),
    }
    # The pseudonym of an address is personal while its key lives: it is erasable, as the note is.
    words = {"note": made.note} if made.note else {}
    if made.target_type != "person":
        words["target"] = made.target
    await record.append(
        tx,
        made.site_id,
        Actor.account(staff.account.id),
        act,
        subject,
        detail,
        words=words or None,
        about=made.person_id,
    )
