"""What a hook thinks of a text: its answer read strictly, and what the hook's settings make of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from service.hooks.hook import Hook
from service.kit.characters import tame
from service.screening import Signal

Action = Literal["publish", "hold", "reject"]
Outcome = Literal["answered", "silent", "invalid", "resting"]

_SILENCE = 0.3  # how much it says that a hook said nothing


@dataclass(frozen=True)
class Opinion:
    """What came of asking one hook. `signals` carry the hook's name in theirs, so none can pass for one of our own.

    `action` is what is to follow: from the answer, or from the hook's settings where there is none. Of a hook in its
    shadow mode nothing follows, whatever `action` says.
    """

    hook: int
    outcome: Outcome
    action: Action
    signals: tuple[Signal, ...]
    is_shadow: bool
    milliseconds: int = 0
    fault: str = ""


def _line(text: str) -> str:
    line = " ".join(tame(text).split())
    if not line:
        raise ValueError("holds nothing to read")
    return line


class _Answered(BaseModel):
    """Strict: nothing unnamed, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _Signal(_Answered):
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    score: float = Field(ge=0, le=1)
    reason: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_line)]
    span: list[int] | None = Field(default=None, min_length=2, max_length=2)


class _Answer(_Answered):
    signals: list[_Signal] = Field(max_length=20)
    action: Action | None = None


def read(hook: Hook, body: bytes, plain: str, milliseconds: int) -> Opinion:
    """The opinion in an answer's body; one that cannot be read to the letter counts as silence, and says so."""
    try:
        answer = _Answer.model_validate_json(body)
        signals = tuple(_named(hook, signal, plain) for signal in answer.signals)
    except (ValidationError, ValueError) as error:
        return silent(hook, "invalid", _told(error), milliseconds)
    return Opinion(hook.id, "answered", _action(hook, answer), signals, hook.shadow, milliseconds)


def silent(hook: Hook, outcome: Outcome, fault: str, milliseconds: int = 0) -> Opinion:
    """What follows when nothing usable came back."""
    if hook.when_silent == "pass":
        return Opinion(hook.id, outcome, "publish", (), hook.shadow, milliseconds, fault[:300])
    signal = Signal(f"{hook.name}.silent", _SILENCE, f"The check “{hook.name}” gave no answer")
    return Opinion(hook.id, outcome, "hold", (signal,), hook.shadow, milliseconds, fault[:300])


def _action(hook: Hook, answer: _Answer) -> Action:
    if answer.action is not None:
        return answer.action
    return "hold" if any(signal.score >= hook.hold_at for signal in answer.signals) else "publish"


def _named(hook: Hook, signal: _Signal, plain: str) -> Signal:
    span = None
    if signal.span is not None:
        start, end = signal.span
        if not 0 <= start < end <= len(plain):
            raise ValueError("span: is not a place in `plain`")
        span = (start, end)
    return Signal(f"{hook.name}.{signal.name}", signal.score, signal.reason, span)


def _told(error: ValueError) -> str:
    """Where the answer is wrong; never what it held."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['type']}"
    return str(error)
