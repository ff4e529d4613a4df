"""What stands in links of mail to readers: ends it without signing in, and the way a mail that bounces comes back.

Tokens are signatures over a person and what is meant, made again when they are needed and stored nowhere. A link that
ends mail has to work as long as the mail is kept, so it is good for ever, and for that alone.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from service.kit.errors import Forbidden
from service.kit.seal import Keeper, is_same

_PURPOSE = "reader-mail-stop"
_NUMBER = re.compile(r"[0-9]{1,19}")
# Some mail servers fold the local part of an address, so there are small letters and digits only.
_RETURN = re.compile(r"\+([0-9]{1,19})-([a-z2-7]{16})@")


class StopLinkInvalid(Forbidden):
    """This link is not a true one. Your page, opened from the discussion, ends mail too."""

    type = "stop-link-invalid"


@dataclass(frozen=True)
class Stop:
    """What a link ends: all mail of a site to a person, or (with `thread_id`) that about one discussion."""

    person_id: int
    thread_id: int | None = None


def stop_token(keeper: Keeper, stop: Stop) -> str:
    """What stands in the link."""
    meant = f"{stop.person_id}.{stop.thread_id or 0}"
    return f"{meant}.{keeper.sign(_PURPOSE, meant)}"


def read_stop(keeper: Keeper, token: str) -> Stop:
    """What a link ends. Raises StopLinkInvalid for one that is forged or changed."""
    meant, _, signature = token.rpartition(".")
    person, _, thread = meant.partition(".")
    if not (_NUMBER.fullmatch(person) and _NUMBER.fullmatch(thread) and keeper.is_signed(_PURPOSE, meant, signature)):
        raise StopLinkInvalid
    return Stop(int(person), int(thread) or None)


def return_path(keeper: Keeper, bounces: str, person_id: int, mailbox: str) -> str:
    """Where a mail comes back to that cannot be delivered (VERP): `bounces+<person>-<signature>@host`."""
    local, _, host = bounces.rpartition("@")
    return f"{local}+{person_id}-{_signature(keeper, person_id, mailbox)}@{host}"


def returned(addressed: str) -> list[tuple[int, str]]:
    """The (person, signature) pairs of all return paths in a text; whether they are true is asked with the mailbox."""
    return [(int(person), signature) for person, signature in _RETURN.findall(addressed.lower())]


def is_returned(keeper: Keeper, person_id: int, mailbox: str, signature: str) -> bool:
    """Whether a return path is one that was made for this person's mailbox."""
    return is_same(_signature(keeper, person_id, mailbox), signature)


def _signature(keeper: Keeper, person_id: int, mailbox: str) -> str:
    """80 bits in base32."""
    signed = keeper.sign("mail-return", f"{person_id}.{mailbox}")
    return base64.b32encode(hashlib.sha256(signed.encode()).digest()[:10]).decode().lower()
