"""A mailer that is counted."""

from __future__ import annotations

from contextlib import nullcontext

from service.delivery.mail import Mail, Mailer
from service.kit import metrics, traces

_SENT = metrics.counter("mail_sent", "Messages handed to the mail server, or refused by it.", "result")


class CountedMailer:
    """Whatever takes mail away, with a count of what it took."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def send(self, mail: Mail) -> None:
        """Raises what the mailer raises."""
        try:
            with traces.mail() if traces.on else nullcontext():
                await self._mailer.send(mail)
        except Exception:
            _SENT.labels("failed").inc()
            raise
        _SENT.labels("sent").inc()
