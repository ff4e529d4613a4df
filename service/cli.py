"""The `parley` command."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError

from service.commands.terminal import unreachable
from service.kit.migrate import Blocked
from service.kit.seal import NoSecret

# Away, refused, no such database: not what a statement of ours did wrong.
_OF_THE_SURROUNDINGS = (OperationalError, InterfaceError, ProgrammingError)

# Where each is: its file in service/commands, and its name there.
_COMMANDS = {
    "serve": ("run", "serve"),
    "worker": ("run", "worker"),
    "demo": ("run", "demo"),
    "migrate": ("run", "migrate"),
    "backup": ("safekeeping", "backup"),
    "restore": ("safekeeping", "restore"),
    "erase": ("erase", "erase"),
    "export": ("data", "export"),
    "migrate-check": ("data", "migrate_check"),
    "health": ("doctor", "health"),
    "doctor": ("doctor", "doctor"),
}
_GROUPS = {
    "site": ("sites", "app", "Sites and their settings."),
    "outbox": ("outbox", "app", "What waits to be told, and what was given up."),
    "mail": ("mail", "app", "What comes back of mail to readers."),
    "thread": ("threads", "app", "Discussions: find, close, move, merge, remap, purge."),
    "user": ("users", "app", "Moderators and owners."),
    "moderate": ("moderate", "app", "Decide about many comments at once, and take it back."),
    "key": ("keys", "app", "What a site's own servers prove themselves with."),
    "webhook": ("outside", "webhook", "Tell others what happens at a site."),
    "hook": ("outside", "hook", "Ask others what they think of a comment."),
    "import": ("data", "app", "Bring comments along from elsewhere."),
}


def app_for(asked: str | None) -> typer.Typer:
    """The commands; only the one that is asked for, where it is known: to import all of them takes seconds."""
    app = typer.Typer(
        name="parley",
        help="Comments for news sites: serve them, bring them along, look after them.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def _commands() -> None:
        # With a single command and without this, typer would take its name for an argument.
        pass

    is_known = asked in _COMMANDS or asked in _GROUPS
    for name, (file, word) in _COMMANDS.items():
        if not is_known or name == asked:
            app.command(name)(_found(file, word))
    for name, (file, word, about) in _GROUPS.items():
        if not is_known or name == asked:
            app.add_typer(_found(file, word), name=name, help=about)
    return app


def _found(file: str, word: str) -> Any:
    return getattr(importlib.import_module(f"service.commands.{file}"), word)


def main() -> None:
    """The console script. What is wrong with the surroundings is told in words, not by where in the code it was met."""
    try:
        app_for(next(iter(sys.argv[1:]), None))()
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
