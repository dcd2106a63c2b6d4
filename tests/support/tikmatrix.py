"""Ask each endpoint of a client, and answer it as a test wants."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from runner.adapters.tikmatrix.client import TikMatrix
from runner.errors import HostError
from runner.model.tikmatrix import (
    TaskFilter,
    TaskStatus,
)

BODY = b'{"serials":["R58M12345"],  "script_name":"post","script_config":{"api_key":"s3cret"}}'
EVERYTHING = TaskFilter(status=TaskStatus.PENDING, serial="a &/ä", script_name="post", source="ui")

ENDPOINTS = {
    "licence": lambda host: host.licence(),
    "create": lambda host: host.create(BODY),
    "tasks": lambda host: host.tasks(TaskFilter(), page=1),
    "task": lambda host: host.task("5"),
    "delete": lambda host: host.delete("5"),
    "delete_many": lambda host: host.delete_many(["5", "0", "07", "x-1"]),
    "stop": lambda host: host.stop("5"),
    "retry": lambda host: host.retry("5"),
    "retry_all": lambda host: host.retry_all(),
    "stats": lambda host: host.stats(),
}

each_endpoint = pytest.mark.parametrize("ask", ENDPOINTS.values(), ids=ENDPOINTS)


def client_of(handler, *, timeout_seconds=5.0, in_flight=8):
    return TikMatrix(
        "http://studio:50809/api/v1/",
        transport=httpx.MockTransport(handler),
        timeout_seconds=timeout_seconds,
        in_flight=in_flight,
        redact=lambda text: text.replace("s3cret", "***"),
    )


def outcome_of(ask, handler, **options):
    return asyncio.run(ask(client_of(handler, **options)))


def outcome_or_error(ask, handler):
    try:
        return outcome_of(ask, handler)
    except HostError as error:
        return error


def answering(data):
    return lambda _request: httpx.Response(200, json={"code": 0, "message": "ok", "data": data})


def raising(error):
    def handler(_request):
        raise error

    return handler


async def never(_request):
    await asyncio.Event().wait()
