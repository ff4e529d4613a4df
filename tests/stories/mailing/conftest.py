"""A real mail server, and the worker's hand that mails through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.delivery import SMTPMailer
from service.mailing.letters import Office
from service.web.parts import Parts
from tests.servers.smtp import MailServer, mail_server
from tests.stories.mailing.post import Postman
from tests.world import World

BOUNCES = "bounces@comments.test"


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """A mail server in a process of its own."""
    with mail_server(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture
def postman(parts: Parts, office: MailServer, monkeypatch: pytest.MonkeyPatch) -> Postman:
    """Mail to readers goes through that server, and comes back to an address of ours."""
    settings = parts.settings.model_copy(update={"mail_bounces": BOUNCES})
    monkeypatch.setattr(parts.reader_mail, "_mailer", SMTPMailer(office.url, "Parley <parley@news.test>"))
    monkeypatch.setattr(parts.reader_mail, "_office", Office(parts.keeper, settings))
    return Postman(parts, office)


@pytest.fixture
async def paper(world: World) -> World:
    """A site that mails its readers."""
    policy = {"hold_first_comments": False, "suspect_words": ["pineapple*"]}
    return await world.another({"mail": {"enabled": True}, "screening": policy})
