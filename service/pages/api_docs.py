"""The API, documented for people: drawn from the OpenAPI document, without a script and without another host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Input:
    """A parameter or a field of a body or answer."""

    name: str
    place: str  # query, path, header, body
    type: str
    is_required: bool
    description: str


@dataclass(frozen=True)
class Answer:
    """One status an operation answers with."""

    status: str
    description: str
    shape: str | None


@dataclass(frozen=True)
class Operation:
    """One call."""

    method: str
    path: str
    anchor: str
    summary: str
    description: str
    inputs: tuple[Input, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Shape:
    """A named schema."""

    name: str
    description: str
    fields: tuple[Input, ...]


@dataclass(frozen=True)
class APIDocs:
    """The whole page."""

    title: str
    version: str
    description: str
    groups: tuple[tuple[str, tuple[Operation, ...]], ...]
    shapes: tuple[Shape, ...]


def api_docs_view(document: Mapping[str, Any]) -> APIDocs:
    """What the page shows of an OpenAPI document."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                tag = (methods[method].get("tags") or ["other"])[0]
                groups.setdefault(tag, []).append(_operation(document, method, path, methods[method]))
    schemas = document["components"]["schemas"]
    return APIDocs(
        title=document["info"]["title"],
        version=document["info"]["version"],
        description=document["info"].get("description", ""),
        groups=tuple((tag, tuple(operations)) for tag, operations in groups.items()),
        shapes=tuple(
            Shape(name, schema.get("description", ""), tuple(_fields(schema, "")))
            for name, schema in sorted(schemas.items())
            if schema.get("type") == "object"
        ),
    )


def _operation(document: Mapping[str, Any], method: str, path: str, spec: Mapping[str, Any]) -> Operation:
    inputs = [
        Input(
            parameter["name"],
            parameter["in"],
            _type(parameter.get("schema", {})),
            parameter.get("required", False),
            parameter.get("description", ""),
        )
        for parameter in spec.get("parameters", ())
    ]
    body = spec.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body is not None:
        inputs += _fields(_resolved(document, body), "body")
    answers = tuple(
        Answer(status, response.get("description", ""), _shape(response))
        for status, response in spec["responses"].items()
        if status != "default"
    )
    return Operation(
        method.upper(),
        path,
        f"{method}{path.replace('/', '-').replace('{', '').replace('}', '')}",
        spec.get("summary", ""),
        spec.get("description", ""),
        tuple(inputs),
        answers,
    )


def _fields(schema: Mapping[str, Any], place: str) -> Iterator[Input]:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        yield Input(name, place, _type(field), name in required, field.get("description", ""))


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found


def _shape(response: Mapping[str, Any]) -> str | None:
    for content in response.get("content", {}).values():
        return _type(content.get("schema", {}))
    return None


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "enum" in schema or "const" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(option) for option in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")
