"""Write the OpenAPI document of the HTTP API, from its routes and the models of what they take and answer."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from runner import __version__
from runner.web import answers
from runner.web.route import KEY
from runner.web.wire import JSON_TYPE, PROBLEM_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.web.route import Route

_REFERENCE = "#/components/schemas/{model}"
_ALWAYS = (400, 403, 408, 421, 429, 500, 503)
_WITH_TOKEN = (401,)
_WITH_INPUT = (422,)
_WITH_BODY = (411, 413, 415)
_ORDERS = frozenset({"pause", "resume", "resolve", "resolve_day", "reload", "cancel", "stop", "trigger"})
_MAY_BE_MISSING = _ORDERS | {"show", "plan", "results", "why"}
_ABOUT = """\
Reads and controls the daemon that serves it. Every request but those for `/healthz` and `/readyz` brings the
token of the file `api.token` beside the store. Times are ISO 8601 with their offset. Rows are those of
`--format json`."""


def document_bytes(routes: Iterable[Route]) -> bytes:
    """Return the document as JSON."""
    return json.dumps(document(tuple(routes))).encode() + b"\n"


def document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """Return the document (OpenAPI 3.1)."""
    taken = dict.fromkeys(route.takes for route in routes if route.method == "POST")
    answered = dict.fromkeys(
        model for route in routes if (model := getattr(answers, route.answers, None)) is not None
    )
    _, definitions = models_json_schema(
        [
            *((model, "validation") for model in taken),
            *((model, "serialization") for model in (*answered, answers.Problem)),
        ],
        ref_template=_REFERENCE,
    )
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "campaign-runner", "version": __version__, "description": _ABOUT},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.about,
        "parameters": _parameters(route),
        "responses": {"200": _answer(route), **_refusals(route)},
    }
    if route.open:
        operation["security"] = [{}]
    if route.method == "POST":
        operation["requestBody"] = {
            "required": True,
            "content": {JSON_TYPE: {"schema": _reference(route.takes.__name__)}},
        }
    return operation


def _answer(route: Route) -> dict[str, Any]:
    model = getattr(answers, route.answers, None)
    if model is not None:
        content = {JSON_TYPE: {"schema": _reference(route.answers)}}
        return {"description": model.__doc__, "content": content}
    kind = "object" if route.answers == JSON_TYPE else "string"
    return {"description": route.about, "content": {route.answers: {"schema": {"type": kind}}}}


def _refusals(route: Route) -> dict[str, Any]:
    statuses = set(_ALWAYS)
    if not route.open:
        statuses.update(_WITH_TOKEN)
    if route.takes.model_fields or route.method == "POST":
        statuses.update(_WITH_INPUT)
    if route.method == "POST":
        statuses.update(_WITH_BODY)
    if route.name in _MAY_BE_MISSING:
        statuses.add(404)
    problem = {PROBLEM_TYPE: {"schema": _reference("Problem")}}
    return {
        **{
            str(status): {"description": HTTPStatus(status).phrase, "content": problem}
            for status in sorted(statuses)
        },
        "default": {"description": "Refused", "content": problem},
    }


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if KEY in route.path:
        schema = {"type": "string", "pattern": "^[a-z0-9]{1,64}$"}
        about = "The key of an assignment, or a beginning of it that no other has."
        found.append({"name": "key", "in": "path", "required": True, "description": about, "schema": schema})
    if route.method == "POST":
        return found
    described = route.takes.model_json_schema(ref_template=_REFERENCE)
    parts = described.get("$defs", {})
    for name, schema in described.get("properties", {}).items():
        parameter = {"name": name, "in": "query", "required": name in described.get("required", ())}
        about = schema.pop("description", None)
        parameter |= {"description": about} if about else {}
        found.append(parameter | {"schema": _given(schema, parts)})
    return found


def _given(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that is there: one that is left out needs no null."""
    kinds = [kind for kind in schema.pop("anyOf", []) if kind.get("type") != "null"]
    whole: dict[str, Any] = {**schema, **(kinds[0] if kinds else {})}
    if whole.get("default", "") is None:
        del whole["default"]
    whole.pop("title", None)
    reference = whole.pop("$ref", None)
    if reference is not None:
        whole |= parts[reference.rpartition("/")[2]]
    return whole


def _reference(name: str) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=name)}
