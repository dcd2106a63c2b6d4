"""Figures beside their yardsticks and targets, as they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing: medians of several runs; `most` is its target, None where there is none."""

    name: str
    measured: float
    unit: str
    most: float | None = None
    note: str = ""

    @property
    def fits(self) -> bool:
        """Is it within its target?"""
        return self.most is None or self.measured <= self.most

    def __str__(self) -> str:
        target = "" if self.most is None else f"  (at most {self.most:g}: {'ok' if self.fits else 'MISSED'})"
        note = f"  {self.note}" if self.note else ""
        return f"  {self.name:<52} {self.measured:>9.3f} {self.unit}{target}{note}"


def of(name: str, runs: Sequence[float], *, unit: str, most: float | None = None) -> Figure:
    """Return the median of several runs, with the runs themselves beside it."""
    shown = ", ".join(f"{run:.3g}" for run in runs)
    return Figure(name, median(runs), unit, most, f"[{shown}]" if len(runs) > 1 else "")
