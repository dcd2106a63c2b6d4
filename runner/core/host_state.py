"""What an error of one request says of the host as a whole."""

from __future__ import annotations

from runner.errors import HostError, HostRefused, HostUnreached
from runner.model.record import HostState
from runner.model.tikmatrix import Code


def host_state(error: HostError) -> HostState:
    """Return what an error says of the host as a whole."""
    if isinstance(error, HostUnreached):
        return HostState.UNREACHABLE
    if isinstance(error, HostRefused) and error.code == Code.NO_API_ACCESS:
        return HostState.UNLICENSED
    return HostState.UNCLEAR
