"""Answer requests: guard, find the route, read what was said, act; every refusal is a problem document."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from runner.errors import LedgerError, NotFound, TokenUnusable
from runner.web.route import KEY, Route
from runner.web.routes import ROUTES
from runner.web.wire import JSON_TYPE, Answer, Refused, json_answer, problem_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.web.access import Access
    from runner.web.guard import Guard
    from runner.web.wire import Asked

_KEY = re.compile(r"[a-z0-9]{1,64}")
_FIXED = {route.path: route for route in ROUTES if KEY not in route.path}
_KEYED = {route.path.removesuffix(KEY): route for route in ROUTES if KEY in route.path}
_MOST_TOLD = 5


class Api:
    """Stands between the server and the routes."""

    def __init__(self, access: Access, *, guard: Guard, token_trouble: Callable[[str], None]) -> None:
        """Take what routes work with, what guards them, and whom to tell that the token cannot be used."""
        self._access = access
        self._guard = guard
        self._token_trouble = token_trouble

    def admit(self, asked: Asked) -> bool:
        """Tell whether the request may have a body; raises Refused where it is not looked at at all."""
        self._guard.check_form(asked)
        route, _ = _found(asked.path)
        try:
            self._guard.check_rate(asked, token_needed=not self._is_open(route, asked))
        except TokenUnusable as error:
            self._token_trouble(str(error))
            detail = "the token cannot be checked; the log says why"
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, detail) from None
        if route is None:
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such path; see /openapi.json")
        if asked.method != route.method:
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"use {route.method}", allow=route.method)
        if route.method == "POST":
            _check_type(asked)
        return route.method == "POST"

    async def answer(self, asked: Asked, body: bytes) -> Answer:
        """Return the answer to a request that was admitted."""
        route, key = _found(asked.path)
        if route is None:
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such path; see /openapi.json")
        try:
            said = _body(body, route=route) if route.method == "POST" else _query(asked, route=route)
            found = await route.act(self._access, said, key)
        except Refused as refused:
            return problem_answer(refused, route=route.name)
        except NotFound as error:
            return problem_answer(Refused(HTTPStatus.NOT_FOUND, str(error)), route=route.name)
        except LedgerError as error:
            self._access.journal.failure("api", error)
            later = Refused(HTTPStatus.SERVICE_UNAVAILABLE, str(error), retry_after="5")
            return problem_answer(later, route=route.name)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends with this request
            self._access.journal.failure("api", error)
            ours = Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "an error of ours; the log says what")
            return problem_answer(ours, route=route.name)
        return found if isinstance(found, Answer) else json_answer(found, route=route.name)

    def told(self, asked: Asked | None, answer: Answer) -> None:
        """Count an answer; refusals are no events, since anybody could fill the store with them."""
        route = answer.route
        if not route and asked is not None:
            found, _ = _found(asked.path)
            route = "" if found is None else found.name
        self._access.answered[route, answer.status] += 1

    def _is_open(self, route: Route | None, asked: Asked) -> bool:
        if route is None:
            return False
        return route.open or (route.name == "metrics" and self._guard.is_open_metrics(asked))


def _found(path: str) -> tuple[Route | None, str]:
    """Return the route of a path, which has to be it to the letter, and the key in it."""
    route = _FIXED.get(path)
    if route is not None:
        return route, ""
    before, slash, key = path.rpartition("/")
    keyed = _KEYED.get(f"{before}{slash}")
    return (keyed, key) if keyed is not None and _KEY.fullmatch(key) else (None, "")


def _check_type(asked: Asked) -> None:
    given = (asked.one(b"content-type") or b"").decode("latin-1").lower().replace(" ", "")
    if given not in {JSON_TYPE, f"{JSON_TYPE};charset=utf-8"}:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"a body is {JSON_TYPE}")


def _query(asked: Asked, *, route: Route) -> Any:
    text = asked.target.partition(b"?")[2].decode("ascii")
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=20
        )
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "the query cannot be read") from None
    said = dict(pairs)
    if len(said) != len(pairs):
        raise Refused(HTTPStatus.BAD_REQUEST, "the query names something twice")
    try:
        return route.takes.model_validate_strings(said)
    except ValidationError as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, _words(error)) from None


def _body(body: bytes, *, route: Route) -> Any:
    try:
        json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is no JSON, or names something twice") from None
    try:
        return route.takes.model_validate_json(body)
    except ValidationError as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, _words(error)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _words(error: ValidationError) -> str:
    """Return what does not fit, without what was sent."""
    told = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [f"{'.'.join(map(str, one['loc'])) or 'all of it'}: {one['msg']}" for one in told[:_MOST_TOLD]]
    return "; ".join(shown).encode("ascii", "backslashreplace").decode()
