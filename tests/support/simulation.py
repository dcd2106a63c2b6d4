"""What tests of the simulator have in common: a clock to push, and short ways to ask a host."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from runner.simulator.exchange import Answer, Request
from runner.simulator.host import SimulatedHost
from runner.simulator.options import HostOptions

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC).timestamp()


class Bench:
    """A host on a clock that stands still until it is pushed."""

    def __init__(self, **options: Any) -> None:
        self.at = START
        chosen: dict[str, Any] = {
            "serials": ("A", "B"),
            "duration_seconds": (10.0, 10.0),
            "pickup_seconds": (0.0, 0.0),
        }
        self.host = SimulatedHost(HostOptions(**{**chosen, **options}), now=lambda: self.at)

    def ask(self, method: str, path: str, *, body: object = None, **query: str) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        return self.host.handle(Request(method, f"/api/v1{path}", query, sent))

    def envelope(self, method: str, path: str, *, body: object = None, **query: str) -> Any:
        return json.loads(self.ask(method, path, body=body, **query).body)

    def code(self, method: str, path: str, *, body: object = None, **query: str) -> Any:
        return self.envelope(method, path, body=body, **query)["code"]

    def payload(self, method: str, path: str, *, body: object = None, **query: str) -> Any:
        envelope = self.envelope(method, path, body=body, **query)
        assert envelope["code"] == 0, envelope
        return envelope["data"]

    def create(self, *, script_name: str = "post", **fields: Any) -> Any:
        body = {"serials": ["A"], "script_name": script_name, "script_config": {}, **fields}
        return self.payload("POST", "/task", body=body)["task_ids"]

    def task(self, task_id: int) -> Any:
        return self.payload("GET", f"/task/{task_id}")

    def status(self, task_id: int) -> Any:
        return self.task(task_id)["status"]
