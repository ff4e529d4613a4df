"""`parley webhook` and `parley hook`: who is told what happens at a site, and who is asked about comments."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

import typer

from service import hooks, sites
from service.commands.terminal import fail, out, print_json, settings, with_database
from service.delivery import Sending, deliveries, sending, webhooks
from service.delivery.deliveries import Delivery
from service.hooks import Hook, Wanted
from service.hooks.hook import Timing, WhenSilent
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.http import Outbound
from service.kit.ids import parse_id
from service.kit.seal import Keeper
from service.record import TERMINAL

webhook = typer.Typer(no_args_is_help=True)
hook = typer.Typer(no_args_is_help=True)

SiteName = Annotated[str, typer.Argument(help="The site's shortname.")]
Address = Annotated[str, typer.Argument(help="Where to send: https://…")]
Id = Annotated[str, typer.Argument(help="Its id; `list` shows it.")]
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]
Keep = Annotated[int, typer.Option(help="Hours for which the secrets before stay valid.", min=0, max=168)]
_ONCE = "shown this once; the receiver checks signatures with it"


@contextlib.asynccontextmanager
async def _outbound() -> AsyncIterator[Outbound]:
    made = Outbound(settings().outbound_hosts)
    try:
        yield made
    finally:
        await made.close()


@webhook.command("add")
def add_webhook(
    site: SiteName,
    url: Address,
    event: Annotated[list[str] | None, typer.Option(help="What it is told; all, if none is named.")] = None,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Tell an address what happens at a site. Prints its secret."""
    events = [known for known in webhooks.EVENTS if known in (event or webhooks.EVENTS)]
    if unknown := set(event or ()) - set(webhooks.EVENTS):
        fail(f"there is no event {', '.join(sorted(unknown))}; there are {', '.join(webhooks.EVENTS)}", 2)

    async def change(tx: WriteTx, checked: str) -> tuple[webhooks.Webhook, str]:
        found = await sites.by_name(tx, site)
        return await webhooks.create(tx, Keeper.of(settings()), found.id, checked, events, note[:200], by=TERMINAL)

    async def act(db: Database) -> tuple[webhooks.Webhook, str]:
        async with _outbound() as outbound:
            return await db.transact(change, outbound.checked(url))

    made, secret = with_database(act)
    out.print(f"webhook {made.id} to {made.url}", highlight=False, soft_wrap=True)
    out.print(f"secret  {secret}  ({_ONCE})", highlight=False, soft_wrap=True)


@webhook.command("list")
def list_webhooks(site: SiteName, as_json: Json = False) -> None:
    """Show the webhooks of a site."""

    async def read(tx: ReadTx) -> list[webhooks.Webhook]:
        return await webhooks.of_site(tx, (await sites.by_name(tx, site)).id)

    async def act(db: Database) -> list[webhooks.Webhook]:
        return await db.read(read)

    found = with_database(act)
    if as_json:
        shown = ("id", "url", "events", "note", "enabled", "disabled_because", "failures")
        print_json([{name: getattr(each, name) for name in shown} | {"id": str(each.id)} for each in found])
        return
    for each in found:
        is_on = "on " if each.enabled else f"off ({each.disabled_because or 'by an owner'})"
        out.print(f"{each.id}  {is_on}  {each.url}  {' '.join(each.events)}", highlight=False, soft_wrap=True)


@webhook.command("test")
def test_webhook(site: SiteName, number: Id) -> None:
    """Send a `webhook.test` now. Ends with 1 when it was not taken."""

    async def note(tx: WriteTx) -> int:
        found = await sites.by_name(tx, site)
        await webhooks.get(tx, found.id, parse_id(number, field="webhook"))
        return await sending.ping(tx, parse_id(number, field="webhook"))

    async def act(db: Database) -> Delivery:
        made = await db.transact(note)
        async with _outbound() as outbound:
            await Sending(db, outbound, Keeper.of(settings())).work(made)
        return await db.read(deliveries.get, parse_id(number, field="webhook"), made)

    tried = with_database(act)
    (last,) = tried.tries
    if tried.state != "delivered":
        fail(f"not taken: {last.fault or last.status}{f' (status {last.status})' if last.status else ''}")
    out.print(f"taken with status {last.status} in {last.milliseconds} ms", highlight=False)


