"""The `parley` command."""

from __future__ import annotations

import sys

import typer
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError

from service.commands import (
    data,
    doctor,
    erase,
    keys,
    mail,
    moderate,
    outbox,
    outside,
    run,
    safekeeping,
    sites,
    threads,
    users,
)
from service.commands.terminal import unreachable
from service.kit.migrate import Blocked
from service.kit.seal import NoSecret

# Away, refused, no such database: not what a statement of ours did wrong.
_OF_THE_SURROUNDINGS = (OperationalError, InterfaceError, ProgrammingError)

app = typer.Typer(
    name="parley",
    help="Comments for news sites: serve them, bring them along, look after them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(run.serve)
app.command("worker")(run.worker)
app.command("demo")(run.demo)
app.command("migrate")(run.migrate)
app.command("backup")(safekeeping.backup)
app.command("restore")(safekeeping.restore)
app.command("erase")(erase.erase)
app.command("export")(data.export)
app.command("migrate-check")(data.migrate_check)
app.command("health")(doctor.health)
app.command("doctor")(doctor.doctor)
app.add_typer(sites.app, name="site", help="Sites and their settings.")
app.add_typer(outbox.app, name="outbox", help="What waits to be told, and what was given up.")
app.add_typer(mail.app, name="mail", help="What comes back of mail to readers.")
app.add_typer(threads.app, name="thread", help="Discussions: find, close, move, merge, remap, purge.")
app.add_typer(users.app, name="user", help="Moderators and owners.")
app.add_typer(moderate.app, name="moderate", help="Decide about many comments at once, and take it back.")
app.add_typer(keys.app, name="key", help="What a site's own servers prove themselves with.")
app.add_typer(outside.webhook, name="webhook", help="Tell others what happens at a site.")
app.add_typer(outside.hook, name="hook", help="Ask others what they think of a comment.")
app.add_typer(data.app, name="import", help="Bring comments along from elsewhere.")


def main() -> None:
    """The console script. What is wrong with the surroundings is told in words, not by where in the code it was met."""
    try:
        app()
    except (NoSecret, Blocked) as error:
        sys.exit(str(error))
    except (DBAPIError, OSError) as error:
        if isinstance(error, DBAPIError) and not isinstance(
            error, OperationalError | InterfaceError | ProgrammingError
        ):
            raise
        sys.exit(unreachable(error))


if __name__ == "__main__":
    main()
