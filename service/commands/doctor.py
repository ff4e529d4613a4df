"""`parley doctor`: what is wrong with a set-up, in plain words, and what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

import aiosmtplib
import typer
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service import identity, privacy, record, sites
from service.commands.terminal import err, out, print_json, settings
from service.kit import http, migrate
from service.kit.db import Database, ReadTx, position
from service.kit.redis import Away, Redis
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.web.parts import STATIC

Verdict = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    about: str
    verdict: Verdict
    says: str


def health(
    port: Annotated[int | None, typer.Option(help="Port of the server on this machine.")] = None,
) -> None:
    """Ask the server on this machine whether it is ready; for containers."""
    url = f"http://127.0.0.1:{port or settings().port}/readyz"
    try:
        answer = asyncio.run(http.look(url, seconds=5))
    except http.NoAnswer as error:
        err.print(f"no answer from {url}: {error}", highlight=False)
        raise typer.Exit(1) from error
    out.print(answer.body.decode("utf-8", "replace"), highlight=False)
    raise typer.Exit(0 if answer.is_good else 1)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Look at the whole set-up. Ends with 1 when something is wrong; warnings do not count."""
    findings = asyncio.run(examine(settings()))
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        marks = {"ok": "[green]ok     [/green]", "warning": "[yellow]warning[/yellow]", "wrong": "[red]wrong  [/red]"}
        for finding in findings:
            out.print(f"{marks[finding.verdict]} {finding.about}: {finding.says}", highlight=False)
    raise typer.Exit(1 if any(finding.verdict == "wrong" for finding in findings) else 0)


async def examine(chosen: Settings) -> list[Finding]:
    """Everything there is to look at; a check that breaks is itself a finding."""
    checks: list[tuple[str, Callable[[Settings], Awaitable[list[Finding]]]]] = [
        ("data folder", _data_dir),
        ("secret", _secret),
        ("database", _database),
        ("replica", _replica),
        ("log", _log),
        ("erased", _erased),
        ("Redis", _redis),
        ("address", _address),
        ("mail", _mail),
        ("embed", _embed),
    ]
    findings: list[Finding] = []
    for about, check in checks:
        try:
            findings += await check(chosen)
        except Exception as error:  # noqa: BLE001  # doctor reports what it meets, it does not fall over it
            findings.append(Finding(about, "wrong", f"{type(error).__name__}: {error}"))
    return findings


async def _data_dir(chosen: Settings) -> list[Finding]:
    folder = chosen.data_dir
    if not folder.exists():
        return [Finding("data folder", "warning", f"{folder} is not there yet; it is made at the first start")]
    if not os.access(folder, os.W_OK):
        return [Finding("data folder", "wrong", f"{folder} cannot be written to; change its owner, or PARLEY_DATA_DIR")]
    free = shutil.disk_usage(folder).free / 2**30
    if free < 1:
        return [Finding("data folder", "wrong", f"only {free:.2f} GB are free under {folder}")]
    return [Finding("data folder", "ok", f"{folder}, {free:.0f} GB free")]


async def _secret(chosen: Settings) -> list[Finding]:
    if chosen.secret_key is None and chosen.is_sqlite and not (chosen.data_dir / "secret").exists():
        return [Finding("secret", "ok", "will be made at the first start")]
    try:
        Keeper.of(chosen)
    except ValueError as error:
        return [Finding("secret", "wrong", str(error))]
    return [Finding("secret", "ok", "is set")]


