"""What the mail server of the tests does with a message: keeps it, or refuses its recipient as real servers do."""

from __future__ import annotations

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, Envelope, Session

# By how the recipient's address begins.
_REFUSALS = {
    "gone-": "550 5.1.1 There is no such user",
    "full-": "552 5.2.2 The mailbox is full",
    "later-": "451 4.3.0 Come again later",
}


class Choosy(Mailbox):
    """A Maildir in which not everybody has a mailbox. It notes the envelope as `X-MailFrom` and `X-RcptTo`."""

    async def handle_RCPT(  # noqa: N802  # the name aiosmtpd asks for
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or say why not."""
        refusal = next((said for begins, said in _REFUSALS.items() if address.startswith(begins)), None)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"
