"""`parley backup` and `parley restore`: everything in one file, and back."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from service import backup as backups
from service.commands.terminal import err, fail, out, settings, with_database
from service.kit import migrate
from service.kit.db import Database
from service.kit.seal import Keeper


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it, usually ….jsonl.gz; - for standard output.")],
) -> None:
    """Write everything into one file, of one moment, while Parley goes on working.

    The secret is not in it: keep PARLEY_SECRET_KEY, or the file `secret` in the data folder, elsewhere.
    """
    keeper = Keeper.of(settings())

    async def act(db: Database) -> dict[str, int]:
        at, wanted = await migrate.state(db.engine)
        if migrate.is_newer(at):
            fail(f"The database is at {at}, newer than this Parley's {wanted}: back it up with the newer one.")
        if at != wanted:
            fail(f"The database is at {at or 'nothing'}, this Parley needs {wanted}: run `parley migrate` first.")
        if str(file) == "-":
            return await backups.dump(db, keeper, sys.stdout.buffer)
        # Never half a file under the name of a whole one, and readable for nobody else.
        draft = file.with_name(f".{file.name}.{os.getpid()}.part")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                rows = await backups.dump(db, keeper, target)
                target.flush()
                os.fsync(target.fileno())
            draft.replace(file)
        except OSError as error:
            fail(f"{file} cannot be written: {error.strerror}. Nothing is left of it.")
        finally:
            draft.unlink(missing_ok=True)
        return rows

    if str(file) != "-" and not file.resolve().parent.is_dir():
        fail(f"There is no folder {file.resolve().parent}.")
    rows = with_database(act)
    err.print(f"{sum(rows.values())} rows, {rows['comment']} of them comments", highlight=False)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", exists=True, dir_okay=False)],
    *,
    check: Annotated[bool, typer.Option("--check", help="Only see whether the file is whole.")] = False,
    secret_is_lost: Annotated[
        bool, typer.Option("--secret-is-lost", help="Go on with another secret than the backup's.")
    ] = False,
    erased: Annotated[
        Path | None,
        typer.Option(
            help="The list of those who stay erased.", show_default="PARLEY_ERASED_LIST", exists=True, dir_okay=False
        ),
    ] = None,
) -> None:
    """Put a backup into an empty database, SQLite or PostgreSQL, whichever it came from.

    Whoever was erased since it was made is erased again, by the list that is kept beside the database.
    """
    if check:
        try:
            head, rows = backups.checked(file)
        except backups.Damaged as error:
            fail(error.detail)
        out.print(f"whole: made {head.made_at} by Parley {head.version}, {sum(rows.values())} rows", highlight=False)
        return
    chosen = settings()
    chosen.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    keeper = Keeper.of(chosen)
    bar = Progress(
        TextColumn("rows"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), console=err, transient=True
    )

    async def act(db: Database) -> tuple[backups.Head, dict[str, int]]:
        with bar:
            task = bar.add_task("rows", total=None)
            return await backups.restore(
                db,
                keeper,
                file,
                erased or chosen.erased_file,
                secret_is_lost=secret_is_lost,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )

    head, rows = with_database(act)
    out.print(
        f"{sum(rows.values())} rows, {rows['comment']} of them comments, as they were {head.made_at}", highlight=False
    )
    out.print("Moderators sign in anew. `parley doctor` looks at what is there.", highlight=False)
