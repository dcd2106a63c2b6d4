"""Chance without a generator: each draw is a hash of what it is for, so a run can be repeated exactly."""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct

DRAWS = 6
"""How many independent draws one hash yields."""

_WORDS = Struct(f"<{DRAWS}Q")
_TO_FRACTION = 2.0**-53


def draws(*parts: str | int) -> tuple[float, ...]:
    """Return `DRAWS` numbers in [0, 1) that depend on the parts alone."""
    text = "\x1f".join(map(str, parts))
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_WORDS.size).digest()
    return tuple([(word >> 11) * _TO_FRACTION for word in _WORDS.unpack(digest)])


def between(bounds: tuple[float, float], fraction: float) -> float:
    """Return the number that lies the given fraction of the way from the first bound to the second."""
    low, high = bounds
    return low + (high - low) * fraction
