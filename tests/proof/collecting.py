"""Spare the garbage collector its looks at what lives as long as the process does."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Look seldom, and only at what is made from now on: a tenth of the time of a life."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
