"""`parley moderate`: decide about many comments from the terminal, with a preview first and an undo after."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service import identity, moderation, sites
from service.commands.terminal import err, fail, out, print_json, settings, with_database
from service.identity import Staff
from service.kit import text
from service.kit.db import Database, ReadTx
from service.kit.errors import Invalid
from service.kit.ids import parse_id
from service.kit.redis import Redis
from service.moderation import bulk, bulk_work, selecting
from service.moderation.bulk import Job
from service.moderation.selecting import BulkFilter, Selection
from service.sites import Site, SiteUnknown

app = typer.Typer(no_args_is_help=True)
_IDS = {"id", "site_id", "account_id", "undo_of"}

SiteName = Annotated[str, typer.Option("--site", help="The site's shortname.")]
By = Annotated[str, typer.Option("--by", help="The e-mail address of the moderator who decides: it stands on record.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
JobId = Annotated[str, typer.Argument(help="A job's id; `parley moderate list` shows them.")]
Author = Annotated[str | None, typer.Option(help="A person's id.")]
Address = Annotated[str | None, typer.Option(help="An address's pseudonym.")]
AddressOf = Annotated[str | None, typer.Option(help="The id of a comment that came from the address you mean.")]
Thread = Annotated[str | None, typer.Option(help="A discussion's id.")]
Word = Annotated[str | None, typer.Option(help="A word or phrase, `*` for any letters; look-alikes are found too.")]
Host = Annotated[str | None, typer.Option(help="A host that is linked to or named, with its subdomains.")]
After = Annotated[datetime | None, typer.Option(help="Written at this time (UTC) or later.")]
Before = Annotated[datetime | None, typer.Option(help="Written before this time (UTC).")]
MinScore = Annotated[int | None, typer.Option(help="Ups minus downs, at least.")]
MaxScore = Annotated[int | None, typer.Option(help="Ups minus downs, at most.")]
InState = Annotated[str | None, typer.Option("--state", help="Otherwise published and held.")]


@app.command("bulk")
def bulk_(
    site: SiteName,
    by: By,
    action: Annotated[str | None, typer.Option(help=f"One of {', '.join(moderation.ACTIONS)}.")] = None,
    author: Author = None,
    address: Address = None,
    address_of: AddressOf = None,
    thread: Thread = None,
    word: Word = None,
    host: Host = None,
    after: After = None,
    before: Before = None,
    min_score: MinScore = None,
    max_score: MaxScore = None,
    state: InState = None,
    reason: Annotated[str, typer.Option(help="A code of the site's list.")] = "",
    note: Annotated[str, typer.Option(help="For the record.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask after the preview.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what it would be about.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look for comments, show how many and the first of them, ask, and decide about all of them."""
    chosen = bulk.as_action(action or "")
    if chosen is None and (action or not preview):
        fail(f"an action is one of {', '.join(moderation.ACTIONS)}", 2)
    asked = BulkFilter(
        author=_id(author, "author"),
        address=address,
        address_of=_id(address_of, "address-of"),
        thread=_id(thread, "thread"),
        word=word,
        host=host,
        after=_utc(after),
        before=_utc(before),
        min_score=min_score,
        max_score=max_score,
        state=_state(state),
    )

    async def act(db: Database) -> Job | Selection:
        found, staff = await db.read(_who_where, site, by)
        selection = await selecting.select(db, staff, found, asked)
        if preview or chosen is None or not selection.items:
            return selection
        _show(selection, to_stderr=as_json)
        if not yes:
            typer.confirm(f"{action} {len(selection.items)} comments?", abort=True, err=True)
        _, token = await db.transact(bulk.keep, staff, found, asked, selection)
        job = await db.transact(bulk.start, staff, token, chosen, reason=reason, note=note)
        return await _carry_out(db, staff, job)

    _tell(with_database(act), as_json=as_json)


@app.command("undo")
def undo(job: JobId, by: By, as_json: AsJson = False) -> None:
    """Take back every decision of a job, but those that somebody has decided anew since."""

    async def act(db: Database) -> Job:
        staff = await db.read(_who, by)
        return await _carry_out(db, staff, await db.transact(bulk.undo, staff, _number(job)))

    _tell(with_database(act), as_json=as_json)


