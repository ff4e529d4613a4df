"""`parley import` and `parley export`: bring comments along, take an import back, carry comments out."""

from __future__ import annotations

import asyncio
import gzip
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service import sites, transfer
from service.commands.terminal import err, fail, out, print_json, settings, with_database
from service.kit.db import Database
from service.kit.errors import Refused
from service.kit.http import Outbound
from service.sites import Site

app = typer.Typer(no_args_is_help=True)

_File = Annotated[Path, typer.Argument(help="The file, plain or gzip.", exists=True, dir_okay=False)]
_Site = Annotated[str, typer.Option("--site", help="The site that gets the comments.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count what would be imported.")]
_Json = Annotated[bool, typer.Option("--json", help="The report as JSON, for scripts.")]
_Move = Annotated[
    list[str] | None,
    typer.Option("--move", help="Where pages are now: `localhost:4000 -> https://news.example`. As often as needed."),
]
_Moves = Annotated[
    Path | None,
    typer.Option("--moves", help="A file of such rules, or a CSV `old,new`.", exists=True, dir_okay=False),
]
_Merge = Annotated[
    bool, typer.Option("--merge", help="Make one page of pages that share comments; see the report of a dry run.")
]


@app.callback()
def group() -> None:
    """Bring comments along from elsewhere."""


def _command(name: str | None) -> Callable[..., None]:
    """The command of a format; of None, the one that looks at the file."""

    def bring(
        file: _File,
        *,
        site: _Site,
        dry_run: _DryRun = False,
        as_json: _Json = False,
        move: _Move = None,
        moves: _Moves = None,
        merge: _Merge = False,
    ) -> None:
        run_import(file, site, name, _rules(move, moves), dry_run=dry_run, as_json=as_json, merge=merge)

    return bring


app.command("file", help="Import a file of any format: its beginning tells which. Again: nothing changes.")(
    _command(None)
)
for _each in transfer.FORMATS.values():
    app.command(
        "disqus-file" if _each.name == "disqus-api" else _each.name,
        help=f"Import an export of {_each.title}. The whole file is checked first; running it again changes nothing.",
    )(_command(_each.name))


def _rules(move: list[str] | None, moves: Path | None) -> list[str]:
    return [*(move or ()), *(moves.read_text(encoding="utf-8-sig").splitlines() if moves else ())]


def run_import(
    file: Path,
    site: str,
    source: str | None,
    rules: list[str],
    *,
    dry_run: bool,
    as_json: bool,
    merge: bool = False,
) -> None:
    """Import a file, or only count, and print the report. To `merge`, it is looked through once before."""
    bar = progress_bar()

    async def act(db: Database) -> transfer.Report:
        found = await db.read(sites.by_name, site)
        with bar:
            task = bar.add_task("comments", total=None)
            if merge:
                await _merge(db, found, file, source, rules)
            bring = transfer.plan_file if dry_run else transfer.import_file
            return await bring(
                db,
                found,
                file,
                source=source,
                moves=transfer.read_moves(rules),
                progress=lambda done, total: bar.update(task, completed=done, total=total or None),
            )

    report = with_database(act)
    if as_json:
        print_json(report.as_json())
        return
    if dry_run:
        out.print("Nothing is changed. An import would say:", highlight=False, markup=False)
    for line in report.lines():
        out.print(line, highlight=False, markup=False)


async def _merge(db: Database, site: Site, file: Path, source: str | None, rules: list[str]) -> None:
    """Add the rules that make one page of each pair that shares comments. A report names so many pairs at a time."""
    while True:
        before = await transfer.plan_file(db, site, file, source=source, moves=transfer.read_moves(rules))
        more = [rule for rule in before.merging(partial(transfer.is_own, site)) if rule not in rules]
        if not more:
            return
        rules.extend(more)


@app.command("disqus-api")
def disqus_api(
    site: _Site,
    *,
    forum: Annotated[str, typer.Option("--forum", help="The forum's shortname at Disqus.")],
    key: Annotated[str, typer.Option("--key", envvar="DISQUS_API_KEY", help="The API key of an application.")],
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            envvar="DISQUS_ACCESS_TOKEN",
            help="A moderator's access token: deleted comments with answers, spam and held ones are told with it only.",
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Where it is kept on the way; with the same file it goes on.")
    ] = None,
    api: Annotated[str, typer.Option("--api", help="Where the API is.")] = transfer.DISQUS_API,
    dry_run: _DryRun = False,
    as_json: _Json = False,
    move: _Move = None,
    moves: _Moves = None,
) -> None:
    """Pull a forum through Disqus's API and import it, where no export can be had. Goes on where it stopped."""
    path = file or Path(f"disqus-{forum}.jsonl")
    bar = Progress(TextColumn("{task.completed} comments pulled"), console=err, transient=True)

    async def act() -> int:
        out_there = Outbound(settings().outbound_hosts)
        try:
            with bar:
                task = bar.add_task("comments", total=None)
                return await transfer.pull(
                    out_there,
                    transfer.Forum(forum, key, token, api.rstrip("/")),
                    path,
                    progress=lambda posts: bar.update(task, completed=posts),
                )
        finally:
            await out_there.close()

    try:
        posts = asyncio.run(act())
    except Refused as refused:
        fail(refused.detail)
    err.print(f"{posts:,} comments in {path}", highlight=False)
    run_import(path, site, "disqus-api", _rules(move, moves), dry_run=dry_run, as_json=as_json)


