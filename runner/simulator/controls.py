"""The way in for tests and the curious, beside the API: history, a person's acts, options."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, validate_call

from runner.simulator.exchange import Answer
from runner.simulator.faults import NO_FAULTS, FaultPlan
from runner.simulator.options import AnswerShape, PastStart, Plan, UnknownTargets

if TYPE_CHECKING:
    from runner.simulator.exchange import Request
    from runner.simulator.host import SimulatedHost

CONTROLS = "/simulator"

ACTS = frozenset(
    {
        "change_licence",
        "clear_all",
        "close_port",
        "create_task",
        "delete",
        "plug",
        "restart",
        "retry",
        "retry_all",
        "stop",
        "unplug",
    }
)
"""What `POST /simulator/person` understands as `act`: the methods of `Person`."""

_Share = Annotated[float, Field(ge=0, le=1)]
_Seconds = Annotated[float, Field(ge=0)]


class Changes(BaseModel):
    """Options that may change while a host runs; one that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failure_rate: _Share = 0
    stuck_rate: _Share = 0
    own_retries: Annotated[int, Field(ge=0)] = 0
    duration_seconds: tuple[_Seconds, _Seconds] = (0, 0)
    pickup_seconds: tuple[_Seconds, _Seconds] = (0, 0)
    latency_seconds: tuple[_Seconds, _Seconds] = (0, 0)
    unknown_targets: UnknownTargets = UnknownTargets.REFUSE
    past_start: PastStart = PastStart.NOW
    plan: Plan = Plan()
    shape: AnswerShape = AnswerShape()
    faults: FaultPlan = NO_FAULTS


_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def answer_control(request: Request, *, host: SimulatedHost) -> Answer:
    """Answer a request under `/simulator`: 200 with JSON, 400 with `error`, or 404."""
    try:
        match (request.method, request.path.removeprefix(CONTROLS)):
            case ("GET", "/history"):
                return _history(host, since=int(request.query.get("since") or 0))
            case ("POST", "/person"):
                return _ok(_act(host, **_OBJECT.validate_json(request.body)))
            case ("POST", "/options"):
                _change(host, changes=Changes.model_validate_json(request.body))
                return _ok(None)
            case _:
                return _error(
                    404, "GET /simulator/history, POST /simulator/person or POST /simulator/options"
                )
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        return _error(400, f"{type(error).__name__}: {error}")


def _history(host: SimulatedHost, *, since: int) -> Answer:
    host.farm.advance()
    text = "".join(f"{line}\n" for line in host.history.lines(since=since))
    return Answer(200, text.encode(), content_type="application/x-ndjson")


def _act(host: SimulatedHost, *, act: str, **arguments: Any) -> Any:
    if act not in ACTS:
        raise ValueError(f"{act} is none of {', '.join(sorted(ACTS))}")
    return validate_call(getattr(host.person, act))(**arguments)


def _change(host: SimulatedHost, *, changes: Changes) -> None:
    host.change(replace(host.options, **{name: getattr(changes, name) for name in changes.model_fields_set}))


def _ok(result: Any) -> Answer:
    return Answer(200, json.dumps({"result": result}).encode())


def _error(status: int, message: str) -> Answer:
    return Answer(status, json.dumps({"error": message}).encode())