async def _database(chosen: Settings) -> list[Finding]:
    kind = "SQLite" if chosen.is_sqlite else "PostgreSQL"
    if chosen.is_sqlite and not chosen.data_dir.exists():
        return [Finding("database", "warning", "there is none yet; `parley serve` makes it")]
    db = Database(chosen)
    try:
        async with asyncio.timeout(8):
            at, wanted = await migrate.state(db.engine)
            findings = [Finding("database", "ok", f"{kind} answers")]
            if migrate.is_newer(at):
                newer = (
                    f"is at {at}, newer than this version's {wanted}: an upgrade is under way, or was forgotten here"
                )
                return [*findings, Finding("schema", "warning", newer)]
            if at != wanted:
                findings.append(
                    Finding("schema", "wrong", f"is at {at or 'nothing'}, needs {wanted}: run `parley migrate`")
                )
                return findings
            findings.append(Finding("schema", "ok", f"is at {at}"))
            if not chosen.is_sqlite:
                findings.append(await _skew(db))
            found = await db.read(sites.all_sites)
    finally:
        await db.close()
    names = ", ".join(site.name for site in found)
    findings.append(
        Finding("sites", "ok", names)
        if found
        else Finding("sites", "warning", "there is none: `parley site add NAME ORIGIN`")
    )
    return findings


async def _erased(chosen: Settings) -> list[Finding]:
    """Whether the list of the erased is beside the database, whole and of this secret."""
    if chosen.is_sqlite and not chosen.data_dir.exists():
        return []
    path = chosen.erased_file
    try:
        is_ours, kept = privacy.read_list(path, Keeper.of(chosen)) if path.exists() else (True, [])
    except privacy.ListDamaged as error:
        return [Finding("erased", "wrong", f"{error.detail} Take it from a backup, or move it away")]
    if not is_ours:
        return [Finding("erased", "wrong", f"{path} was written with another secret; a restore will be refused")]
    db = Database(chosen)
    try:
        missing = set(await db.read(identity.listed)) - set(kept)
    except DBAPIError:
        return []  # the schema is told of above
    finally:
        await db.close()
    if missing:
        return [Finding("erased", "warning", f"{len(missing)} are not in {path} yet; the worker adds them")]
    return [Finding("erased", "ok", f"{len(kept)} pseudonyms in {path}; keep a copy with your backups")]


async def _log(chosen: Settings) -> list[Finding]:
    """Each site's log, entry by entry."""
    if chosen.is_sqlite and not chosen.data_dir.exists():
        return []
    db = Database(chosen)
    try:
        at, wanted = await migrate.state(db.engine)
        if at != wanted:
            return []
        names = {site.id: site.name for site in await db.read(sites.all_sites)}
        chains = await db.read(record.chains)
        return [_chain(await db.read(record.verify, chain), names) for chain in chains]
    finally:
        await db.close()


def _chain(seen: record.Chain, names: Mapping[int, str]) -> Finding:
    whose = "the platform" if seen.chain == record.PLATFORM else names.get(seen.chain, f"site {seen.chain}, now gone")
    if seen.fault is not None:
        return Finding(f"log of {whose}", "wrong", f"breaks at entry {seen.fault.seq}: {seen.fault.says}")
    # Noted elsewhere, this hash shows later whether somebody wrote the whole chain anew.
    return Finding(f"log of {whose}", "ok", f"{seen.length} entries, whole; the last has the hash {seen.hash}")


async def _skew(db: Database) -> Finding:
    async def clock_of(tx: ReadTx) -> datetime:
        return (await tx.exec(text("SELECT now()"))).scalar_one()  # type: ignore[no-any-return, call-overload]  # raw SQL

    skew = abs((datetime.now(UTC) - await db.read(clock_of)).total_seconds())
    if skew > 5:
        return Finding("clock", "wrong", f"this machine and the database differ by {skew:.0f} s: set up time service")
    return Finding("clock", "ok", f"within {skew:.1f} s of the database's")


async def _replica(chosen: Settings) -> list[Finding]:
    if chosen.read_database_url is None:
        return []
    db = Database(chosen)
    try:
        async with asyncio.timeout(8):
            return [await _standing(db, chosen.read_max_lag)]
    except (OSError, TimeoutError, DBAPIError) as error:
        says = f"does not answer ({type(error).__name__}); the primary answers its readers too"
        return [Finding("replica", "wrong", says)]
    finally:
        await db.close()


