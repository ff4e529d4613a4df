"""What all commands share: settings in plain words, one database for one act, errors without a traceback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parseaddr
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from service.delivery import mailer_for
from service.kit.db import Database
from service.kit.embedded import EmbeddedRedis
from service.kit.errors import Refused, Unavailable
from service.kit.redis import Redis
from service.kit.redis_wire import wire_to
from service.kit.settings import Settings
from service.readers import read_providers
from service.web.purge import Teller

R = TypeVar("R")
out = Console()
err = Console(stderr=True)


def settings() -> Settings:
    """The settings, or the end of the command with every fault named."""
    try:
        return _usable(Settings())
    except ValidationError as error:
        for fault in error.errors():
            name = "PARLEY_" + "_".join(str(part) for part in fault["loc"]).upper() if fault["loc"] else "settings"
            err.print(f"[red]{name}[/red]: {fault['msg'].removeprefix('Value error, ')}")
        raise typer.Exit(2) from error


def _usable(chosen: Settings) -> Settings:
    """The settings, if everything that is made of them can be made; or the end of the command."""
    is_well = True
    for name, look in _LOOKS.items():
        try:
            look(chosen)
        except KeyError as error:
            told = f"there is no {error} in it"
        except (ValueError, TypeError, AttributeError, ArgumentError) as error:
            told = str(error)
        else:
            continue
        is_well = False
        err.print(f"[red]{name}[/red]: {told}", highlight=False)
    if not is_well:
        raise typer.Exit(2)
    return chosen


def _look_at_sender(chosen: Settings) -> None:
    if not chosen.mail_from.isprintable() or "@" not in parseaddr(chosen.mail_from)[1]:
        raise ValueError("must be an address such as Comments <comments@example.org>")


def _look_at_url(read: Callable[[str], object], url: str | None) -> None:
    try:
        if url is not None:
            read(url)
    except (ValueError, ArgumentError) as error:
        # What the error says may be a piece of a password.
        told = str(error) if str(error).startswith("name ") else "this is no address: is there a : or @ in a password?"
        raise ValueError(f"{told} Write such characters as %3A, %40 and so on.") from error


def _look_at_providers(chosen: Settings) -> None:
    if chosen.oidc_providers is not None:
        read_providers(chosen.oidc_providers.get_secret_value())


_LOOKS: Mapping[str, Callable[[Settings], object]] = {
    "PARLEY_DATABASE_URL": lambda chosen: _look_at_url(make_url, chosen.sql_url),
    "PARLEY_READ_DATABASE_URL": lambda chosen: _look_at_url(make_url, chosen.read_database_url),
    "PARLEY_REDIS_URL": lambda chosen: _look_at_url(wire_to, chosen.redis_url),
    "PARLEY_SMTP_URL": mailer_for,
    "PARLEY_MAIL_FROM": _look_at_sender,
    "PARLEY_OIDC_PROVIDERS": _look_at_providers,
}


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with a message."""
    err.print(f"[red]{message}[/red]", highlight=False)
    raise typer.Exit(code)


def with_database(act: Callable[[Database], Awaitable[R]]) -> R:
    """Run `act` with a database and close it; a refusal ends the command with its message.

    Running servers hear what it changed, so that their ready pages show it.
    """

    async def alone(db: Database, _: Redis) -> R:
        return await act(db)

    return with_stores(alone)


def with_stores(act: Callable[[Database, Redis], Awaitable[R]]) -> R:
    """The same with Redis, which may be away."""
    chosen = settings()
    chosen.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def run() -> R:
        # The embedded Redis is there while `parley serve` runs; nobody has to hear when it does not.
        db, redis = Database(chosen), Redis(chosen.redis_url or EmbeddedRedis(chosen.data_dir).url)
        teller = Teller(redis)
        db.on_change = teller.tell
        try:
            return await act(db, redis)
        finally:
            await teller.close()
            await redis.close()
            await db.close()

    try:
        return asyncio.run(run())
    except Unavailable as error:
        if isinstance(error.__cause__, DBAPIError | OSError):
            fail(unreachable(error.__cause__))
        fail("The database cannot be used at this moment.")
    except Refused as error:
        fail(f"{error.field}: {error.detail}" if error.field else error.detail)


def unreachable(error: DBAPIError | OSError) -> str:
    """What is wrong with a store or a folder, in words for who runs it, with nothing of a statement in them."""
    if isinstance(error, DBAPIError):
        return f"The database cannot be used: {str(error.orig).splitlines()[0][:300]}"
    where = f"{error.filename}: " if error.filename else "A server that is needed cannot be reached: "
    return f"{where}{error.strerror or error}"


def print_json(value: Any) -> None:
    """For scripts: one JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
