"""What a fault leaves of an answer, and how that is delivered."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.model.tikmatrix import Code
from runner.simulator.exchange import Answer, Delivery, Ending, Refusal, refused
from runner.simulator.faults import FaultKind

if TYPE_CHECKING:
    from runner.simulator.faults import Fault

_GARBAGE = bytes(range(255, 127, -1)) * 4

_HTTP_INTERNAL_ERROR = 500
_INTERNAL_ERROR = Refusal(Code.INTERNAL_ERROR, "internal error")


_ENDINGS = {
    FaultKind.REFUSE: Ending.REFUSED,
    FaultKind.RESET: Ending.RESET,
    FaultKind.CLOSE: Ending.CLOSED,
    FaultKind.HANG: Ending.CLOSED,
    FaultKind.CUT: Ending.CUT,
    FaultKind.DRIP: Ending.DRIPPED,
    FaultKind.NOT_HTTP: Ending.RAW,
}
"""How a connection ends that does not see a whole answer."""


def delivered(fault: Fault, *, answer: Answer | None) -> Delivery:
    """Return what the one who asked gets to see of a request that a fault struck.

    Args:
        fault: what went wrong.
        answer: what the host would have said; None where the fault struck before it could.
    """
    own = answer or refused(_INTERNAL_ERROR, http_status_follows_code=False)
    ending = _ENDINGS.get(fault.kind, Ending.WHOLE)
    silent = ending in (Ending.REFUSED, Ending.RESET, Ending.CLOSED)
    return Delivery(
        ending,
        None if silent else _spoilt(own, fault),
        wait_seconds=fault.seconds if fault.kind in (FaultKind.HANG, FaultKind.SLOW) else 0.0,
        at_byte=min(fault.at_byte, len(own.body) - 1),
        gap_seconds=fault.seconds if ending is Ending.DRIPPED else 0.0,
    )


def _spoilt(own: Answer, fault: Fault) -> Answer:  # noqa: C901, PLR0911 - a line for each fault
    """Return the answer that is to arrive, right or wrong."""
    match fault.kind:
        case FaultKind.GARBAGE | FaultKind.NOT_HTTP:
            return Answer(200, _GARBAGE)
        case FaultKind.TRUNCATED:
            return replace(own, body=own.body[: fault.at_byte or len(own.body) // 2])
        case FaultKind.HTML:
            page = f"<html><body><h1>{fault.http_status} from a proxy</h1></body></html>"
            return Answer(fault.http_status, page.encode(), content_type="text/html")
        case FaultKind.INTERNAL_ERROR:
            return refused(
                _INTERNAL_ERROR, http_status_follows_code=fault.http_status == _HTTP_INTERNAL_ERROR
            )
        case FaultKind.REFUSAL:
            refusal = Refusal(fault.code, f"refused with {fault.code}")
            return refused(refusal, http_status_follows_code=False)
        case FaultKind.EMPTY:
            return Answer(fault.http_status, b"")
        case FaultKind.REDIRECT:
            return Answer(302, b"", headers=(("Location", "/elsewhere"),))
        case FaultKind.HUGE:
            return Answer(200, _padded(fault.size_bytes))
        case FaultKind.BOMB:
            packed = gzip.compress(_padded(fault.size_bytes), mtime=0)
            return Answer(200, packed, headers=(("Content-Encoding", "gzip"),))
        case FaultKind.WRONG_TYPE:
            return replace(own, content_type="text/plain; charset=utf-8")
        case _:
            return own


def _padded(size_bytes: int) -> bytes:
    """Return an envelope of success of so many bytes, most of them in its message."""
    bare = json.dumps({"code": 0, "message": "", "data": None}).encode()
    return bare.replace(b'""', b'"' + b"x" * (size_bytes - len(bare)) + b'"')
