"""`parley outbox`: what waits to follow from what happened, what was given up, and setting it going again."""

from __future__ import annotations

from typing import Annotated

import typer

from service import outbox, record
from service.commands.terminal import out, print_json, with_database
from service.kit.db import Database, WriteTx

app = typer.Typer(no_args_is_help=True)


@app.command("show")
def show(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Show what waits and how old it is, and what was given up."""

    async def act(db: Database) -> tuple[outbox.Figures, list[outbox.DeadFact]]:
        return await db.read(outbox.figures), await db.read(outbox.dead, None, 100)

    figures, found = with_database(act)
    if as_json:
        print_json({**vars(figures), "items": [vars(fact) for fact in found]})
        return
    since = f", the oldest since {figures.oldest:%Y-%m-%d %H:%M} UTC" if figures.oldest else ""
    out.print(f"{figures.waiting} waiting{since}; {figures.dead} given up", highlight=False)
    for fact in found:
        out.print(f"{fact.id}  {fact.kind}  {fact.payload}  {fact.last_error}", highlight=False, markup=False)


@app.command("retry")
def retry(
    facts: Annotated[list[int] | None, typer.Argument(help="Their ids; all of them when left out.")] = None,
) -> None:
    """Hand on again what was given up. What follows is safe to repeat."""

    async def redrive(tx: WriteTx) -> int:
        count = await outbox.redrive(tx, facts or None)
        await record.append(tx, record.PLATFORM, record.TERMINAL, "outbox-redriven", "outbox", {"count": count})
        return count

    async def act(db: Database) -> int:
        return await db.transact(redrive)

    out.print(f"{with_database(act)} are handed on again by the worker", highlight=False)
