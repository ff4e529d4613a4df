"""`parley site`: make sites, set where their pages live and how they behave."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from service import publishing, record, sites, threads
from service.commands.terminal import fail, out, print_json, with_database, with_stores
from service.kit.db import Database, WriteTx
from service.kit.redis import Redis
from service.settings import SECTIONS, history, in_force

app = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The site's shortname.")]
Origins = Annotated[
    list[str], typer.Argument(help="Where its articles live: https://news.example, https://*.news.example")
]


@app.command("add")
def add(name: Name, origins: Origins, title: Annotated[str, typer.Option(help="The publisher's name.")] = "") -> None:
    """Make a site."""

    async def act(db: Database) -> sites.Site:
        return await db.transact(sites.create, name, title or name, origins, {}, by=record.TERMINAL)

    made = with_database(act)
    out.print(f"site {made.name} for {', '.join(made.origins)}", highlight=False)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Show all sites."""

    async def act(db: Database) -> list[sites.Site]:
        return await db.read(sites.all_sites)

    found = with_database(act)
    if as_json:
        print_json([{"name": site.name, "title": site.title, "origins": site.origins} for site in found])
        return
    for site in found:
        out.print(f"{site.name}  {site.title}  {' '.join(site.origins)}", highlight=False)


@app.command("origins")
def origins(name: Name, origins: Origins) -> None:
    """Set where the site's articles live; this replaces what was set."""

    async def change(tx: WriteTx) -> sites.Site:
        site = await sites.by_name(tx, name)
        return await sites.configure(tx, site.id, origins=origins, by=record.TERMINAL)

    async def act(db: Database) -> sites.Site:
        return await db.transact(change)

    out.print(f"{name}: {' '.join(with_database(act).origins)}", highlight=False)


@app.command("show")
def show(name: Name) -> None:
    """Show all settings of a site, defaults included, as JSON."""

    async def act(db: Database) -> sites.Site:
        return await db.read(sites.by_name, name)

    site = with_database(act)
    print_json(in_force(site))


@app.command("set")
def set_(
    name: Name,
    key: Annotated[str, typer.Argument(help="section.setting, such as posting.edit_seconds")],
    value: Annotated[str, typer.Argument(help="JSON, or plain text")],
) -> None:
    """Set one setting. `parley site show` lists them."""
    section, _, path = key.partition(".")
    if section not in SECTIONS or not path:
        fail(f"write section.setting; sections are {', '.join(SECTIONS)}", 2)

    async def change(tx: WriteTx) -> sites.Site:
        site = await sites.by_name(tx, name)
        values = site.section(section, SECTIONS[section]).model_dump(mode="json")
        _put(values, path.split("."), _value(value))
        chosen = SECTIONS[section].model_validate(values)
        return await sites.configure(tx, site.id, section=section, values=chosen, by=record.TERMINAL)

    async def act(db: Database) -> sites.Site:
        return await db.transact(change)

    try:
        with_database(act)
    except ValidationError as error:
        fail("\n".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()), 2)
    out.print(f"{name}: {key} is set", highlight=False)


@app.command("history")
def history_(name: Name, as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Show who changed which settings, the last change first."""

    async def act(db: Database) -> list[history.Change]:
        site = await db.read(sites.by_name, name)
        return await db.read(history.changes, site.id, before=None, limit=50)

    found = with_database(act)
    if as_json:
        print_json([{**vars(change), "by": f"{change.by.kind}:{change.by.id}"} for change in found])
        return
    for it in found:
        told = f"{it.number:6}  {it.at:%Y-%m-%d %H:%M}  {it.by.kind} {it.by.id or ''}  {it.section}"
        out.print(f"{told}  {it.before} -> {it.after}", highlight=False, markup=False)


@app.command("undo")
def undo(
    name: Name, change: Annotated[int, typer.Argument(help="A change's number; `parley site history` lists them.")]
) -> None:
    """Take one change of the settings back."""

    async def take_back(tx: WriteTx) -> sites.Site:
        site = await sites.by_name(tx, name)
        return await history.take_back(tx, site, change, site.settings_version, by=record.TERMINAL)

    async def act(db: Database) -> sites.Site:
        return await db.transact(take_back)

    out.print(f"{name}: change {change} is taken back; version {with_database(act).settings_version}", highlight=False)


@app.command("erase")
def erase(
    name: Name,
    confirm: Annotated[str, typer.Option(help="The site's shortname, typed; otherwise you are asked.")] = "",
    now: Annotated[bool, typer.Option("--now", help="Without the week to think.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the site after all.")] = False,
) -> None:
    """Erase a site with all it ever held, in a week. Export before what you want to keep."""
    if not keep and not confirm:
        confirm = typer.prompt("This is for good. Type the site's shortname to go on")

    async def ask(tx: WriteTx) -> sites.Erasure | None:
        site = await sites.by_name(tx, name)
        if keep:
            await sites.keep(tx, site, by=record.TERMINAL)
            return None
        wait = timedelta() if now else sites.COOLING
        return await sites.ask_erasure(tx, site, confirm, by=record.TERMINAL, cooling=wait)

    async def act(db: Database, redis: Redis) -> str:
        asked = await db.transact(ask)
        if asked is None:
            return "is kept"
        if not now:
            return f"is erased after {asked.due_at:%Y-%m-%d %H:%M} UTC; until then: parley site erase {name} --keep"
        await publishing.erase_due(db, redis)
        return "is erased"

    out.print(f"{name} {with_stores(act)}", highlight=False)


@app.command("sections")
def sections(name: Name) -> None:
    """Sort all discussions into the sections the site's rules name now; after `threads.sections` was changed."""

    async def act(db: Database) -> int:
        site = await db.read(sites.by_name, name)
        moved, after = 0, 0
        while True:
            changed, last = await db.transact(threads.sort_into_sections, site, after)
            moved += changed
            if last is None:
                return moved
            after = last

    out.print(f"{name}: {with_database(act)} discussions went to another section", highlight=False)


def _put(values: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        below = values.get(part)
        if not isinstance(below, dict):
            fail(f"there is no setting {part!r}", 2)
        values = below
    if path[-1] not in values:
        fail(f"there is no setting {path[-1]!r}; there are {', '.join(values)}", 2)
    values[path[-1]] = value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
