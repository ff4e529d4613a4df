"""Asking: a signed request, answered in time or not at all."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

from service.hooks.breaker import Breaker
from service.hooks.hook import Hook
from service.hooks.opinion import Opinion, read, silent
from service.hooks.subject import Subject
from service.kit import clock, ids, signing
from service.kit.http import NoAnswer, Outbound
from service.kit.seal import Keeper

_MOST = 32_768  # bytes of an answer


class Asker:
    """Asks hooks, for one process."""

    def __init__(self, out: Outbound, keeper: Keeper, breaker: Breaker | None = None) -> None:
        self._out = out
        self._keeper = keeper
        self.breaker = breaker or Breaker()

    async def ask_all(self, hooks: Sequence[Hook], subject: Subject) -> tuple[Opinion, ...]:
        """Every hook's opinion, asked at the same time: it takes as long as the slowest may."""
        return tuple(await asyncio.gather(*(self.ask(hook, subject, ids.new_id()) for hook in hooks)))

    async def ask(self, hook: Hook, subject: Subject, question: int) -> Opinion:
        """One hook's opinion. Never raises for what a hook does; `question` is the same when it is asked again."""
        if not self.breaker.admits(hook.id):
            return silent(hook, "resting", "it did not answer lately and is left alone for a while")
        opinion = silent(hook, "silent", "interrupted")
        try:
            opinion = await self._asked(hook, subject, question)
        finally:
            self.breaker.went(hook.id, well=opinion.outcome == "answered")
        return opinion

    async def _asked(self, hook: Hook, subject: Subject, question: int) -> Opinion:
        told = {
            "type": "comment.screen",
            "timestamp": clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "data": subject.told(),
        }
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        headers = signing.signed(signing.valid(self._keeper, hook.secrets), f"ask_{question}", body)
        start = time.monotonic()
        try:
            answer = await self._out.post(hook.url, body, headers, seconds=hook.timeout_ms / 1_000, most=_MOST)
        except NoAnswer as fault:
            return silent(hook, "silent", f"{fault.fault}: {fault}", _since(start))
        if not answer.is_good:
            return silent(hook, "silent", f"status {answer.status}", _since(start))
        return read(hook, answer.body, subject.plain, _since(start))


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1_000)
