"""A request of the HTTP API and its answer, as facts: for a socket, or for a test."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, before anything of it is believed."""

    method: str
    target: bytes
    """As on the wire: path and query."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    """In their order, names in small letters."""
    peer: str = ""
    """The address of who asks; empty on a Unix socket."""

    def all(self, name: bytes) -> list[bytes]:
        """Return the values of all headers of a name."""
        return [value for known, value in self.headers if known == name]

    def one(self, name: bytes) -> bytes | None:
        """Return the value of the header of a name, None where there is none."""
        found = self.all(name)
        return found[0] if found else None

    @property
    def path(self) -> str:
        """The path, as it is on the wire; nothing in it is decoded."""
        return self.target.partition(b"?")[0].decode("ascii", errors="replace")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; its length is told by its body."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    route: str = ""
    """Which route has answered, for the metrics; empty where none has."""


class Refused(Exception):
    """A request is not carried out."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = {name.replace("_", "-").title(): value for name, value in headers.items()}


def json_answer(value: object, *, status: int = HTTPStatus.OK, route: str = "") -> Answer:
    """Return an answer that holds a value."""
    return Answer(status, _encoded(value), route=route)


def problem_answer(refused: Refused, *, route: str = "") -> Answer:
    """Return the answer of a refusal: a problem document as RFC 9457 has it."""
    status = HTTPStatus(refused.status)
    told = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": refused.detail}
    return Answer(status, _encoded(told), PROBLEM_TYPE, refused.headers, route)


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode() + b"\n"
