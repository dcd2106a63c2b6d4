"""What goes on the wire for one assignment: one target, one request (ADR 0007)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.core.content import shown_values
from runner.core.placeholders import render
from runner.model.campaign import TargetKind
from runner.model.script_targets import TARGET_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from runner.model.plan import Assignment, Order, Run

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NAMED = "${{{}}}".format
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def create_body(
    run: Run,
    assignment: Assignment,
    *,
    secret: Callable[[str], str],
    targets: Collection[str] | None = None,
    start_time: str | None = None,
) -> bytes:
    """Return the JSON body of `POST /task`, in UTF-8.

    `secret` is called with `env:NAME` or `file:PATH`; what it raises (SecretMissing) passes through;
    RowMissing where a text names a cell, and the assignment has no row.
    `targets`, where given, takes the place of the targets that the script's configuration names.
    `start_time` is `HH:MM` of the host's day: the host holds the tasks until then.
    """
    return _to_json(_fields(run, assignment, secret=secret, targets=targets, start_time=start_time)).encode()


def shown_fields(run: Run, assignment: Assignment) -> dict[str, Any]:
    """Return what a create's body says, with each secret as the campaign file names it."""
    return _fields(run, assignment, secret=_NAMED)


def create_and_shown_body(
    run: Run,
    assignment: Assignment,
    *,
    secret: Callable[[str], str],
    targets: Collection[str] | None = None,
    start_time: str | None = None,
) -> tuple[bytes, str]:
    """Return the body as it is sent, and as it may be stored and shown: with the names of its secrets."""
    asked: list[str] = []

    def told(name: str) -> str:
        asked.append(name)
        return secret(name)

    body = create_body(run, assignment, secret=told, targets=targets, start_time=start_time)
    # Rendering costs as much as all the rest of a body, and hardly any holds a secret.
    if not asked:
        return body, body.decode()
    return body, shown_body(run, assignment, targets=targets, start_time=start_time)


def shown_body(
    run: Run,
    assignment: Assignment,
    *,
    targets: Collection[str] | None = None,
    start_time: str | None = None,
) -> str:
    """Return the body with each secret as the campaign file names it: what may be stored and shown."""
    shown = create_body(run, assignment, secret=_NAMED, targets=targets, start_time=start_time)
    return shown.decode()


def _fields(
    run: Run,
    assignment: Assignment,
    *,
    secret: Callable[[str], str],
    targets: Collection[str] | None = None,
    start_time: str | None = None,
) -> dict[str, Any]:
    order, target = run.order, assignment.target
    field = "serials" if target.kind is TargetKind.SERIAL else "usernames"
    body: dict[str, Any] = {
        field: [target.name],
        "script_name": order.script_name,
        "script_config": render(
            order.script_config if targets is None else _narrowed(order, targets),
            names=_names(run, assignment),
            secret=secret,
        ),
    }
    if order.enable_multi_account:
        body["enable_multi_account"] = True
    if start_time is not None:
        body["start_time"] = start_time
    if order.min_interval is not None:
        body["min_interval"] = order.min_interval
    if order.max_interval is not None:
        body["max_interval"] = order.max_interval
    return body


def _narrowed(order: Order, targets: Collection[str]) -> Mapping[str, Any]:
    many, one = TARGET_KEYS[order.script_name]
    config = {key: value for key, value in order.script_config.items() if key != one}
    # They have been through the host as text already: not to be read as placeholders again.
    return {**config, many: [target.replace("${", "$${") for target in targets]}


def _names(run: Run, assignment: Assignment) -> Mapping[str, str]:
    target = assignment.target
    return {
        "date": run.day.isoformat(),
        "weekday": WEEKDAYS[run.day.weekday()],
        "campaign": run.campaign,
        "script": run.script,
        target.kind.value: target.name,
        "group": assignment.group,
        "index": str(assignment.index),
        **shown_values(assignment.row),
    }