@webhook.command("rotate")
def rotate_webhook(site: SiteName, number: Id, keep_hours: Keep = 24) -> None:
    """Make a new secret; until the old one ends, messages are signed with both."""

    async def change(tx: WriteTx) -> str:
        found, keeper = await sites.by_name(tx, site), Keeper.of(settings())
        keep = timedelta(hours=keep_hours)
        return (await webhooks.rotate(tx, keeper, found.id, parse_id(number, field="webhook"), keep=keep, by=TERMINAL))[
            1
        ]

    async def act(db: Database) -> str:
        return await db.transact(change)

    out.print(f"secret  {with_database(act)}  ({_ONCE})", highlight=False, soft_wrap=True)


@webhook.command("remove")
def remove_webhook(site: SiteName, number: Id) -> None:
    """Delete a webhook with its log."""

    async def change(tx: WriteTx) -> None:
        await webhooks.remove(tx, (await sites.by_name(tx, site)).id, parse_id(number, field="webhook"), by=TERMINAL)

    async def act(db: Database) -> None:
        await db.transact(change)

    with_database(act)
    out.print(f"webhook {number} is deleted", highlight=False)


@hook.command("add")
def add_hook(
    site: SiteName,
    name: Annotated[str, typer.Argument(help="Stands before its signals: small letters, digits, -.")],
    url: Address,
    after: Annotated[bool, typer.Option("--after", help="Ask once the comment is there, instead of before.")] = False,
    timeout_ms: Annotated[int, typer.Option(help="How long it may take.", min=50, max=10_000)] = 800,
    hold_when_silent: Annotated[bool, typer.Option(help="Hold what it says nothing about.")] = False,
    shadow: Annotated[bool, typer.Option("--shadow", help="Ask and record; nothing follows.")] = False,
) -> None:
    """Ask an address about comments. Prints its secret."""
    timing: Timing = "after" if after else "wait"
    when_silent: WhenSilent = "hold" if hold_when_silent else "pass"
    if not (name.isascii() and name.replace("-", "").isalnum() and name[0].isalpha() and name == name.lower()[:30]):
        fail("a hook's name has up to 30 small letters, digits and -, and begins with a letter", 2)

    async def change(tx: WriteTx, checked: str) -> tuple[Hook, str]:
        found, keeper = await sites.by_name(tx, site), Keeper.of(settings())
        return await hooks.create(
            tx, keeper, found.id, Wanted(name, checked, timing, timeout_ms, when_silent, shadow=shadow), by=TERMINAL
        )

    async def act(db: Database) -> tuple[Hook, str]:
        async with _outbound() as outbound:
            return await db.transact(change, outbound.checked(url))

    made, secret = with_database(act)
    out.print(f"hook    {made.id} {made.name} at {made.url}", highlight=False, soft_wrap=True)
    out.print(f"secret  {secret}  ({_ONCE})", highlight=False, soft_wrap=True)


@hook.command("list")
def list_hooks(site: SiteName, as_json: Json = False) -> None:
    """Show the screening hooks of a site."""

    async def read(tx: ReadTx) -> list[Hook]:
        return await hooks.of_site(tx, (await sites.by_name(tx, site)).id)

    async def act(db: Database) -> list[Hook]:
        return await db.read(read)

    found = with_database(act)
    if as_json:
        shown = ("name", "url", "timing", "timeout_ms", "when_silent", "hold_at", "shadow", "enabled")
        print_json([{"id": str(each.id)} | {key: getattr(each, key) for key in shown} for each in found])
        return
    for each in found:
        marks = [each.timing, f"{each.timeout_ms} ms", f"{each.when_silent} when silent"]
        marks += ["shadow"] * each.shadow + ["off"] * (not each.enabled)
        out.print(f"{each.id}  {each.name}  {each.url}  ({', '.join(marks)})", highlight=False, soft_wrap=True)


@hook.command("remove")
def remove_hook(site: SiteName, number: Id) -> None:
    """Delete a screening hook with what it answered."""

    async def change(tx: WriteTx) -> None:
        await hooks.remove(tx, (await sites.by_name(tx, site)).id, parse_id(number, field="hook"), by=TERMINAL)

    async def act(db: Database) -> None:
        await db.transact(change)

    with_database(act)
    out.print(f"hook {number} is deleted", highlight=False)