@app.command("cancel")
def cancel(job: JobId, by: By, as_json: AsJson = False) -> None:
    """Stop a job that is at work elsewhere. What it has done stays done."""

    async def act(db: Database) -> Job:
        return await db.transact(bulk.cancel, await db.read(_who, by), _number(job))

    _tell(with_database(act), as_json=as_json)


@app.command("resume")
def resume(job: JobId, by: By, as_json: AsJson = False) -> None:
    """Go on with a job whose worker died; it takes up to a minute until that is sure."""

    async def act(db: Database) -> Job:
        staff = await db.read(_who, by)
        return await _carry_out(db, staff, await db.read(bulk.get, staff, _number(job)))

    _tell(with_database(act), as_json=as_json)


@app.command("list")
def list_(site: SiteName, by: By, as_json: AsJson = False) -> None:
    """Show the last bulk jobs of a site."""

    async def act(db: Database) -> list[Job]:
        found, staff = await db.read(_who_where, site, by)
        return await db.read(bulk.of_site, staff, found.id, None, 50)

    jobs = with_database(act)
    if as_json:
        print_json([_as_json(job) for job in jobs])
        return
    for job in jobs:
        out.print(_line(job), highlight=False, markup=False)


async def _carry_out(db: Database, staff: Staff, job: Job) -> Job:
    """Do the work here, with a bar; or watch, when a worker was quicker to take it."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    )
    url = settings().redis_url
    # The embedded Redis lives in the server's process, whose own worker takes the decided cases out of it.
    redis = Redis(url) if url else None
    queue = moderation.Queue(redis, db) if redis else None
    try:
        with bar:
            task = bar.add_task(job.action, total=job.total)
            while not job.is_over:
                await bulk_work.work(
                    db,
                    queue,
                    only=job.id,
                    progress=lambda now: bar.update(task, completed=now.done + sum(now.skipped.values())),
                )
                job = await db.read(bulk.get, staff, job.id)
                bar.update(task, completed=job.done + sum(job.skipped.values()))
                if not job.is_over:
                    await bulk_work.pause()
    finally:
        if redis is not None:
            await redis.close()
    return job


async def _who(tx: ReadTx, email: str) -> Staff:
    account = await identity.account_by_email(tx, email)
    staff = await identity.staff_of(tx, account.id) if account else None
    if staff is None:
        raise Invalid("nobody has that address; add them with `parley user add`", field="--by")
    return staff


async def _who_where(tx: ReadTx, site: str, email: str) -> tuple[Site, Staff]:
    found, staff = await sites.by_name(tx, site), await _who(tx, email)
    if not staff.is_moderator_at(found.id):
        raise SiteUnknown("That person does not moderate this site.", field="--by")
    return found, staff


def _tell(result: Job | Selection, *, as_json: bool) -> None:
    if isinstance(result, Selection):
        if as_json:
            print_json({"count": len(result.items), "is_whole": result.is_whole, "looked_at": result.looked_at})
        else:
            _show(result, to_stderr=False)
        return
    if as_json:
        print_json(_as_json(result))
    else:
        out.print(_line(result), highlight=False, markup=False)
    if result.state != "done" and not result.is_over:
        raise typer.Exit(1)


def _show(found: Selection, *, to_stderr: bool) -> None:
    console = err if to_stderr else out
    rest = "" if found.is_whole else f"; only the newest {found.looked_at} texts were read"
    console.print(f"{len(found.items)} comments{rest}", highlight=False)
    for comment, author in found.samples[:5]:
        name = author.name if author else ""
        console.print(f"  {name}: {text.excerpt(comment.html or '', 100)}", highlight=False, markup=False)


def _as_json(job: Job) -> dict[str, Any]:
    ids = {name: value and str(value) for name, value in vars(job).items() if name in _IDS}
    return vars(job) | ids


def _line(job: Job) -> str:
    skipped = "".join(f", {count} skipped ({kind})" for kind, count in sorted(job.skipped.items()))
    return f"{job.id}  {job.action}  {job.state}: {job.done} of {job.total}{skipped}"


def _number(job: str) -> int:
    return parse_id(job, field="job")


def _id(given: str | None, field: str) -> int | None:
    return parse_id(given, field=field) if given is not None else None


def _utc(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=UTC) if given is not None and given.tzinfo is None else given


def _state(given: str | None) -> str | None:
    if given is not None and given not in selecting.STATES:
        fail(f"a state is one of {', '.join(selecting.STATES)}", 2)
    return given
