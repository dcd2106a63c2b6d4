"""Runs, and rows of content files, as the database keeps them: in parts as JSON."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from runner.model.campaign import AtClose, Deliver, OnUnsettled, Retry
from runner.model.content import Row
from runner.model.plan import Order, Run

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

_MICROSECOND = timedelta(microseconds=1)


def run_row(run: Run) -> dict[str, Any]:
    """Return a run's values by column, without its id."""
    return {
        "campaign": run.campaign,
        "script": run.script,
        "script_name": run.order.script_name,
        "day": run.day.isoformat(),
        "window": run.window,
        "timezone": run.timezone,
        "opens": run.opens,
        "closes": run.closes,
        "version": run.version,
        "order_json": _order_json(run.order),
    }


def run_of(row: RowMapping) -> Run:
    """Return the run of a row; lists in its `script_config` are lists, whatever sequence went in."""
    return Run(
        campaign=row["campaign"],
        script=row["script"],
        day=date.fromisoformat(row["day"]),
        window=row["window"],
        timezone=row["timezone"],
        opens=row["opens"],
        closes=row["closes"],
        version=row["version"],
        order=_order(row["script_name"], json.loads(row["order_json"])),
    )


def row_json(row: Row | None) -> str | None:
    """Return a content file's row as it is stored; always the same text for the same row."""
    if row is None:
        return None
    kept = {"file": row.file, "number": row.number, "line": row.line, "values": dict(row.values)}
    return json.dumps(kept, separators=(",", ":"))


def row_of(text: str | None) -> Row | None:
    """Return the row of a content file that was stored."""
    return None if text is None else Row(**json.loads(text))


def _order_json(order: Order) -> str:
    retry = order.retry
    kept: dict[str, Any] = {
        "script_config": order.script_config,
        "enable_multi_account": order.enable_multi_account,
        "min_interval": order.min_interval,
        "max_interval": order.max_interval,
        "expected_tasks": order.expected_tasks,
        "retry": retry and {"attempts": retry.attempts, "delay_microseconds": retry.delay // _MICROSECOND},
        "at_close": order.at_close.value,
        "on_unsettled": order.on_unsettled.value,
    }
    # Left out where it says nothing: runs that were stored before there was such a key are the same runs.
    if order.deliver is not Deliver.ON_TIME:
        kept["deliver"] = order.deliver.value
    if order.after:
        kept["after"] = order.after
    return json.dumps(kept, separators=(",", ":"), default=dict)


def _order(script_name: str, kept: dict[str, Any]) -> Order:
    retry = kept["retry"]
    return Order(
        script_name=script_name,
        script_config=kept["script_config"],
        enable_multi_account=kept["enable_multi_account"],
        min_interval=kept["min_interval"],
        max_interval=kept["max_interval"],
        expected_tasks=kept["expected_tasks"],
        retry=retry and Retry(retry["attempts"], timedelta(microseconds=retry["delay_microseconds"])),
        at_close=AtClose(kept["at_close"]),
        on_unsettled=OnUnsettled(kept["on_unsettled"]),
        deliver=Deliver(kept.get("deliver", Deliver.ON_TIME)),
        after=tuple((script, window) for script, window in kept.get("after", ())),
    )
