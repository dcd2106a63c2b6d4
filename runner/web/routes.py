"""Every route of the HTTP API, on one page."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from runner.app.insight import STARTS, STOPS
from runner.web import controls, inputs, reads
from runner.web.metrics import metrics_text
from runner.web.route import KEY, Route
from runner.web.wire import Answer, Refused

if TYPE_CHECKING:
    from runner.web.access import Access


async def healthz(access: Access, _asked: inputs.NoInput, _key: str) -> dict[str, Any]:
    """Tell whether the daemon's loops go on."""
    if access.daemon.standstill() is not None:
        # Who has no token learns no more; the log says what.
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "the daemon stands still; its log says what")
    return {"status": "ok"}


async def readyz(access: Access, _asked: inputs.NoInput, _key: str) -> dict[str, Any]:
    """Tell whether work can be submitted, as far as that is the daemon's matter and not a host's."""
    why = access.daemon.unready()
    if why is not None:
        words = why if why in {STARTS, STOPS} else "the store does not work; the log says why"
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, words)
    return {"status": "ok"}


async def openapi(access: Access, _asked: inputs.NoInput, _key: str) -> Answer:
    """Return the OpenAPI document of this API."""
    return Answer(HTTPStatus.OK, await access.work(_document))


def _document() -> bytes:
    # Its models are needed for nothing else: 1 MB, and 50 ms, for those who ask.
    from runner.web.openapi import document_bytes  # noqa: PLC0415 - see above

    return document_bytes(ROUTES)


V1 = "/api/v1"

ROUTES = (
    Route(
        "GET",
        "/healthz",
        "healthz",
        "Do the daemon's loops go on?",
        inputs.NoInput,
        "Health",
        healthz,
        open=True,
    ),
    Route(
        "GET",
        "/readyz",
        "readyz",
        "Does the store work, so that work can be submitted?",
        inputs.NoInput,
        "Health",
        readyz,
        open=True,
    ),
    Route("GET", "/metrics", "metrics", "For Prometheus.", inputs.NoInput, "text/plain", metrics_text),
    Route("GET", "/openapi.json", "openapi", "This document.", inputs.NoInput, "application/json", openapi),
    Route("GET", f"{V1}/status", "status", "How things stand.", inputs.NoInput, "Status", reads.status),
    Route(
        "GET", f"{V1}/hosts", "hosts", "Every host as it answered last.", inputs.NoInput, "Hosts", reads.hosts
    ),
    Route("GET", f"{V1}/runs", "runs", "The runs of a day.", inputs.RunsInput, "Runs", reads.runs),
    Route(
        "GET",
        f"{V1}/results",
        "results",
        "The assignments of a day and what became of them.",
        inputs.ResultsInput,
        "Results",
        reads.results,
    ),
    Route(
        "GET",
        f"{V1}/assignments/{KEY}",
        "show",
        "One assignment with its whole life.",
        inputs.NoInput,
        "Life",
        reads.show,
    ),
    Route("GET", f"{V1}/events", "events", "The audit log.", inputs.EventsInput, "Events", reads.events),
    Route(
        "GET",
        f"{V1}/plan",
        "plan",
        "What the campaigns in force will submit.",
        inputs.PlanInput,
        "Plan",
        reads.plan,
    ),
    Route(
        "GET",
        f"{V1}/why",
        "why",
        "Every occurrence of a campaign or a target on a day: it ran, or why not.",
        inputs.WhyInput,
        "Why",
        reads.why,
    ),
    Route(
        "GET",
        f"{V1}/doctor",
        "doctor",
        "Everything that can be checked, with what to do.",
        inputs.NoInput,
        "Examined",
        reads.doctor,
    ),
    Route("POST", f"{V1}/pause", "pause", "Hold work back.", inputs.PauseOrder, "Paused", controls.pause),
    Route("POST", f"{V1}/resume", "resume", "End a pause.", inputs.ResumeOrder, "Resumed", controls.resume),
    Route(
        "POST",
        f"{V1}/resolve",
        "resolve",
        "Decide what becomes of an assignment that is unknown.",
        inputs.ResolveOrder,
        "Resolved",
        controls.resolve,
    ),
    Route(
        "POST",
        f"{V1}/resolve-day",
        "resolve_day",
        "Decide what becomes of all that is unknown of a campaign on a day.",
        inputs.ResolveDayOrder,
        "ResolvedDay",
        controls.resolve_of_day,
    ),
    Route(
        "POST",
        f"{V1}/cancel",
        "cancel",
        "Drop what is planned, and withdraw what waits on hosts.",
        inputs.HaltOrder,
        "Halted",
        controls.cancel,
    ),
    Route(
        "POST",
        f"{V1}/stop",
        "stop",
        "As `cancel`, and stop what runs on hosts.",
        inputs.HaltOrder,
        "Halted",
        controls.stop,
    ),
    Route(
        "POST",
        f"{V1}/trigger",
        "trigger",
        "Do a campaign's work now, beside the schedule.",
        inputs.TriggerOrder,
        "Triggered",
        controls.trigger,
    ),
    Route(
        "POST",
        f"{V1}/reload",
        "reload",
        "Let the daemon look at all files now.",
        inputs.ReloadOrder,
        "Reloaded",
        controls.reload,
    ),
)
"""Each with its use case; a new one is a line here, an input, an answer and a function."""
