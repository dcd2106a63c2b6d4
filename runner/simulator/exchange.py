"""A request, its answer, and how the answer reaches the one who asked: data for a socket or for a test."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from runner.model.tikmatrix import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_TYPE = "application/json"

_HTTP_STATUSES = {
    Code.SUCCESS: 200,
    Code.INVALID_PARAMETERS: 400,
    Code.SCRIPT_NAME_MISSING: 400,
    Code.SCRIPT_NOT_SUPPORTED: 400,
    Code.NO_API_ACCESS: 403,
    Code.NO_SUCH_RESOURCE: 404,
    Code.INTERNAL_ERROR: 500,
}


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, as far as a host looks at it."""

    method: str
    path: str
    """With the prefix `/api/v1`, without the query."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    client: str = ""
    """Who asks, for the history."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; its length is told by its body."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was not carried out."""

    code: Code
    message: str


class Ending(StrEnum):
    """How a connection ends after a request."""

    WHOLE = "whole"
    """The answer arrives in full; the connection may be used again."""
    REFUSED = "refused"
    """Nothing listens: no byte of the request leaves the client."""
    RESET = "reset"
    """The connection is reset (RST) before any byte of an answer."""
    CLOSED = "closed"
    """The connection is closed (FIN) before any byte of an answer."""
    CUT = "cut"
    """Head and some bytes of the body arrive, then the connection is closed."""
    DRIPPED = "dripped"
    """Head and body arrive, the body byte by byte."""
    RAW = "raw"
    """What arrives is not HTTP."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the one who asked gets to see: wait, then the answer or what is left of it, then the ending."""

    ending: Ending
    answer: Answer | None = None
    """None where no byte of an answer arrives."""
    wait_seconds: float = 0.0
    """From the request's last byte to the answer's first, or to the ending."""
    at_byte: int = 0
    """With `CUT`: how many bytes of the body arrive."""
    gap_seconds: float = 0.0
    """With `DRIPPED`: between one byte of the body and the next."""


def request_of(method: str, *, target: str, body: bytes, client: str) -> Request:
    """Return a request from its method, its target (path and query as on the wire) and its body."""
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), body, client)


def success(payload: str) -> Answer:
    """Return the envelope of success around `data`, given as JSON text."""
    return Answer(200, f'{{"code":0,"message":"success","data":{payload}}}'.encode())


def refused(refusal: Refusal, *, http_status_follows_code: bool) -> Answer:
    """Return the envelope of a refusal."""
    envelope: dict[str, Any] = {"code": int(refusal.code), "message": refusal.message, "data": None}
    status = _HTTP_STATUSES[refusal.code] if http_status_follows_code else 200
    return Answer(status, json.dumps(envelope).encode())
