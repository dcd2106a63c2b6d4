"""`cancel`: drop what is planned, and withdraw what waits on hosts."""

from __future__ import annotations

from runner.cli.halts import halt_command
from runner.model.halt import Depth

_HELP = """\
Drop what is planned, and withdraw what waits on hosts.

KEY is one assignment and may be cut short. Of a campaign, a host or everything, the work of days up to today
is dropped. What runs goes on: `stop` ends that, too. With --all nothing is submitted any more until
`resume --all`. Only tasks of this runner are touched.
"""
command = halt_command("cancel", depth=Depth.WITHDRAW, help=_HELP)
