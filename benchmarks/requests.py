"""The requests that write: for Parley and for Isso, the same texts under the same articles."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import corpus, seed

_SCRIPT = Path(__file__).with_name("write.lua").read_text()
_seeds = itertools.count(1)


@dataclass(frozen=True)
class Kind:
    """One kind of request; {target}, {text} and {n} are filled in for each."""

    method: str
    path: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def script(self, folder: Path, targets: Sequence[str], *, pause: int = 0) -> str:
        """Lua for wrk, with the files it reads in `folder`. Each connection waits `pause` milliseconds between two."""
        number = next(_seeds)
        texts, aims = folder / "texts", folder / f"targets-{number}"
        texts.write_text("".join(f"{json.dumps(text)[1:-1]}\n" for text in corpus.texts()))
        aims.write_text("".join(f"{target}\n" for target in targets))
        names = {
            "METHOD": self.method,
            "PATH": self.path,
            "BODY": self.body,
            "TEXTS": str(texts),
            "TARGETS": str(aims),
        }
        # JSON's strings are Lua's as well: nothing in them but ASCII, and no \u.
        told = [f"{name} = {json.dumps(value)}" for name, value in names.items()]
        headers = ", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}" for name, value in self.headers.items())
        return "\n".join([*told, f"HEADERS = {{{headers}}}", f"SEED = {number}", f"PAUSE = {pause}", _SCRIPT])


# A reader's first comment each time: somebody new is made too, and a key keeps a retry harmless.
PARLEY_POST = Kind(
    "POST",
    "/api/v1/comments",
    json.dumps({"site": seed.SITE, "url": f"{seed.ORIGIN}{{target}}", "body": "{text}", "author": {"name": "Ada"}}),
    {"Idempotency-Key": "bench-key-{n}"},
)
PARLEY_VOTE = Kind("PUT", "/api/v1/comments/{target}/vote", '{"value": 1}')
ISSO_POST = Kind(
    "POST",
    "/new?uri={target}",
    json.dumps({"text": "{text}", "author": "Ada", "email": None, "website": None, "title": "An article"}),
    {"Origin": seed.ORIGIN},
)
ISSO_VOTE = Kind("POST", "/id/{target}/like", "{}", {"Origin": seed.ORIGIN})
