"""The OpenAPI document, made exact, and its page for people."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import HTMLResponse

from service.pages import draw
from service.pages.api_docs import api_docs_view
from service.web.problem import MEDIA_TYPE, Problem

_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def describe(app: FastAPI) -> None:
    """Give the app `/openapi.json` (FastAPI's own, corrected below) and `/docs`, which loads nothing from elsewhere."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            app.openapi_schema = _exact(made)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way FastAPI documents for extending it

    async def docs(request: Request) -> HTMLResponse:
        parts = request.app.state.parts
        return HTMLResponse(
            draw.api_docs(api_docs_view(document()), asset=parts.assets.url),
            headers={"Content-Security-Policy": _POLICY},
        )

    app.add_route("/docs", docs, include_in_schema=False)


def _exact(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI describes its own validation error; ours is a problem. Held answers share the page of the others."""
    schemas = document["components"]["schemas"]
    schemas.setdefault("Problem", Problem.model_json_schema())
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status == "422" and MEDIA_TYPE not in response.get("content", {}):
                    response["content"] = problem
                elif MEDIA_TYPE in response.get("content", {}):
                    response["content"].pop("application/json", None)
            operation["responses"]["default"] = {"description": "Any other error", "content": problem}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return document
