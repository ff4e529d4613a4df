"""`/metrics`: how this process and its stores stand, for who has the token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse

import service
from service import moderation, outbox
from service.delivery import deliveries_waiting
from service.kit import clock, metrics
from service.kit.db import ReadTx
from service.kit.errors import NotFound, Unavailable
from service.kit.seal import is_same
from service.outbox import Figures
from service.web.parts import Parts
from service.web.problem import raises
from service.web.who import AllParts, Anyone

router = APIRouter(tags=["operations"])
_LIFE = 10.0  # seconds for which what the database said is said again: many may scrape


class MetricsClosed(NotFound):
    """There is nothing here for who does not bring the token. Set PARLEY_METRICS_TOKEN to open this."""

    type = "metrics-closed"


@dataclass(frozen=True)
class _Stands:
    facts: Figures
    cases: int
    overdue: int
    deliveries: int


class _Now(Collector):
    """What is asked for at this moment, put into Prometheus's form."""

    def __init__(self, parts: Parts, stands: _Stands | None) -> None:
        self._parts = parts
        self._stands = stands

    def collect(self) -> Iterator[Metric]:
        """Gauges of the process, and of the database where it can be asked."""
        parts = self._parts
        build = GaugeMetricFamily("parley_build_info", "Which version this is.", labels=["version"])
        build.add_metric([service.__version__], 1)
        yield build
        pages = CounterMetricFamily("parley_ready_pages", "Pages asked for, by where they came from.", labels=["from"])
        pages.add_metric(["memory"], parts.pages.hits)
        pages.add_metric(["database"], parts.pages.loads)
        yield pages
        away = GaugeMetricFamily("parley_away", "1 while a part cannot be used.", labels=["part"])
        away.add_metric(["redis"], float(parts.redis.is_resting))
        away.add_metric(["redis-full"], float(parts.redis.is_full))
        away.add_metric(["database"], float(self._stands is None))
        away.add_metric(["replica"], float(parts.db.replica is not None and parts.db.replica.is_resting))
        away.add_metric(["storage"], float(parts.db.is_full))
        yield away
        yield _gauge("parley_deaf", "1 while changes made by other processes are not heard.", parts.pages.is_deaf)
        yield _gauge("parley_ready_pages_bytes", "Memory of ready pages.", parts.pages.bytes)
        yield _gauge("parley_live_listeners", "Readers who are told live.", parts.live.count)
        yield _gauge("parley_database_connections_in_use", "Connections out of the pools.", parts.db.in_use)
        if self._stands is not None:
            yield from _of_database(self._stands)


def _of_database(stands: _Stands) -> Iterator[Metric]:
    yield _gauge("parley_outbox_waiting", "Facts not handed on yet, up to 10,000.", stands.facts.waiting)
    yield _gauge("parley_outbox_oldest_seconds", "Age of the oldest fact that waits.", _age(stands.facts))
    yield _gauge("parley_outbox_dead", "Facts given up.", stands.facts.dead)
    yield _gauge("parley_cases_open", "Cases that wait for a moderator, all sites.", stands.cases)
    yield _gauge("parley_cases_overdue", "Those past their due time.", stands.overdue)
    yield _gauge("parley_webhook_deliveries_waiting", "Deliveries still to be made, up to 10,000.", stands.deliveries)


def _age(facts: Figures) -> float:
    return max(0.0, (clock.now() - facts.oldest).total_seconds()) if facts.oldest is not None else 0.0


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value)


@router.get("/metrics", response_class=PlainTextResponse, responses=raises(MetricsClosed))
async def read_metrics(
    parts: AllParts, _: Anyone, authorization: Annotated[str | None, Header(include_in_schema=False)] = None
) -> Response:
    """How this process stands, in Prometheus's text form. For `Authorization: Bearer` with PARLEY_METRICS_TOKEN."""
    wanted = parts.settings.metrics_token
    scheme, _sep, token = (authorization or "").partition(" ")
    is_open = wanted is not None and scheme.lower() == "bearer" and is_same(token, wanted.get_secret_value())
    if not is_open:
        raise MetricsClosed
    now = CollectorRegistry()
    now.register(_Now(parts, await _asked(parts)))
    text = generate_latest(metrics.REGISTRY) + generate_latest(now)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


_known: dict[int, tuple[float, _Stands]] = {}


async def _asked(parts: Parts) -> _Stands | None:
    """What the database says, at most every ten seconds; None while it is away."""
    at, stands = _known.get(id(parts), (-_LIFE, None))
    if stands is not None and time.monotonic() - at < _LIFE:
        return stands
    try:
        async with asyncio.timeout(3):
            stands = await parts.db.read(_look)
    except (Unavailable, TimeoutError):
        return None
    _known.clear()
    _known[id(parts)] = time.monotonic(), stands
    return stands


async def _look(tx: ReadTx) -> _Stands:
    facts = await outbox.figures(tx)
    cases, overdue = await moderation.desk_backlog(tx)
    return _Stands(facts, cases, overdue, await deliveries_waiting(tx))
