"""A decision over HTTP while five moderators work, without a pause and with a second to read each."""

from __future__ import annotations

import asyncio
import random
import time

import httpx
import psutil

from benchmarks.claims.sheet import Sheet
from benchmarks.claims.stage import Stage, more
from benchmarks.results import Target
from service import identity
from tests.servers.parley import SECRET, free_port, parley

READ = 60  # cases each moderator reads before deciding


async def over_http(stage: Stage, sheet: Sheet, wanted: int) -> None:
    """Five moderators at one server, over HTTP; a worker beside it."""
    await more(stage, wanted + 5 * READ, "One more, {}")
    await stage.desk.queue.rebuild(stage.site.id)
    settings, port = stage.settings, free_port()
    env = {
        "PARLEY_DATABASE_URL": settings.database_url or "",
        "PARLEY_REDIS_URL": settings.redis_url or "",
        "PARLEY_SECRET_KEY": SECRET,
        "PARLEY_LOG_LEVEL": "ERROR",
    }
    took: list[float] = []
    at_pace: list[float] = []
    with (
        parley("serve", folder=settings.data_dir, port=port, env=env) as server,
        parley("worker", folder=settings.data_dir, env=env) as worker,
    ):
        team = [await _signed_in(stage, server.url, f"desk{number}") for number in range(5)]
        before = _cpu(server.popen.pid)
        try:
            await asyncio.gather(*(_at_the_desk(client, stage.site.name, wanted // 5, took) for client in team))
            cpu = (_cpu(server.popen.pid) - before) / max(len(took), 1) * 1_000
            await asyncio.gather(*(_at_the_desk(client, stage.site.name, READ, at_pace, pause=1) for client in team))
        finally:
            for client in team:
                await client.aclose()
        worker.stop()
        server.stop()
    if len(took) < wanted // 5 * 5:
        raise RuntimeError(f"only {len(took)} decisions were made")
    sheet.show("decision over HTTP, 5 moderators without a pause; CPU with the claims", took, cpu)
    _, p95 = sheet.show("decision over HTTP, 5 moderators who read each case for a second", at_pace)
    sheet.targets.append(Target("decision over HTTP, 5 moderators, p95 ms", p95, 100.0, most=True))


def _cpu(pid: int) -> float:
    """Seconds of CPU a process has used."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


async def _signed_in(stage: Stage, url: str, name: str) -> httpx.AsyncClient:
    staff = await stage.moderator(name)
    token = await stage.db.transact(identity.make_link, staff.account.id)
    client = httpx.AsyncClient(base_url=url, headers={"Origin": url}, trust_env=False, timeout=30)
    answer = await client.post("/api/v1/auth/session", json={"token": token})
    answer.raise_for_status()
    return client


async def _at_the_desk(
    client: httpx.AsyncClient, site: str, wanted: int, took: list[float], *, pause: float = 0
) -> None:
    done = 0
    while done < wanted:
        answer = await client.post("/api/v1/moderation/claims", json={"site": site, "limit": 5})
        for item in answer.json()["items"]:
            body = {"items": [{"comment": item["case"]["comment"]["id"], "claim": item["claim"]}], "action": "approve"}
            # Not all in step: people do not decide on a beat.
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            started = time.perf_counter()
            decided = await client.post("/api/v1/moderation/decisions", json=body)
            took.append(time.perf_counter() - started)
            if not decided.json()["items"][0]["decision"]:
                raise RuntimeError(decided.text)
            done += 1
        if not answer.json()["items"]:
            return
