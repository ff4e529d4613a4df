"""`parley thread`: find, close, lock, name, move, merge, remap and purge discussions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from service import publishing, sites, threads
from service.commands.terminal import fail, out, print_json, with_database
from service.kit.db import Database, WriteTx
from service.kit.errors import Refused
from service.publishing import Job, acts, jobs, mapping
from service.record import TERMINAL
from service.sites import Site
from service.threads import Thread, Wanted, canonical

app = typer.Typer(no_args_is_help=True)
SiteName = Annotated[str, typer.Option("--site", help="The site's shortname.")]
Which = Annotated[str, typer.Argument(help="A discussion's id, or the address of its page.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
Yes = Annotated[bool, typer.Option("--yes", help="Begin at once what is planned; otherwise you are asked.")]
_STATES: dict[str, threads.State] = {"open": "open", "closed": "closed", "locked": "locked"}


@app.command("list")
def list_(
    site: SiteName,
    words: Annotated[str, typer.Argument(help="Words in the title, the address or the identifier.")] = "",
    state: Annotated[str, typer.Option(help="open, closed or locked")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Find discussions, those begun last first."""
    if state and state not in _STATES:
        fail("a state is one of open, closed, locked", 2)

    async def act(db: Database) -> list[Thread]:
        chosen = await db.read(sites.by_name, site)
        found: list[Thread] = []
        before: int | None = None
        while len(found) < limit:
            wanted, most = Wanted(words, _STATES.get(state)), min(limit - len(found), 500)
            page = await db.read(threads.look_through, chosen.id, wanted, before=before, limit=most)
            found += page.threads
            if (before := page.following) is None:
                break
        return found

    found = with_database(act)
    if as_json:
        print_json([{"id": str(it.id), "url": it.url, "title": it.title, "state": it.state} for it in found])
        return
    for it in found:
        out.print(
            f"{it.id}  {it.state:6}  {it.comment_count:6}  {it.url}  {it.title or ''}", highlight=False, markup=False
        )


@app.command("close")
def close(site: SiteName, which: Which) -> None:
    """Let nobody write into a discussion."""
    _change(site, which, acts.Change(state="closed"))


@app.command("open")
def open_(site: SiteName, which: Which) -> None:
    """Let people write into a discussion again."""
    _change(site, which, acts.Change(state="open"))


@app.command("lock")
def lock(site: SiteName, which: Which) -> None:
    """Close a discussion, and let authors take nothing back: all stays as it stands."""
    _change(site, which, acts.Change(state="locked"))


@app.command("title")
def title(site: SiteName, which: Which, title: Annotated[str, typer.Argument(help="Empty for none.")]) -> None:
    """Give a discussion another title."""
    _change(site, which, acts.Change(title=title.strip()[:500]))


@app.command("move")
def move(site: SiteName, which: Which, url: Annotated[str, typer.Argument(help="The new address.")]) -> None:
    """Let a discussion be about the page at another address; the old one goes on leading to it."""
    try:
        _change(site, which, acts.Change(url=canonical(url)))
    except Refused as error:
        fail(error.detail, 2)


@app.command("merge")
def merge(site: SiteName, which: Which, into: Which, yes: Yes = False, as_json: AsJson = False) -> None:
    """Put everything of one discussion into another. `parley thread undo` parts them again."""

    async def plan(db: Database, chosen: Site) -> Job:
        one, other = await _found(db, chosen, which), await _found(db, chosen, into)
        return await db.transact(jobs.plan_merge, chosen, one.id, other.id, by=TERMINAL)

    _carry_out(site, plan, yes=yes, as_json=as_json)


