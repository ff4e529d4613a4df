"""Asking for a sign-in link, from the console's page or over the API."""

from __future__ import annotations

from service import identity, outbox
from service.identity.events import SignInAsked
from service.kit import ids
from service.kit.db import WriteTx

PLATFORM = 0  # sign-in belongs to no site; its limits count here


async def ask_link(tx: WriteTx, email: str) -> None:
    """Note that a link was asked for; the worker makes and mails it, so the answer takes the same time for all."""
    account = await identity.account_by_email(tx, email)
    if account is not None:
        await outbox.add(tx, SignInAsked(account=account.id, request=ids.new_id()))
