"""Starting things: the server, the worker, the demo, migrations."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from typing import Annotated

import typer

from service import worker as work
from service.app import create_app
from service.commands.terminal import fail, out, settings
from service.demo import seed
from service.kit import heap, log, traces
from service.kit import migrate as migrations
from service.kit.db import Database
from service.kit.embedded import EmbeddedRedis
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.web.beside import beside
from service.web.parts import Parts, make_parts
from service.web.server import Server, room
from service.web.server import config as server_config

Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default="PARLEY_HOST or 127.0.0.1")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.", show_default="PARLEY_PORT or 8000")]
SharePort = Annotated[
    bool,
    typer.Option("--share-port", help="Let other `parley serve` of this machine listen there too: one for each core."),
]


def serve(host: Host = None, port: Port = None, share_port: SharePort = False) -> None:
    """Serve comments. On the embedded floor this is all there is to run: it migrates, keeps a Redis and works."""
    chosen, listener = _listen(settings(), host, port, is_strict=True, is_shared=share_port)
    with _stores(chosen) as ready:
        if ready.is_sqlite:
            asyncio.run(_migrate(ready))
        out.print(f"Parley serves at {ready.origin}", highlight=False)
        _run(ready, listener)


def demo(host: Host = None, port: Port = None) -> None:
    """Migrate, load the demo site, serve, and print where to look. A second run keeps the data."""
    plain, listener = _listen(settings(), host, port, is_strict=False)
    with _stores(plain.model_copy(update={"demo": True, "worker_in_server": True})) as ready:
        asyncio.run(_migrate(ready))
        made = asyncio.run(_seed(ready))
        # No box: it would cut the link, and lines that do not wrap can be clicked and copied.
        for line in (
            "",
            "[bold]Parley is there.[/bold] Ctrl-C ends it; the data stay.",
            "",
            f"  an article with its discussion   {ready.origin}/demo",
            f"  the moderators' console          {ready.origin}/console",
            f"  the API, documented              {ready.origin}/docs",
            "",
            f"  sign in once as {made.moderator}, within an hour:",
            f"  {ready.origin}/console/enter?token={made.token}",
            "",
        ):
            out.print(line, highlight=False, soft_wrap=True)
        _run(ready, listener)


def worker(
    metrics_port: Annotated[
        int | None,
        typer.Option(help="Answer /livez, /readyz and /metrics there, on 127.0.0.1.", min=1, max=65_535),
    ] = None,
) -> None:
    """Do what follows from what happened: queue, mail. Beside `serve` on PostgreSQL; any number may run."""
    chosen = settings()
    if chosen.redis_url is None:
        fail("PARLEY_REDIS_URL is not set: on the embedded floor `parley serve` is the worker too")
    _watched(chosen)

    async def run() -> None:
        parts = make_parts(chosen, work.reactions)
        heap.settle()
        task = asyncio.create_task(_work(parts, metrics_port))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await parts.close()

    asyncio.run(run())
    traces.end()


async def _work(parts: Parts, metrics_port: int | None) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(work.run(parts))
        if metrics_port is not None:
            group.create_task(beside(parts, metrics_port).serve())


def migrate(
    to: Annotated[str, typer.Argument(help="Revision to go to: `head`, `base`, or one by name.")] = "head",
    down: Annotated[bool, typer.Option("--down", help="Go back down to that revision.")] = False,
) -> None:
    """Bring the database's schema up to date. Safe to run again, and from several machines at once."""
    chosen = settings()
    chosen.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    before, after = asyncio.run(_migrate(chosen, to, down=down))
    out.print(f"{before or 'empty'} → {after or 'empty'}", highlight=False)


async def _migrate(chosen: Settings, to: str = "head", *, down: bool = False) -> tuple[str | None, str | None]:
    db = Database(chosen)
    try:
        before, _ = await migrations.state(db.engine)
        await (migrations.downgrade(db.engine, to) if down else migrations.upgrade(db.engine, to))
        after, _ = await migrations.state(db.engine)
        return before, after
    finally:
        await db.close()


async def _seed(chosen: Settings) -> seed.DemoSite:
    db = Database(chosen)
    try:
        return await seed.seed(db, Keeper.of(chosen), chosen.origin)
    finally:
        await db.close()


def _listen(
    chosen: Settings, host: str | None, port: int | None, *, is_strict: bool, is_shared: bool = False
) -> tuple[Settings, socket.socket]:
    """Bind now, so that the port that is printed is the port that is served. The demo takes the next free one."""
    # Only a port nobody asked for by name may move. Asked before the copy, which counts as naming it.
    moves = not is_strict and port is None and "port" not in chosen.model_fields_set
    chosen = chosen.model_copy(update={"host": host or chosen.host, "port": chosen.port if port is None else port})
    wanted = range(chosen.port, min(chosen.port + 50, 65_536)) if moves else [chosen.port]
    for number in wanted:
        family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            # The kernel spreads the connections over all who listen. Only processes of the same user can join.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            listener.bind((chosen.host, number))
        except OSError as error:
            listener.close()
            reason = error.strerror
            continue
        listener.listen(2048)
        return chosen.model_copy(update={"port": listener.getsockname()[1]}), listener
    return fail(f"cannot listen on {chosen.host}:{chosen.port}: {reason}. Choose another with --port.")


@contextlib.contextmanager
def _stores(chosen: Settings) -> Iterator[Settings]:
    """The settings with a Redis that runs: the configured one, or an embedded child that ends with this process."""
    _watched(chosen)
    chosen.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        Keeper.of(chosen)
    except ValueError as error:
        fail(str(error))
    if chosen.redis_url is not None:
        yield chosen
        return
    try:
        embedded = EmbeddedRedis(chosen.data_dir)
        embedded.start()
    except (RuntimeError, OSError) as error:
        fail(str(error))
    try:
        yield chosen.model_copy(update={"redis_url": embedded.url})
    finally:
        embedded.stop()


def _run(chosen: Settings, listener: socket.socket) -> None:
    server = Server(server_config(create_app(chosen), patience=chosen.client_seconds, most=room()))
    # uvicorn raises the signal again after a clean end. Neither is an error here, and the embedded Redis, which this
    # function's caller stops, must see an orderly end too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    traces.end()


def _watched(chosen: Settings) -> None:
    """Log, and make traces, as the settings say."""
    log.configure(chosen)
    try:
        traces.begin(chosen)
    except traces.NotInstalled as error:
        fail(str(error))
