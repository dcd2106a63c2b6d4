"""The stable keys of assignments.

A key is a hash of what names an assignment and of nothing else. The ledger finds its rows by it, so the
recipe below never changes: a program with another recipe would submit everything of today once more.

The fields are written as `length:bytes`, and so no two different lists of fields are the same bytes, whatever
characters a name holds. The target's name comes last and needs no length.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from runner.model.campaign import Target
    from runner.model.plan import AssignmentKey

KEY_LENGTH = 16
"""Characters in a key; 5 bits each make 80, so that two of fewer than about 10**12 keys hardly ever meet."""

_BASE32 = b"abcdefghijklmnopqrstuvwxyz234567"
# Each byte of the hash gives its lowest five bits, by one translation; base64.b32encode is a loop in Python.
_CHARACTERS = _BASE32 * (256 // len(_BASE32))


def assignment_key(campaign: str, *, script: str, target: Target, day: date, window: str) -> AssignmentKey:
    """Return the key of one assignment: 16 letters and digits of base32, in lower case.

    `script` is the entry's name and `window` its label.
    """
    return keys_of_run(campaign, script=script, day=day, window=window)(target)


def keys_of_run(campaign: str, *, script: str, day: date, window: str) -> Callable[[Target], AssignmentKey]:
    """Return the function that gives the key of each target of one run.

    What the run's keys have in common is hashed once; a key then costs about a microsecond.
    """
    run = blake2b(digest_size=KEY_LENGTH, person=b"runner.key.1")
    for name in (campaign, script, day.isoformat(), window):
        run.update(_field(name))
    by_place: dict[tuple[str, str], blake2b] = {}

    def key(target: Target) -> AssignmentKey:
        place = (target.host, target.kind)
        known = by_place.get(place)
        if known is None:
            known = by_place[place] = run.copy()
            known.update(_field(target.host) + _field(target.kind))
        hashed = known.copy()
        hashed.update(_bytes(target.name))
        return hashed.digest().translate(_CHARACTERS).decode("ascii")

    return key


def _field(name: str) -> bytes:
    written = _bytes(name)
    return b"%d:%b" % (len(written), written)


def _bytes(name: str) -> bytes:
    # A name in a YAML file may hold half a surrogate pair; it is as good a name as any other here.
    return name.encode("utf-8", "surrogatepass")
