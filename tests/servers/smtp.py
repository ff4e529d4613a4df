"""A real mail server as a process of its own; what it took lies in a Maildir."""

from __future__ import annotations

import mailbox
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.servers.parley import ROOT, free_port
from tests.servers.waiting import until


@dataclass(frozen=True)
class MailServer:
    """Where it listens, and what it took."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        """For PARLEY_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def taken(self) -> list[EmailMessage]:
        """Every message, the oldest first."""
        box = mailbox.Maildir(self.folder, create=False)
        keys = sorted(box.keys(), key=lambda key: box.get_message(key).get_date())
        return [message_from_bytes(box.get_bytes(key), policy=default) for key in keys]


@contextmanager
def mail_server(folder: Path) -> Iterator[MailServer]:
    """A mail server for as long as the block lasts."""
    port, home = free_port(), folder / "mailbox"
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "tests.servers.choosy.Choosy"]
    process = subprocess.Popen(
        [*command, str(home)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _answers(port), "the mail server to answer")
        yield MailServer(port, home)
    finally:
        process.kill()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as trial:
        trial.settimeout(0.2)
        return trial.connect_ex(("127.0.0.1", port)) == 0
