"""Faults to choose from, as data: whom they strike, what they do to the work and to the answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from runner.model.tikmatrix import Code
from runner.simulator.chance import draws

STRICT = {"extra": "forbid"}
"""What pydantic makes of these facts when they come over HTTP: a mistyped key is an error."""


class FaultKind(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    """Nothing listens, from this request on for `seconds`. Over a socket the request itself, which has
    already arrived, is reset without any work."""
    RESET = "reset"
    CLOSE = "close"
    """Closed without an answer."""
    CUT = "cut"
    """Closed after `at_byte` bytes of the body."""
    HANG = "hang"
    """No answer for `seconds`, then closed."""
    SLOW = "slow"
    """The right answer after `seconds`."""
    DRIP = "drip"
    """The right answer, a byte each `seconds`."""
    GARBAGE = "garbage"
    """200, said to be JSON, and bytes that are not even text."""
    NOT_HTTP = "not_http"
    TRUNCATED = "truncated"
    """A whole HTTP answer whose JSON ends after `at_byte` bytes; 0: in the middle."""
    HTML = "html"
    """A proxy's page with `http_status`."""
    INTERNAL_ERROR = "internal_error"
    """The envelope with 50001."""
    REFUSAL = "refusal"
    """The envelope with `code`."""
    EMPTY = "empty"
    """`http_status` without a body."""
    REDIRECT = "redirect"
    HUGE = "huge"
    """An envelope of `size_bytes`."""
    BOMB = "bomb"
    """An envelope of `size_bytes` that travels compressed."""
    WRONG_TYPE = "wrong_type"
    """The right answer, said to be text."""


class Work(StrEnum):
    """What became of the work that the request asked for."""

    NONE = "none"
    """The fault struck before it."""
    DONE = "done"
    """The fault struck after it."""
    PARTIAL = "partial"
    """Of a create, only the first `tasks_made` tasks were made."""
    LATE = "late"
    """It is done `late_seconds` after the request, unless the host is restarted meanwhile."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one request."""

    __pydantic_config__ = STRICT

    kind: FaultKind
    work: Work = Work.DONE
    seconds: float = 0.0
    late_seconds: float = 0.0
    at_byte: int = 0
    size_bytes: int = 16 * 1024 * 1024
    http_status: int = 502
    """200 to 599."""
    code: Code = Code.INVALID_PARAMETERS
    tasks_made: int = 0


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A fault that strikes a share of some requests."""

    __pydantic_config__ = STRICT

    fault: Fault
    rate: float = 1.0
    """Share of the matching requests, 0 to 1."""
    requests: str = "*"
    """Shell pattern for method and path, e.g. `POST /task` or `GET *`; the path without `/api/v1`."""
    from_at: float = 0.0
    until_at: float = float("inf")
    """The rule is in force in [from_at, until_at), in Unix seconds."""


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Which faults strike: a script for the first requests, then rules, of which the first hit counts."""

    __pydantic_config__ = STRICT

    script: tuple[Fault | None, ...] = ()
    """For the first, second, ... request that matches `scripted_requests`; None leaves one whole."""
    scripted_requests: str = "POST /task"
    rules: tuple[FaultRule, ...] = ()


NO_FAULTS = FaultPlan()


class FaultChooser:
    """Choose the fault of each request; the same requests get the same faults in every run."""

    def __init__(self, plan: FaultPlan, *, seed: str) -> None:
        self._plan = plan
        self._seed = seed
        self._scripted = 0

    def choose(self, request: str, *, number: int, at: float) -> Fault | None:
        """Return what goes wrong with the request of that number, or None.

        Args:
            request: method and path without prefix, e.g. `POST /task`.
            number: of the request on its host, from 1.
            at: Unix seconds.
        """
        plan = self._plan
        if self._scripted < len(plan.script) and fnmatchcase(request, plan.scripted_requests):
            self._scripted += 1
            return plan.script[self._scripted - 1]
        for position, rule in enumerate(plan.rules):
            if not rule.from_at <= at < rule.until_at or not fnmatchcase(request, rule.requests):
                continue
            if draws(self._seed, "fault", position, number)[0] < rule.rate:
                return rule.fault
        return None
