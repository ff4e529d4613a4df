"""Mail that comes back, read: delivery status notifications (RFC 3464) and complaints (ARF, RFC 5965). Pure.

What a report says of a mailbox is believed only for the return path that our own mail carried; the rest is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import default
from typing import Literal

from service.mailing.links import returned

Verdict = Literal["hard", "soft", "complained", "nothing"]
LARGEST = 1_048_576  # bytes looked at
# A report has two or three of them. Parts within parts cost the parser the square of their number.
_MOST_NESTED = 50
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# The mailbox itself, its host's name, that it moved: for good. Full, too large, policy: may pass.
_GONE = re.compile(r"5\.(1\.\d+|2\.1|4\.4)")
_RETURN_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Return-Path", "X-Parley-Return")


@dataclass(frozen=True)
class Report:
    """What came back: `paths` are the (person, signature) pairs of the return paths in it."""

    verdict: Verdict
    paths: tuple[tuple[int, str], ...] = ()


def read(raw: bytes, recipient: str = "") -> Report:
    """What a mail to the return path says. Never raises: whatever is not understood is nothing.

    `recipient` is the address it was delivered to, where the mail server tells it.
    """
    if raw[:LARGEST].lower().count(b"multipart/") > _MOST_NESTED:
        return Report("nothing")
    try:
        message = message_from_bytes(raw[:LARGEST], policy=default)
        verdict = _verdict(message)
        told = [recipient, *_told(message)]
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        # The parser of the standard library raises various things for what is no mail, or is a trap.
        return Report("nothing")
    return Report(verdict, tuple(dict.fromkeys(pair for each in told for pair in returned(each))))


def of_refusal(code: int, said: str) -> Verdict:
    """What an answer of a mail server to our own handing over says of the mailbox (RFC 5321, RFC 3463)."""
    if not 500 <= code < 600:
        return "nothing"
    status = _STATUS.search(said)
    if status is not None:
        return "hard" if _GONE.fullmatch(status[0]) else "soft"
    return "hard" if code in {550, 551, 553} else "soft"


def _verdict(message: Message) -> Verdict:
    kind = str(message.get_param("report-type", "") or "").lower()
    if kind == "feedback-report" or any(
        each.get_content_type() == "message/feedback-report" for each in _parts(message)
    ):
        return "complained"
    verdicts = [_of_fields(each) for each in _fields(message)]
    order: tuple[Verdict, ...] = ("hard", "soft")
    return next((known for known in order if known in verdicts), "nothing")


def _of_fields(fields: Message) -> Verdict:
    """Of one recipient of a notification. Delays, and what was delivered or relayed, say nothing yet."""
    if str(fields.get("Action", "")).strip().lower() != "failed":
        return "nothing"
    status = _STATUS.search(str(fields.get("Status", "")))
    return "hard" if status is not None and _GONE.fullmatch(status[0]) else "soft"


def _fields(message: Message) -> Iterator[Message]:
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            yield from (each for each in part.get_payload() if isinstance(each, Message))


def _parts(message: Message) -> list[Message]:
    return list(message.walk())[:50]


def _told(message: Message) -> Iterator[str]:
    """Headers in which our return path may stand: of the report, and of the mail it is about."""
    for part in _parts(message):
        if isinstance(part, EmailMessage):
            for name in _RETURN_HEADERS:
                yield from (str(value) for value in part.get_all(name, []))
        if part.get_content_type() == "text/rfc822-headers":
            yield str(part.get_payload())
