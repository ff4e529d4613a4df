"""A server that watches itself: `python -m benchmarks.sampled FILE` is `parley serve`, and says where its CPU went.

From a SIGUSR2 on, every two milliseconds of CPU time the running stack is looked at and counted for what its innermost
frame that belongs to somebody is part of. What C code does is counted for the Python that called it. Written to FILE at
the end.
"""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from service.commands import run

_EVERY = 0.002  # seconds of CPU
# Innermost first; SQLAlchemy's greenlets have stacks of their own, which end there.
_OWNERS = (
    ("/asyncpg/", "database: driver"),
    ("/sqlalchemy/", "database: SQLAlchemy"),
    ("/sqlmodel/", "database: SQLAlchemy"),
    ("/redis/", "Redis client"),
    ("/service/kit/redis", "Redis client"),
    ("/fastapi/", "FastAPI, Starlette, pydantic"),
    ("/starlette/", "FastAPI, Starlette, pydantic"),
    ("/pydantic/", "FastAPI, Starlette, pydantic"),
    ("/uvicorn/", "uvicorn"),
    ("/service/kit/text", "text: cleaned, rendered, screened"),
    ("/service/kit/intake", "text: cleaned, rendered, screened"),
    ("/service/kit/builder", "text: cleaned, rendered, screened"),
    ("/service/kit/tokens", "text: cleaned, rendered, screened"),
    ("/service/kit/characters", "text: cleaned, rendered, screened"),
    ("/service/kit/wall", "text: cleaned, rendered, screened"),
    ("/service/screening/", "text: cleaned, rendered, screened"),
    ("/service/commands/", "event loop"),
    ("/service/", "Parley's own code"),
)


def owner(frame: FrameType | None) -> str:
    """Whose time this is."""
    while frame is not None:
        file = frame.f_code.co_filename
        for part, name in _OWNERS:
            if part in file:
                return name
        frame = frame.f_back
    return "event loop"


def main(target: Path) -> None:
    """Serve until a signal comes, then write shares of the whole."""
    seen: Counter[str] = Counter()
    signal.signal(signal.SIGPROF, lambda _number, frame: seen.update([owner(frame)]))
    # Not from the start: putting the application together is not what a request costs.
    signal.signal(signal.SIGUSR2, lambda *_: signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY))
    try:
        run.serve()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        target.write_text(json.dumps({name: count / seen.total() for name, count in seen.most_common()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
