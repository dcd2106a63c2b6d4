"""Keep the garbage collector away from work that leaves nothing for it behind."""

from __future__ import annotations

import atexit
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_OBJECTS = 20_000
"""So many new objects are made, more than a hundred submissions keep, before the collector looks at them."""
_OBJECTS_OF_A_SECOND = 300_000
"""More than a command makes that imports what it needs, reads a day from the store and prints it."""


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let the collector look seldom, and never at what is there already: modules, which stay.

    Of the CPU time of a thousand submissions it took 4 %, and found nothing: they leave no cycles.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


@contextmanager
def without_collection() -> Iterator[None]:
    """Make the collector wait until a piece of work is done.

    Reading files makes millions of small objects without cycles, which go as soon as nobody names them; the
    collector would look through them again and again, for a fifth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def hardly_collect() -> None:
    """Make the collector leave a process alone that lives for a second, also when it ends.

    All modules, and all rows of a day, would be looked through again and again, and once more just before
    they go anyway: for a sixth of the time of a command that reads the store.
    """
    gc.set_threshold(_OBJECTS_OF_A_SECOND, *gc.get_threshold()[1:])
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
