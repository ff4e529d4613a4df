"""Two accounts of one reader become one, when both were proven in one flow.

What hangs on an account at a site is a person there: comments, votes, what moderators decided. At a site where both
accounts are somebody, two people would have to become one, with votes on each other and sanctions of both; that is
refused, and said. Everywhere else the person stays who they are and is known by the other account.
"""

from __future__ import annotations

from service import identity, sites
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict
from service.readers import accounts, sessions, ways
from service.readers.proofs import Proof, ProofNeeded


class AccountsApart(Conflict):
    """Both accounts have written at the same site, as two people. They cannot become one."""

    type = "accounts-apart"


async def both_at(tx: ReadTx, proof: Proof) -> list[str]:
    """The titles of sites at which both accounts of a proof are somebody; none: they can become one."""
    if proof.other_id is None:
        return []
    one = await identity.members_of(tx, accounts.origin_of(proof.reader_id))
    other = await identity.members_of(tx, accounts.origin_of(proof.other_id))
    return [site.title or site.name for site in await sites.all_sites(tx) if site.id in one.keys() & other.keys()]


async def join(tx: WriteTx, proof: Proof) -> None:
    """Make one of both accounts of a proof: ways, sessions and people of the other go to the one.

    Raises ProofNeeded where no other was proven, AccountsApart, TooManyWays.
    """
    other = proof.other_id
    if other is None:
        raise ProofNeeded
    if await both_at(tx, proof):
        raise AccountsApart
    await ways.hand_on(tx, other, proof.reader_id)
    await sessions.hand_on(tx, other, proof.reader_id)
    await identity.hand_on(tx, accounts.origin_of(other), accounts.origin_of(proof.reader_id))
    await accounts.drop(tx, other)
