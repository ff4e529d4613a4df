"""Mail: by SMTP where one is set, into the log and a folder where none is."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from service.kit import clock
from service.kit.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Mail:
    """One message to one person. `key` is the same when the same message is sent again.

    `text` is the whole of it; `html` says the same once more. `stop` is where one click ends mail of this kind
    (RFC 8058). Nothing in a message is loaded from anywhere, and nobody learns that it was opened.
    """

    to: str
    subject: str
    text: str
    key: str
    html: str | None = None
    stop: str | None = None
    sender: str = ""
    """Whom it is from, by name, where that is not who the installation's mail is from."""
    reply_to: str = ""
    list_id: str = ""
    """What the mail belongs to (RFC 2919), as `<name.of.it>`."""
    belongs_to: str = ""
    """The key of what it goes on with: mail programs show mail of one key together."""
    return_path: str = ""
    """Where it comes back to when it cannot be delivered; the sender's own address where empty."""
    language: str = ""


class MailRefused(Exception):
    """A mail server said no: its answer (RFC 5321). `to_recipient`: to whom it is for, not to what is in it."""

    def __init__(self, code: int, said: str, *, to_recipient: bool) -> None:
        # What it said may name the address.
        super().__init__(str(code))
        self.code = code
        self.said = said
        self.to_recipient = to_recipient


class Mailer(Protocol):
    """Whatever takes mail away."""

    async def send(self, mail: Mail) -> None:
        """Hand one message over; raises when it was not taken, so that the relay tries again."""
        ...


class SMTPMailer:
    """Sends through the configured server; TLS whenever it is offered."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("PARLEY_SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465")
        self._host, self._is_tls = parts.hostname, parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """Raises MailRefused, aiosmtplib.SMTPException or OSError."""
        try:
            await aiosmtplib.send(
                _message(mail, self._sender),
                sender=mail.return_path or None,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._is_tls,
                timeout=10,
            )
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            raise _refused(error) from error


class FileMailer:
    """For one machine without a mail server: each message is a file, and its subject a log line."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """Raises OSError."""
        path = await asyncio.to_thread(self._write, mail)
        # The text may hold a sign-in link: it is in the file, which only the owner can read, not in the log.
        log.info("mail.written", subject=mail.subject, file=str(path))

    def _write(self, mail: Mail) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{clock.now():%Y%m%d-%H%M%S}-{mail.key}.eml"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_message(mail, self._sender).as_bytes(policy=SMTP))
        return path


def _refused(error: aiosmtplib.SMTPException) -> Exception:
    each = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients else error
    if not isinstance(each, aiosmtplib.SMTPResponseException):
        return error
    return MailRefused(each.code, each.message, to_recipient=not isinstance(each, aiosmtplib.SMTPDataError))


def mailer_for(settings: Settings) -> Mailer:
    """The mailer the settings ask for."""
    if settings.smtp_url is not None:
        return SMTPMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
    return FileMailer(settings.data_dir / "mail", settings.mail_from)


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage()
    named, address = parseaddr(sender)
    # EmailMessage refuses line breaks in headers: a name or title cannot add one. Nor should it keep mail from going.
    message["From"] = formataddr((" ".join(mail.sender.split()) or named, address)) if address else sender
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(clock.now())
    domain = address.rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<{mail.key}@{domain}>" if mail.key else make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    if mail.belongs_to:
        # Of a message that was never sent: all that belong together answer it.
        message["In-Reply-To"] = message["References"] = f"<{mail.belongs_to}@{domain}>"
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    if mail.list_id:
        message["List-ID"] = mail.list_id
        message["Precedence"] = "list"
    if mail.return_path:
        # A complaint quotes the mail, and not always its envelope.
        message["X-Parley-Return"] = mail.return_path
    if mail.stop is not None:
        message["List-Unsubscribe"] = f"<{mail.stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    if mail.language:
        # At last: whoever sets the content takes away what said something of the one before.
        message["Content-Language"] = mail.language
    return message
