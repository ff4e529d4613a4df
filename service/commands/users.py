"""`parley user`: who moderates and owns a site."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from service import identity, record, sites
from service.commands.terminal import fail, out, settings, with_database
from service.kit.db import Database, WriteTx

app = typer.Typer(no_args_is_help=True)
Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
SiteName = Annotated[str, typer.Option("--site", help="The site's shortname.")]


@app.command("add")
def add(
    email: Email,
    site: SiteName,
    role: Annotated[str, typer.Option(help="member, expert, moderator, editor or owner")] = "moderator",
    name: Annotated[str, typer.Option(help="How the person is called.")] = "",
    section: Annotated[
        list[str] | None, typer.Option(help="Only in this section; may be given more than once.")
    ] = None,
) -> None:
    """Give somebody a role at a site."""
    chosen = next((known for known in identity.ROLES if known == role), None)
    if chosen is None:
        fail(f"a role is one of {', '.join(identity.ROLES)}", 2)

    async def change(tx: WriteTx) -> identity.Account:
        found = await sites.by_name(tx, site)
        return await identity.grant(tx, email, name, found.id, chosen, sections=section or None, by=record.TERMINAL)

    async def act(db: Database) -> identity.Account:
        return await db.transact(change)

    account = with_database(act)
    out.print(f"{account.email} is {role} of {site}; sign-in link: parley user link {account.email}", highlight=False)


@app.command("remove")
def remove(email: Email, site: SiteName) -> None:
    """Take all roles at a site from somebody, at once, in every open session."""

    async def change(tx: WriteTx) -> None:
        found = await sites.by_name(tx, site)
        account = await identity.account_by_email(tx, email)
        if account is None:
            fail(f"nobody has the address {email}")
        await identity.revoke(tx, account.id, found.id, by=record.TERMINAL)

    async def act(db: Database) -> None:
        await db.transact(change)

    with_database(act)
    out.print(f"{email} has no role at {site} any more", highlight=False)


@app.command("list")
def list_(site: SiteName) -> None:
    """Show the team of a site."""

    async def read(db: Database) -> list[identity.Member]:
        found = await db.read(sites.by_name, site)
        return await db.read(identity.team, found.id)

    for known in with_database(read):
        where = f"  only {', '.join(known.sections)}" if known.sections is not None else ""
        out.print(f"{known.role:10} {known.account.email}  {known.account.name}{where}", highlight=False)


@app.command("admin")
def admin(
    email: Email,
    name: Annotated[str, typer.Option(help="How the person is called.")] = "",
    off: Annotated[bool, typer.Option("--off", help="Not any more.")] = False,
) -> None:
    """Let somebody run the platform: every site, with an owner's rights."""

    async def act(db: Database) -> identity.Account:
        return await db.transact(identity.set_admin, email, name, is_admin=not off, by=record.TERMINAL)

    account = with_database(act)
    out.print(f"{account.email} {'is no administrator any more' if off else 'is an administrator'}", highlight=False)


@app.command("link")
def link(email: Email) -> None:
    """Print a one-time sign-in link, good for an hour."""

    async def change(tx: WriteTx) -> str:
        account = await identity.account_by_email(tx, email)
        if account is None:
            fail(f"nobody has the address {email}; add them with `parley user add`")
        return await identity.make_link(tx, account.id, life=timedelta(hours=1))

    async def act(db: Database) -> str:
        return await db.transact(change)

    typer.echo(f"{settings().origin}/console/enter?token={with_database(act)}")
