"""Traces, for who asks for them: what a request waited for, and what followed from it, by OpenTelemetry (OTLP/HTTP).

Nothing of its SDK is imported (its small API comes with FastAPI), and nothing but a look at `on` is paid, until `begin`
was called with somewhere to send to. The spans are our own: ready-made instrumentations tell paths, queries, addresses,
user agents and the messages of errors. Ours tell a route's template, a statement without its values, a command's name,
kinds and numbers.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Engine, event

import service
from service.kit.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_STANDARD = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_FLUSH = 3.0  # seconds that the end of a process waits for who takes the spans
_LONGEST = 2_000  # characters of a statement that are told
_VALUES = re.compile(r"'(?:[^']|'')*'|(?<![\w$.])\d+(?:\.\d+)?\b")
_TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE|JOIN|COPY)\s+"?([a-z_]+)', re.IGNORECASE)


class NotInstalled(Exception):
    """Traces are asked for and cannot be made: OpenTelemetry is not installed. `pip install 'parley[traces]'`."""


class _Off:
    """What there is while nobody asked for traces."""

    tracer: Tracer | None = None
    provider: TracerProvider | None = None


_state = _Off()
on = False
"""Whether there is somewhere to send spans to. Ask this first: nothing else here is cheap."""


def begin(settings: Settings) -> None:
    """Make spans from now on, where the settings or the standard's own variables say where to.

    Raises NotInstalled when that cannot be done.
    """
    global on  # noqa: PLW0603  # one for the process, looked at by each statement
    if not is_asked_for(settings):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise NotInstalled(NotInstalled.__doc__) from error
    # Which sampler, how large a batch, which headers: the SDK reads the standard's variables by itself.
    provider = TracerProvider(resource=Resource.create(_named()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.traces_url)))
    _state.provider = provider
    # Not the global one: FastAPI and others would find it, and tell what we do not.
    _state.tracer = provider.get_tracer("parley", service.__version__)
    on = True


def end() -> None:
    """Send what is left, and make no more spans. Waits three seconds at most for who takes them."""
    global on
    on, provider, _state.provider = False, _state.provider, None
    if provider is not None:
        last = threading.Thread(target=provider.shutdown, daemon=True)
        last.start()
        last.join(_FLUSH)


def is_asked_for(settings: Settings) -> bool:
    """Whether somebody said where spans go, and nobody that there are none."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    if os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() == "none":
        return False
    return settings.traces_url is not None or any(os.environ.get(name) for name in _STANDARD)


class Request:
    """The span of one request; its answer is noted as it begins."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def answered(self, method: str, route: str, status: int) -> None:
        """Name the span for the route's template, which is known only now."""
        self._span.update_name(f"{method} {route}")
        self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            _fail(self._span, str(status))


@contextlib.contextmanager
def request(method: str, number: str) -> Iterator[Request]:
    """The root of what a request does, with the id that its answer and the log have.

    Whatever trace the client says it belongs to is not taken: anybody could have everything recorded, or give readers
    numbers by which they are known again.
    """
    attributes = {"http.request.method": method, "parley.request": number}
    with _span(method, SpanKind.SERVER, attributes, context=Context()) as span:
        yield Request(span)


@contextlib.contextmanager
def following(fact: str, mark: str | None, attempt: int) -> Iterator[None]:
    """What follows from a fact, in the trace of what made it true, if that was recorded."""
    context = Context()
    if mark is not None:
        context = TraceContextTextMapPropagator().extract({"traceparent": mark}, context)
    attributes = {"messaging.system": "parley", "messaging.operation.name": "process", "parley.attempt": attempt}
    with _span(fact, SpanKind.CONSUMER, attributes, context=context):
        yield


def mark() -> str | None:
    """What a fact takes along, so that what follows from it belongs to the same trace; None where none is recorded."""
    span = get_current_span()
    if not span.is_recording():
        return None
    of = span.get_span_context()
    return f"00-{of.trace_id:032x}-{of.span_id:016x}-{of.trace_flags:02x}"


@contextlib.contextmanager
def work(name: str) -> Iterator[None]:
    """Work that comes back by itself: a root of its own."""
    with _span(f"work {name}", SpanKind.INTERNAL, {"parley.work": name}, context=Context()):
        yield


@contextlib.contextmanager
def outgoing(method: str) -> Iterator[Span]:
    """A request that goes out. Whom it goes to is the affair of who named the address, and is not told."""
    with _span(method, SpanKind.CLIENT, {"http.request.method": method}) as span:
        yield span


@contextlib.contextmanager
def statement(sql: str, system: str) -> Iterator[None]:
    """A statement, below whatever asks for it; what nobody traced asks for is not told."""
    with _below(summary(sql), {"db.system.name": system, "db.query.text": without_values(sql)}):
        yield


@contextlib.contextmanager
def command(name: str) -> Iterator[None]:
    """A command to Redis: its name, and no key."""
    with _below(name, {"db.system.name": "redis", "db.operation.name": name}):
        yield


@contextlib.contextmanager
def mail() -> Iterator[None]:
    """A message on its way to the mail server."""
    with _below("mail", {}):
        yield


def listen(engine: Engine) -> None:
    """Tell of what goes through SQLAlchemy; what goes past it is told by `kit.line`."""

    @event.listens_for(engine, "before_cursor_execute")
    def _before(_conn: Any, cursor: Any, sql: str, _given: Any, context: Any, _many: Any) -> None:
        # No cursor: told by `kit.line` itself.
        if cursor is not None and context is not None and _state.tracer and get_current_span().is_recording():
            attributes = {"db.system.name": engine.dialect.name, "db.query.text": without_values(sql)}
            context.parley_span = _state.tracer.start_span(summary(sql), kind=SpanKind.CLIENT, attributes=attributes)

    @event.listens_for(engine, "after_cursor_execute")
    def _after(_conn: Any, _cursor: Any, _sql: str, _given: Any, context: Any, _many: Any) -> None:
        if (span := getattr(context, "parley_span", None)) is not None:
            span.end()

    @event.listens_for(engine, "handle_error")
    def _failed(told: Any) -> None:
        if (span := getattr(told.execution_context, "parley_span", None)) is not None:
            _fail(span, type(told.original_exception).__name__)
            span.end()


@lru_cache(2_000)
def without_values(sql: str) -> str:
    """A statement in which every value that was written out is a question mark."""
    return _VALUES.sub("?", sql)[:_LONGEST]


@lru_cache(2_000)
def summary(sql: str) -> str:
    """What a statement does and to which tables: `SELECT comment person`."""
    tables = list(dict.fromkeys(_TABLE.findall(sql)))[:4]
    return " ".join([(sql.split(None, 1) or ["?"])[0].upper()[:20], *tables])


@contextlib.contextmanager
def _below(name: str, attributes: dict[str, Any]) -> Iterator[None]:
    if not get_current_span().is_recording():
        yield
        return
    with _span(name, SpanKind.CLIENT, attributes):
        yield


@contextlib.contextmanager
def _span(name: str, kind: SpanKind, attributes: dict[str, Any], **more: Any) -> Iterator[Span]:
    tracer = _state.tracer
    if tracer is None:
        raise RuntimeError("ask `on` first")
    # An error's message holds what a reader wrote, and a traceback may: its class is told, and nothing else.
    with tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False, **more
    ) as span:
        try:
            yield span
        except Exception as error:
            _fail(span, type(error).__name__)
            raise


def _fail(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def _named() -> dict[str, Any]:
    """What the process is called, unless the standard's own variables say it."""
    named = {"service.version": service.__version__}
    is_named = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return named if is_named else {"service.name": "parley", **named}
