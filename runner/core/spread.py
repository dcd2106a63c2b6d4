"""Where in an open window each target of a run falls due."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, assert_never

from runner.model.campaign import Spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey
    from runner.model.window import OpenWindow

_HASH_BITS = 64


def due_instants(opened: OpenWindow, *, spread: Spread, keys: Sequence[AssignmentKey]) -> list[Instant]:
    """Return one due instant per key, in the order of the keys, each in [opens, closes).

    `even` is the middle of the i-th of n equal parts of the window's real length; `random` depends on the
    key alone, so that every plan of the day and every machine sees the same times.
    """
    opens, length = opened.opens, opened.closes - opened.opens
    match spread:
        case Spread.EVEN:
            halves = 2 * len(keys)
            return [opens + length * half // halves for half in range(1, halves, 2)]
        case Spread.RANDOM:
            return [opens + (length * _chance(key) >> _HASH_BITS) for key in keys]
        case Spread.TOGETHER:
            return [opens] * len(keys)
        case _:
            assert_never(spread)


def _chance(key: AssignmentKey) -> int:
    """Return a number in [0, 2**64) that is drawn by a key."""
    drawn = blake2b(key.encode(), digest_size=_HASH_BITS // 8, person=b"runner.spread.1")
    return int.from_bytes(drawn.digest(), "big")
