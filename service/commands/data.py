"""`parley import`: bring comments along."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service import sites, transfer
from service.commands.terminal import err, out, print_json, with_database
from service.kit.db import Database

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Bring comments along from elsewhere."""


@app.command("disqus")
def disqus(
    file: Annotated[Path, typer.Argument(help="The export, .xml or .xml.gz.", exists=True, dir_okay=False)],
    site: Annotated[str, typer.Option("--site", help="The site that gets the comments.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be imported.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON, for scripts.")] = False,
) -> None:
    """Import a Disqus XML export. The whole file is checked first; running it again changes nothing."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    )

    async def act(db: Database) -> transfer.Report:
        found = await db.read(sites.by_name, site)
        with bar:
            task = bar.add_task("comments", total=None)
            bring = transfer.plan_file if dry_run else transfer.import_file
            return await bring(
                db, found, file, progress=lambda done, total: bar.update(task, completed=done, total=total)
            )

    report = with_database(act)
    if as_json:
        print_json(report.as_json())
        return
    if dry_run:
        out.print("Nothing is changed. An import would say:", highlight=False, markup=False)
    for line in report.lines():
        out.print(line, highlight=False, markup=False)
