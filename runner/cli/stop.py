"""`stop`: drop what is planned, withdraw what waits on hosts, and stop what runs there."""

from __future__ import annotations

from runner.cli.halts import halt_command
from runner.model.halt import Depth

_HELP = """\
As `cancel`, and stop what runs on hosts.

What is planned is dropped, our pending tasks are deleted, our running ones stopped. The daemon goes on.
"""
command = halt_command("stop", depth=Depth.STOP, help=_HELP)
