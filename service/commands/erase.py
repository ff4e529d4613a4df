"""`parley erase`: have somebody forgotten, by their id or by what an import called them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from service import comments, identity, privacy, record, sites
from service.commands.terminal import fail, out, print_json, settings, with_database
from service.kit.db import Database, WriteTx
from service.kit.ids import parse_id
from service.kit.seal import Keeper


def erase(
    site: Annotated[str, typer.Option("--site", help="The site's shortname.")],
    person: Annotated[str | None, typer.Option(help="A person's id, as the console and the API show it.")] = None,
    origin: Annotated[str | None, typer.Option(help="What an import called somebody, such as disqus:user:ada.")] = None,
    comment: Annotated[str | None, typer.Option(help="The id of a comment of theirs.")] = None,
    reason: Annotated[str, typer.Option(help=f"One of {', '.join(privacy.ERASURE_REASONS)}.")] = "asked",
    note: Annotated[str, typer.Option(help="For the record; erased with the person.")] = "",
    cooling: Annotated[bool, typer.Option("--cooling", help="Wait as long as the site's rules say.")] = False,
    call_off: Annotated[bool, typer.Option("--call-off", help="Let an erasure that waits be.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Forget somebody for good: their text, name, address and votes, here and in every backup that is restored."""
    why = next((known for known in privacy.ERASURE_REASONS if known == reason), None)
    if why is None:
        fail(f"a reason is one of {', '.join(privacy.ERASURE_REASONS)}", 2)
    if sum(each is not None for each in (person, origin, comment)) != 1:
        fail("say who: one of --person, --origin and --comment", 2)
    if not (yes or call_off):
        typer.confirm("What is erased cannot be brought back. Go on?", abort=True, err=True)
    chosen = settings()
    keeper = Keeper.of(chosen)

    async def change(tx: WriteTx) -> privacy.Erasure:
        found = await sites.by_name(tx, site)
        who = await _who(tx, found.id, person, origin, comment)
        if call_off:
            return await privacy.call_off(tx, found, who, by=record.TERMINAL)
        wait = None if cooling else timedelta()
        return await privacy.ask(tx, found, who, by=record.TERMINAL, reason=why, note=note, wait=wait)

    async def act(db: Database) -> privacy.Erasure:
        asked = await db.transact(change)
        if not (cooling or call_off):
            # Here and now; where a worker was quicker to take it, it is that worker's.
            await privacy.Eraser(db, keeper, chosen.erased_file).work()
            asked = await db.read(privacy.get, asked.id)
        return asked

    done = with_database(act)
    if as_json:
        print_json({**vars(done), **{name: str(getattr(done, name)) for name in ("id", "site_id", "person_id")}})
        return
    out.print(_said(done), highlight=False)


async def _who(tx: WriteTx, site_id: int, person: str | None, origin: str | None, comment: str | None) -> int:
    if person is not None:
        return parse_id(person, field="--person")
    if origin is not None:
        found = await identity.by_origin(tx, site_id, origin)
        if found is None:
            raise privacy.PersonUnknown
        return found
    found_comment = await comments.get(tx, parse_id(comment or "", field="--comment"), comments.STAFF)
    if found_comment.person_id is None:  # deleted: the text is gone, whose it was is not told any more
        raise privacy.PersonUnknown
    return found_comment.person_id


def _said(done: privacy.Erasure) -> str:
    if done.state == "done":
        return f"forgotten: {done.comments} comments, {done.votes} votes"
    if done.state == "called-off":
        return "called off"
    return f"{done.state}; due {done.due_at:%Y-%m-%d %H:%M} UTC"