@app.command("purge")
def purge(
    site: SiteName,
    which: Which,
    confirm: Annotated[
        str, typer.Option(help="The address of the discussion's page, typed; otherwise you are asked.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Delete a discussion with all its comments, for good."""

    async def plan(db: Database, chosen: Site) -> Job:
        return await db.transact(jobs.plan_purge, chosen, (await _found(db, chosen, which)).id, by=TERMINAL)

    _carry_out(site, plan, yes=bool(confirm), as_json=as_json, confirm=confirm, is_typed=True)


@app.command("remap")
def remap(
    site: SiteName,
    rule: Annotated[str, typer.Option(help="prefix, host or pattern")] = "",
    source: Annotated[str, typer.Option("--from", help="A beginning, a host, or a pattern of the whole address.")] = "",
    target: Annotated[str, typer.Option("--to", help="What it becomes; $1 … $9 are a pattern's groups.")] = "",
    file: Annotated[
        Path | None, typer.Option("--csv", help="Or a list: old address, new address.", exists=True)
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Move many discussions to other addresses: by a rule, or by a list. `parley thread undo` moves them back."""
    kinds: dict[str, mapping.Kind] = {"prefix": "prefix", "host": "host", "pattern": "pattern"}
    if (file is None) == (rule not in kinds):
        fail("say either --rule prefix|host|pattern with --from and --to, or --csv", 2)
    try:
        text = file.read_text("utf-8-sig") if file is not None else ""
        mapper = mapping.pairs(text) if file is not None else mapping.rule(kinds[rule], source, target)
    except (Refused, UnicodeDecodeError) as error:
        fail(str(error), 2)

    async def plan(db: Database, chosen: Site) -> Job:
        job = await db.transact(jobs.plan_remap, chosen, mapper, by=TERMINAL)
        return await _worked(db, chosen, job)

    _carry_out(site, plan, yes=yes, as_json=as_json)


@app.command("jobs")
def jobs_(site: SiteName, as_json: AsJson = False) -> None:
    """Show the jobs on a site's discussions, the last one first."""

    async def act(db: Database) -> list[Job]:
        return await db.read(jobs.of_site, (await db.read(sites.by_name, site)).id, None, 50)

    found = with_database(act)
    if as_json:
        print_json([_as_json(job) for job in found])
        return
    for job in found:
        out.print(f"{job.id}  {job.kind:6}  {job.state:9}  {_told(job)}", highlight=False, markup=False)


@app.command("undo")
def undo(site: SiteName, job: Annotated[int, typer.Argument(help="The job's id.")], as_json: AsJson = False) -> None:
    """Take a merge or a remap back."""

    async def act(db: Database) -> Job:
        chosen = await db.read(sites.by_name, site)
        return await _worked(db, chosen, await db.transact(jobs.undo, chosen, job, by=TERMINAL))

    _say(with_database(act), as_json=as_json)


def _change(site: str, which: str, wanted: acts.Change) -> None:
    async def act(db: Database) -> Thread:
        chosen = await db.read(sites.by_name, site)
        found = await _found(db, chosen, which)

        async def change(tx: WriteTx) -> Thread:
            return await acts.change(tx, chosen, found.id, wanted, by=TERMINAL)

        return await db.transact(change)

    after = with_database(act)
    out.print(f"{after.id}  {after.state}  {after.url}  {after.title or ''}", highlight=False, markup=False)


def _carry_out(
    site: str,
    plan: Callable[[Database, Site], Awaitable[Job]],
    *,
    yes: bool,
    as_json: bool,
    confirm: str = "",
    is_typed: bool = False,
) -> None:
    """Plan, show what would happen, ask, and do it."""

    async def first(db: Database) -> Job:
        return await plan(db, await db.read(sites.by_name, site))

    planned = with_database(first)
    if not yes:
        _say(planned, as_json=False)
        for sample in planned.samples:
            out.print(f"  {sample}", highlight=False, markup=False)
        if is_typed:
            confirm = typer.prompt("This is for good. Type the address of the discussion to go on")
        else:
            typer.confirm("Begin?", abort=True)

    async def second(db: Database) -> Job:
        chosen = await db.read(sites.by_name, site)
        begun = await db.transact(jobs.begin, chosen, planned.id, by=TERMINAL, confirm=confirm)
        return await _worked(db, chosen, begun)

    _say(with_database(second), as_json=as_json)


async def _worked(db: Database, site: Site, job: Job) -> Job:
    """Do the work here and now, or wait for the worker that has it."""
    while True:
        await publishing.work(db, only=job.id)
        after = await db.read(jobs.get, site, job.id)
        if after.state not in jobs.AT_WORK:
            return after
        await publishing.pause()


async def _found(db: Database, site: Site, which: str) -> Thread:
    if which.isdigit():
        return await db.read(jobs.own, site, int(which))
    number = await db.read(threads.at_key, site.id, canonical(which).key)
    if number is None:
        raise threads.ThreadUnknown
    return await db.read(jobs.own, site, number)


def _say(job: Job, *, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(job))
        return
    out.print(f"{job.kind} {job.id} is {job.state}: {_told(job)}", highlight=False, markup=False)


def _told(job: Job) -> str:
    counts = ", ".join(f"{name} {count}" for name, count in job.counts.items()) or "nothing counted"
    return f"{counts}; done {job.done}"


def _as_json(job: Job) -> dict[str, object]:
    return {"id": str(job.id), "kind": job.kind, "state": job.state, "counts": job.counts, "done": job.done}
