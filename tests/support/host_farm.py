"""A process that serves simulated hosts: `host_farm.py '[{"name": ..., "serials": [...], ...}]'`.

Prints a JSON line with `name` and `port` for each host once all of them can be reached, and ends when its
standard input does, so that it never outlives the test that started it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from threading import Thread

from runner.simulator.controls import Changes
from runner.simulator.options import HostOptions
from runner.simulator.serve import Ready, ServedHost, serve


def chosen(*, name, serials, seed=0, **changes):
    checked = Changes.model_validate(changes)
    fields = {field: getattr(checked, field) for field in checked.model_fields_set}
    return HostOptions(name=name, serials=tuple(serials), seed=seed, **fields)


def announce(ready: Ready) -> None:
    sys.stdout.write(json.dumps({"name": ready.name, "port": ready.port}) + "\n")
    sys.stdout.flush()


def stop_with_standard_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=stop_with_standard_input, daemon=True).start()
    serve([ServedHost(chosen(**host), port=0) for host in json.loads(sys.argv[1])], on_ready=announce)