@app.command("list")
def listed(site: _Site, *, as_json: _Json = False) -> None:
    """The imports of a site, newest first, with their numbers."""

    async def act(db: Database) -> list[Any]:
        found = await db.read(sites.by_name, site)
        return await db.read(transfer.of_site, found.id, None, 100)

    runs = with_database(act)
    if as_json:
        names = ("source", "file_name", "state", "started_at")
        print_json([{"id": str(run.id)} | {name: getattr(run, name) for name in names} for run in runs])
        return
    for run in runs:
        came = run.report.get("comments", 0) + run.report.get("tombstones", 0)
        out.print(
            f"{run.id}  {run.started_at:%Y-%m-%d %H:%M}  {run.state:9}  {came:>9,}  {run.source} {run.file_name}",
            highlight=False,
            markup=False,
        )


@app.command("undo")
def undo(
    run: Annotated[int, typer.Argument(help="The import's number, see `parley import list`.")], site: _Site
) -> None:
    """Take an import back: exactly what it brought goes; what readers added since stays, below tombstones."""
    bar = progress_bar()

    async def act(db: Database) -> transfer.TakenBack:
        found = await db.read(sites.by_name, site)
        with bar:
            task = bar.add_task("comments", total=None)
            return await transfer.undo(
                db, found, run, progress=lambda done, total: bar.update(task, completed=done, total=total or None)
            )

    taken = with_database(act)
    out.print(
        f"taken back {taken.comments:,} comments, {taken.threads:,} pages, {taken.people:,} authors;"
        f" {taken.tombstones:,} stay without words, because something hangs on them",
        highlight=False,
        markup=False,
    )


def migrate_check(
    urls: Annotated[list[str] | None, typer.Argument(help="Addresses of articles.")] = None,
    *,
    site: Annotated[str, typer.Option("--site", help="The site.")],
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", help="A file of addresses, one a line; behind a blank the page's identifier.", exists=True
        ),
    ] = None,
    as_json: _Json = False,
) -> None:
    """Show for each article which discussion it would show, what is missing, and the rules and redirects to set."""
    lines = [*(urls or ()), *(file.read_text(encoding="utf-8-sig").splitlines() if file else ())]
    asked = [line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#")]
    if not asked:
        fail("Name an address, or a file of them.", 2)

    async def act(db: Database) -> list[transfer.Checked]:
        found = await db.read(sites.by_name, site)
        return [
            await db.read(transfer.check_page, found, url, rest[0].strip() if rest else None) for url, *rest in asked
        ]

    pages = with_database(act)
    if as_json:
        print_json([page.as_json() for page in pages])
    else:
        for page in pages:
            _tell_page(page)
    # So that a script can wait for it to be well.
    if any(page.verdict in {"elsewhere", "foreign-host", "no-address"} for page in pages):
        raise typer.Exit(1)


def _tell_page(page: transfer.Checked) -> None:
    what = f"{page.comments:,} comments" if page.comments else "no comments"
    lines = [f"{page.verdict:12}  {what:>14}  {page.url}"]
    if page.known_as:
        lines.append(f"{'':30}known as {page.known_as}")
    if page.advice:
        lines.append(f"{'':30}{page.advice}")
    if page.rule:
        lines.append(f"{'':30}--move '{page.rule}'")
    for line in lines:
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def export(
    site: Annotated[str, typer.Argument(help="The site.")],
    file: Annotated[Path, typer.Argument(help="Where to write it, ….jsonl or ….jsonl.gz; - for standard output.")],
) -> None:
    """Write all threads and comments of a site as JSON Lines (docs/imports.md); `parley import` reads it.

    It holds hidden comments too, each with its state: it is yours, and not for others.
    """
    bar = Progress(TextColumn("{task.completed} comments"), console=err, transient=True)

    async def act(db: Database) -> None:
        found = await db.read(sites.by_name, site)
        if str(file) == "-":
            await _write(db, found, sys.stdout.buffer, bar)
            return
        # Never half a file under the name of a whole one, and readable for nobody else.
        draft = file.with_name(f".{file.name}.{os.getpid()}.part")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                if file.suffix == ".gz":
                    with gzip.open(target, "wb") as packed:
                        await _write(db, found, packed, bar)
                else:
                    await _write(db, found, target, bar)
                target.flush()
                os.fsync(target.fileno())
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)

    if str(file) != "-" and not file.resolve().parent.is_dir():
        fail(f"There is no folder {file.resolve().parent}.")
    with_database(act)


async def _write(db: Database, site: Site, target: BinaryIO | gzip.GzipFile, bar: Progress) -> None:
    await db.transact(transfer.note_export, site, None)
    with bar:
        task = bar.add_task("comments", total=None)
        async for line in transfer.export_lines(db, site, progress=lambda done: bar.update(task, completed=done)):
            target.write(line.encode())


def progress_bar() -> Progress:
    """How far it is, on the terminal's other channel."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    )
