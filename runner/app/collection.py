"""Keep the garbage collector away from work that leaves nothing for it behind."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


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
