"""`parley key`: what a site's own servers prove themselves with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from service import identity, keys, sites
from service.commands.terminal import fail, out, print_json, settings, with_database
from service.kit import text
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.http import Outbound
from service.kit.ids import parse_id
from service.kit.seal import Keeper
from service.record import TERMINAL

app = typer.Typer(no_args_is_help=True)
SiteName = Annotated[str, typer.Argument(help="The site's shortname.")]
Id = Annotated[str, typer.Argument(help="Its id; `list` shows it.")]
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]
_ONCE = "shown this once"


@app.command("add")
def add(
    site: SiteName,
    name: Annotated[str, typer.Argument(help="What it is for, for the team.")],
    scope: Annotated[list[str] | None, typer.Option(help="sso, read or manage; may be given more than once.")] = None,
    algorithm: Annotated[str, typer.Option(help="HS256, EdDSA, ES256, RS256, or disqus")] = "HS256",
    public_key: Annotated[Path | None, typer.Option(help="A public key in PEM.", exists=True, dir_okay=False)] = None,
    jwks_url: Annotated[str | None, typer.Option(help="Where public keys lie: https://…")] = None,
) -> None:
    """Make a key. Prints its public id, and its secret where it has one."""
    scopes = [known for known in keys.SCOPES if known in (scope or ["sso"])]
    chosen = next((known for known in keys.ALGORITHMS if known == algorithm), None)
    if chosen is None or set(scope or ["sso"]) != set(scopes):
        fail(f"scopes are {', '.join(keys.SCOPES)}; algorithms are {', '.join(keys.ALGORITHMS)}", 2)

    async def change(tx: WriteTx, url: str | None) -> tuple[keys.Key, str | None]:
        return await keys.create(
            tx,
            Keeper.of(settings()),
            (await sites.by_name(tx, site)).id,
            text.clean_line(name, field="name", max_chars=80),
            scopes,
            chosen,
            public_key=public_key.read_text() if public_key is not None else None,
            jwks_url=url,
            by=TERMINAL,
        )

    async def act(db: Database) -> tuple[keys.Key, str | None]:
        # Nothing is sent here; whether Parley would ask there at all is said at once.
        guard = Outbound(settings().outbound_hosts)
        return await db.transact(change, guard.checked(jwks_url, field="jwks_url") if jwks_url is not None else None)

    _tell(*with_database(act))


@app.command("list")
def list_(site: SiteName, as_json: Json = False) -> None:
    """Show the keys of a site, without their secrets."""

    async def read(tx: ReadTx) -> list[keys.Key]:
        return await keys.of_site(tx, (await sites.by_name(tx, site)).id)

    async def act(db: Database) -> list[keys.Key]:
        return await db.read(read)

    found = with_database(act)
    if as_json:
        shown = ("public", "name", "scopes", "algorithm", "jwks_url", "ends_at", "used_at", "is_valid")
        print_json([{"id": str(each.id)} | {field: getattr(each, field) for field in shown} for each in found])
        return
    for each in found:
        until = (
            "" if each.ends_at is None else f"  {'until' if each.is_valid else 'ended'} {each.ends_at:%Y-%m-%d %H:%M}"
        )
        what = f"{each.algorithm} for {', '.join(each.scopes)}"
        out.print(f"{each.id}  {each.public}  {what}  {each.name}{until}", highlight=False, soft_wrap=True)


@app.command("rotate")
def rotate(
    site: SiteName,
    number: Id,
    keep_hours: Annotated[int, typer.Option(help="Hours for which the key before stays valid.", min=0, max=168)] = 24,
) -> None:
    """Make another key for the same. The one before stays valid for a while, so that nothing stops meanwhile."""

    async def change(tx: WriteTx) -> tuple[keys.Key, str]:
        found, keep = await sites.by_name(tx, site), timedelta(hours=keep_hours)
        number_ = parse_id(number, field="key")
        return await keys.rotate(tx, Keeper.of(settings()), found.id, number_, keep=keep, by=TERMINAL)

    async def act(db: Database) -> tuple[keys.Key, str]:
        return await db.transact(change)

    _tell(*with_database(act))


@app.command("revoke")
def revoke(
    site: SiteName,
    number: Id,
    end_sessions: Annotated[
        bool, typer.Option("--end-sessions", help="Sign out the readers who are signed in because of it, too.")
    ] = False,
) -> None:
    """End a key at once."""

    async def change(tx: WriteTx) -> None:
        found, key = await sites.by_name(tx, site), parse_id(number, field="key")
        await keys.revoke(tx, found.id, key, end_sessions=end_sessions, by=TERMINAL)

    async def act(db: Database) -> None:
        await db.transact(change)

    with_database(act)
    out.print(f"key {number} is worth nothing any more", highlight=False)


@app.command("token")
def token(
    site: SiteName,
    number: Id,
    email: Annotated[str, typer.Argument(help="Whose: somebody of the team.")],
    scope: Annotated[list[str] | None, typer.Option(help="read, write or admin; may be given more than once.")] = None,
) -> None:
    """Make an access token of a key, by which an application acts for somebody of the team."""
    scopes = [known for known in keys.TOKEN_SCOPES if known in (scope or ["read"])]
    if set(scope or ["read"]) != set(scopes):
        fail(f"scopes are {', '.join(keys.TOKEN_SCOPES)}", 2)

    async def change(tx: WriteTx) -> keys.Issued:
        found = await sites.by_name(tx, site)
        key = await keys.get(tx, found.id, parse_id(number, field="key"))
        account = (await identity.member(tx, found.id, email)).account
        return await keys.issue(tx, key, account.id, scopes, by=TERMINAL)

    async def act(db: Database) -> keys.Issued:
        return await db.transact(change)

    made = with_database(act)
    out.print(f"token   {made.token.id} for {', '.join(made.token.scopes)}", highlight=False, soft_wrap=True)
    out.print(f"secret  {made.secret}  ({_ONCE})", highlight=False, soft_wrap=True)


def _tell(made: keys.Key, secret: str | None) -> None:
    out.print(f"key     {made.id} {made.public}", highlight=False, soft_wrap=True)
    if secret is not None:
        out.print(f"secret  {secret}  ({_ONCE})", highlight=False, soft_wrap=True)
