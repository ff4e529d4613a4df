"""`parley mail`: what comes back of mail to readers, handed over by the mail server; how mailboxes stand."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from service import mailing
from service.commands.terminal import err, out, print_json, settings, with_database
from service.kit.db import Database
from service.kit.errors import Unavailable
from service.kit.seal import Keeper

app = typer.Typer(no_args_is_help=True)
# What tells a mail server to hand it over again later (sysexits.h).
_TRY_AGAIN = 75


@app.callback()
def mail() -> None:
    """Mail to readers."""


@app.command("returned")
def returned(
    recipient: Annotated[
        str, typer.Option(help="The address it was delivered to; Postfix's pipe says it as ${recipient}.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Read a mail that came back, or a complaint, from standard input, and stop mail to a mailbox that is gone.

    What is no such mail, or not about mail of ours, is left alone, and is no error: a mail server that gets one would
    send it back.
    """
    keeper = Keeper.of(settings())
    report = mailing.read_report(sys.stdin.buffer.read(mailing.LARGEST_REPORT), recipient)

    async def act(db: Database) -> str:
        return await db.transact(mailing.came_back, keeper, report)

    try:
        verdict = with_database(act)
    except (Unavailable, typer.Exit) as error:
        err.print("the database is away: hand it over again later")
        raise typer.Exit(_TRY_AGAIN) from error
    if as_json:
        print_json({"verdict": verdict})
    else:
        out.print(verdict)
