"""A collector: takes what OTLP/HTTP brings, keeps every byte of it, and the spans in it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """One span, as it was sent."""

    trace: str
    id: str
    parent: str
    name: str
    kind: int
    attributes: Mapping[str, Any]
    is_failed: bool


@dataclass
class Collector:
    """What was received so far."""

    url: str = ""
    received: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        """All spans, in the order they came."""
        return [span for body in list(self.received) for span in _spans(body)]

    def named(self, name: str) -> list[Span]:
        """Those of this name."""
        return [span for span in self.spans if span.name == name]

    def below(self, top: Span) -> list[Span]:
        """Those of a span's trace that it caused, however far below."""
        known, found = {top.id}, []
        of_trace = [span for span in self.spans if span.trace == top.trace]
        while more := [span for span in of_trace if span.parent in known and span.id not in known]:
            known |= {span.id for span in more}
            found += more
        return found


@contextlib.contextmanager
def collector() -> Iterator[Collector]:
    """A collector on a free port, for as long as the block lasts."""
    made = Collector()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the base's name
            made.received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join(10)


def _spans(body: bytes) -> Iterator[Span]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.name,
                    span.kind,
                    {each.key: _value(each.value) for each in span.attributes},
                    span.status.code == 2,
                )


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))
