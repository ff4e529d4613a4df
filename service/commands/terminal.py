"""What all commands share: settings in plain words, one database for one act, errors without a traceback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console

from service.kit.db import Database
from service.kit.embedded import EmbeddedRedis
from service.kit.errors import Refused
from service.kit.redis import Redis
from service.kit.settings import Settings
from service.web.purge import Teller

R = TypeVar("R")
out = Console()
err = Console(stderr=True)


def settings() -> Settings:
    """The settings, or the end of the command with every fault named."""
    try:
        return Settings()
    except ValidationError as error:
        for fault in error.errors():
            name = "PARLEY_" + "_".join(str(part) for part in fault["loc"]).upper() if fault["loc"] else "settings"
            err.print(f"[red]{name}[/red]: {fault['msg'].removeprefix('Value error, ')}")
        raise typer.Exit(2) from error


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
    except Refused as error:
        fail(f"{error.field}: {error.detail}" if error.field else error.detail)


def print_json(value: Any) -> None:
    """For scripts: one JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
