"""Routes answered without the framework's detours: the same signatures, checks, errors and OpenAPI, worked out once.

    router = APIRouter(route_class=Straight)

FastAPI walks the tree of an endpoint's dependencies anew for each request; that and what surrounds it (stacks for
dependencies that clean up, contexts for telemetry, the content type read as if it were a mail's) is a third of what a
post costs below the server. Here the tree becomes a list of steps when the route is made (steps.py). What the steps
read is validated by FastAPI's own fields, so nothing is checked otherwise than before. A signature that wants more than
steps know (forms, `yield`, background tasks) is refused when the route is made.
"""

from __future__ import annotations

from typing import Any

from fastapi.exceptions import ResponseValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.web.sent import sent
from service.web.steps import Plan

_NO_CONTENT = 204


class Straight(APIRoute):
    """One route. The framework matches it, documents it, and turns what it raises into answers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(getattr(self.body_field, "field_info", None), Form) or self._embed_body_fields:
            raise TypeError(f"{self.path} wants a form")
        self._plan = Plan(self.dependant)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        answer = await self.answered(Request(scope, receive, send))
        await answer(scope, receive, send)

    async def answered(self, request: Request) -> Response:
        """The answer to a request that is this route's. Raises what a handler of errors makes answers of."""
        body = await sent(request) if self.body_field is not None else None
        aside = Aside()
        made = await self._plan.call(request, aside, body)
        if isinstance(made, Response):
            return made
        status = aside.status_code or self.status_code or 200
        return aside.filled(status, b"" if status == _NO_CONTENT else self._written(made))

    def _written(self, made: Any) -> bytes:
        """What the endpoint returned, as JSON. Raises ResponseValidationError when it is not what it said."""
        if self.response_field is None:
            raise TypeError(f"{self.path} says nothing of what it returns")
        value, errors = self.response_field.validate(made, {}, loc=("response",))
        if errors:
            raise ResponseValidationError(errors, body=made)
        return self.response_field.serialize_json(value)


class Aside(Response):
    """What an endpoint sets headers and the status of, beside what it returns; then the answer itself.

    Starlette would write a body's headers first, only for them to be taken away again.
    """

    background = None
    body = b""

    def __init__(self) -> None:
        self.raw_headers = []
        self.status_code = 0

    def filled(self, status: int, body: bytes) -> Response:
        """The answer, with what was returned as its body: JSON."""
        self.status_code, self.body = status, body
        self.raw_headers.insert(0, (b"content-type", b"application/json"))
        if status != _NO_CONTENT:
            self.raw_headers.insert(0, (b"content-length", str(len(body)).encode()))
        return self