async def _standing(db: Database, most_lag: float) -> Finding:
    """How far the replica is behind the primary; seconds are from its last replayed commit, so idle time counts too."""
    assert db.replica is not None  # noqa: S101  # asked by the caller
    async with db.replica.engine.connect() as connection:
        asked = "SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint"
        in_recovery, replayed = (await connection.execute(text(asked))).one()
    if not in_recovery:
        return Finding("replica", "warning", "PARLEY_READ_DATABASE_URL is not a replica: it accepts writes")
    written = await db.read(position)
    behind = max(0, written - int(replayed))
    for _ in range(int(most_lag / 0.1) + 1):
        async with db.replica.engine.connect() as connection:
            asked = "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint"
            if int((await connection.execute(text(asked))).scalar_one()) >= written:
                return Finding("replica", "ok", f"is in recovery, was {behind:,} bytes behind")
        await asyncio.sleep(0.1)
    return Finding(
        "replica",
        "wrong",
        f"is more than {most_lag:g} s behind ({behind:,} bytes): the primary answers its readers too;"
        " look at pg_stat_replication there",
    )


async def _redis(chosen: Settings) -> list[Finding]:
    if chosen.redis_url is None:
        says = "embedded; it runs while `parley serve` does"
        return [Finding("Redis", "ok" if chosen.is_sqlite else "warning", says)]
    redis = Redis(chosen.redis_url)
    try:
        await redis.call("SET", "parley:doctor", "1", "EX", 10)
        info = await redis.call("INFO")
    except Away as error:
        return [Finding("Redis", "wrong", f"cannot be used ({error}); posting goes on under stricter limits")]
    finally:
        await redis.close()
    findings = [Finding("Redis", "ok", f"answers, version {_info(info, 'redis_version')}")]
    policy = _info(info, "maxmemory_policy")
    if policy not in {"noeviction", ""}:
        findings.append(Finding("Redis", "warning", f"maxmemory-policy is {policy}: it may evict queue and limits"))
    return findings


def _info(info: object, name: str) -> str:
    if isinstance(info, dict):
        return str(info.get(name, ""))
    lines = str(info).splitlines()
    return next((line.split(":", 1)[1] for line in lines if line.startswith(f"{name}:")), "")


async def _address(chosen: Settings) -> list[Finding]:
    origin = chosen.origin
    findings = []
    if chosen.public_url is None:
        findings.append(Finding("address", "warning", f"PARLEY_PUBLIC_URL is not set; links in mail will say {origin}"))
    elif origin.startswith("http://") and "localhost" not in origin and "127.0.0.1" not in origin:
        findings.append(
            Finding("address", "wrong", f"{origin} is not https: browsers will block the embed on https articles")
        )
    if chosen.public_url and not chosen.trusted_proxies and chosen.host not in {"0.0.0.0", "::"}:  # noqa: S104
        findings.append(
            Finding(
                "proxies",
                "warning",
                "PARLEY_TRUSTED_PROXIES is empty: behind a proxy all readers share one address, and its limits",
            )
        )
    try:
        answer = await http.look(f"{origin}/readyz", seconds=3)
        says = answer.body.decode("utf-8", "replace")
        findings.append(Finding("server", "ok" if answer.is_good else "wrong", f"{origin} says {says}"))
    except http.NoAnswer as error:
        findings.append(Finding("server", "warning", f"{origin} does not answer ({error})"))
    return findings


async def _mail(chosen: Settings) -> list[Finding]:
    if chosen.smtp_url is None:
        return [
            Finding("mail", "warning", f"PARLEY_SMTP_URL is not set: mail is written to {chosen.data_dir / 'mail'}")
        ]
    url = urlsplit(chosen.smtp_url.get_secret_value())
    is_tls, host = url.scheme == "smtps", url.hostname or ""
    client = aiosmtplib.SMTP(hostname=host, port=url.port or (465 if is_tls else 587), use_tls=is_tls, timeout=5)
    try:
        async with client:
            return [Finding("mail", "ok", f"{host} answers")]
    except (aiosmtplib.SMTPException, OSError) as error:
        return [Finding("mail", "wrong", f"{host} does not take mail: {type(error).__name__}")]


async def _embed(_: Settings) -> list[Finding]:
    if (STATIC / "manifest.json").exists():
        return [Finding("embed", "ok", "is built")]
    return [Finding("embed", "wrong", "is not built: run `make embed`")]
