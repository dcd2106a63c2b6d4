"""What a route of the HTTP API is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runner.web.access import Access
    from runner.web.inputs import Input
    from runner.web.wire import Answer

KEY = "{key}"
"""Stands in a path for the key of an assignment, or a beginning of it."""


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be asked or ordered."""

    method: str
    path: str
    name: str
    """Unique; metrics and the OpenAPI document know it by this."""
    about: str
    takes: type[Input]
    """The query of a GET, the body of a POST."""
    answers: str
    """The model of `runner.web.answers`, or a content type where it is none."""
    act: Callable[[Access, Any, str], Awaitable[dict[str, Any] | Answer]]
    """Takes what there is to work with, what was said, and the key of the path."""
    open: bool = False
    """May it be asked without the token?"""
