"""What this process counts, in Prometheus's form: declared beside what is counted, read by `/metrics`.

Labels are words of ours (an act, a result, a route's template): never a site, an address, a page or anything somebody
wrote, so that the number of series is bounded and nobody's name gets into a time series.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

# When a series began says nothing to operators, and would be as many series again.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types for it
REGISTRY = CollectorRegistry()
"""All there is in this process, whoever asks."""
ProcessCollector(registry=REGISTRY)

# From what a ready page takes to what nobody waits for; seconds.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 7.5)


def counter(name: str, what: str, *labels: str) -> Counter:
    """Something that only grows. `name` without `parley_` and `_total`."""
    return Counter(f"parley_{name}", what, labels, registry=REGISTRY)


def gauge(name: str, what: str, *labels: str) -> Gauge:
    """Something that is so large at this moment. `name` as it shall be."""
    return Gauge(name, what, labels, registry=REGISTRY)


def seconds(name: str, what: str, *labels: str) -> Histogram:
    """How long something takes. `name` as it shall be, with its unit."""
    return Histogram(name, what, labels, buckets=_BUCKETS, registry=REGISTRY)
