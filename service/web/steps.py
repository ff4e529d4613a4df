"""What an endpoint's signature asks of a request, as a list of steps: each dependency once, the endpoint last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from pydantic_core import PydanticUndefined
from starlette.requests import Request
from starlette.responses import Response

# Values of these are one word of the request; how others are put together the framework knows.
_PLAIN = (str, str | None, int, int | None, bool, bool | None)
_KINDS = ("path", "query", "header", "cookie")


@dataclass(frozen=True, slots=True)
class Read:
    """One value that a request brings, and FastAPI's own field that validates it."""

    field: Any
    kind: str
    key: str
    raw_key: bytes
    name: str
    place: tuple[str, str]
    is_plain: bool
    default: Any

    @classmethod
    def of(cls, field: Any, kind: str) -> Read:
        """What a parameter reads."""
        info, key = field.field_info, field.validation_alias or field.alias
        is_fixed = not info.is_required() and info.default_factory is None and not info.validate_default
        is_plain = info.annotation in _PLAIN and isinstance(info.validation_alias, str | None)
        default = info.default if is_fixed and isinstance(info.default, _VALUES) else _ASKED
        key = key.lower() if kind == "header" else key
        place = (kind, field.alias)
        return cls(field, kind, key, key.encode(), field.name, place, is_plain, default)

    def value(self, request: Request, headers: Mapping[bytes, bytes]) -> tuple[Any, Sequence[Any]]:
        """The value, and what is wrong with it."""
        if self.is_plain:
            sent = self._sent(request, headers)
            if sent is not None:
                found: tuple[Any, Sequence[Any]] = self.field.validate(sent, {}, loc=self.place)
                return found
            if self.default is not _ASKED:
                return self.default, ()
        values, errors = request_params_to_args([self.field], _ALL[self.kind](request))
        return values.get(self.name), errors

    def _sent(self, request: Request, headers: Mapping[bytes, bytes]) -> str | None:
        if self.kind == "header":
            sent = headers.get(self.raw_key)
            return sent.decode("latin-1") if sent is not None else None
        if self.kind == "query" and not request.scope["query_string"]:
            return None
        found: str | None = _ALL[self.kind](request).get(self.key)
        return found


_ASKED = object()
_VALUES = (str, int, bool, type(None))
_ALL: dict[str, Any] = {
    "path": lambda request: request.path_params,
    "query": lambda request: request.query_params,
    "header": lambda request: request.headers,
    "cookie": lambda request: request.cookies,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One call: what it reads, and the earlier steps whose results it takes."""

    call: Any
    below: tuple[tuple[str | None, int], ...]
    reads: tuple[Read, ...]
    body: Any
    request_names: tuple[str, ...]
    response_name: str | None

    @classmethod
    def of(cls, dependant: Dependant, below: tuple[tuple[str | None, int], ...]) -> Step:
        """One dependency. Raises TypeError for one that wants more than a step knows."""
        _refuse_more(dependant)
        reads = [Read.of(field, kind) for kind in _KINDS for field in getattr(dependant, f"{kind}_params")]
        names = (dependant.request_param_name, dependant.http_connection_param_name)
        return cls(
            dependant.call,
            below,
            tuple(reads),
            dependant.body_params[0] if dependant.body_params else None,
            tuple(name for name in names if name is not None),
            dependant.response_param_name,
        )


def _refuse_more(dependant: Dependant) -> None:
    more = (
        dependant.websocket_param_name,
        dependant.background_tasks_param_name,
        dependant.security_scopes_param_name,
        dependant.own_oauth_scopes,
        dependant.concurrency,
        len(dependant.body_params) > 1,
        not iscoroutinefunction(dependant.call),
    )
    if any(more):
        raise TypeError(f"{dependant.call} wants more than a straight route knows")


_UNDONE = object()


class Plan:
    """All steps of an endpoint, in the order in which FastAPI would go through them."""

    def __init__(self, dependant: Dependant) -> None:
        self._steps: list[Step] = []
        self._add(dependant, {})
        self.asks_aside = any(step.response_name for step in self._steps)

    def _add(self, dependant: Dependant, known: dict[Any, int]) -> int:
        below = tuple((each.name, self._at(each, known)) for each in dependant.dependencies)
        self._steps.append(Step.of(dependant, below))
        return len(self._steps) - 1

    def _at(self, dependant: Dependant, known: dict[Any, int]) -> int:
        if not dependant.use_cache:
            return self._add(dependant, known)
        if dependant.call not in known:
            known[dependant.call] = self._add(dependant, known)
        return known[dependant.call]

    async def call(self, request: Request, aside: Response | None, body: Any) -> Any:
        """What the endpoint returns. Raises RequestValidationError, and what dependencies and endpoint raise.

        `aside` takes the headers and the status that are set beside what is returned.
        """
        # The first of each name.
        headers: dict[bytes, bytes] = dict(reversed([*request.scope["headers"]]))
        results: list[Any] = []
        errors: list[Any] = []
        for step in self._steps:
            values: dict[str, Any] = {}
            is_undone = False
            for known, at in step.below:
                is_undone |= results[at] is _UNDONE
                if known is not None:
                    values[known] = results[at]
            wrong: list[Any] = []
            for read in step.reads:
                values[read.name], found = read.value(request, headers)
                wrong += found
            if step.body is not None:
                values[step.body.name], found = await _validated(step.body, body)
                wrong += found
            errors += wrong
            if errors and step is self._steps[-1]:
                raise RequestValidationError(errors, body=body)
            if wrong or is_undone:
                results.append(_UNDONE)
                continue
            for each in step.request_names:
                values[each] = request
            if step.response_name is not None:
                values[step.response_name] = aside
            results.append(await step.call(**values))
        return results[-1]


async def _validated(field: Any, body: Any) -> tuple[Any, list[Any]]:
    if body is not PydanticUndefined:
        found: tuple[Any, list[Any]] = field.validate(body, {}, loc=("body",))
        return found
    values, errors = await request_body_to_args(body_fields=[field], received_body=body, embed_body_fields=False)
    return values.get(field.name), errors
