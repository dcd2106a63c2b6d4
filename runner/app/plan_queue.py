"""Which campaigns are to be planned, in which order: what has just been edited waits for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from runner.model.instant import Instant

AGAIN_US = 3_600 * SECOND
"""How often all campaigns are planned ahead anew."""


class PlanQueue:
    """Campaigns that are owed a plan, each until it has been stored.

    What is edited while very many are being planned goes before them, and is then planned as edited; of what
    is all to be planned, some may have been edited, too.
    """

    def __init__(self) -> None:
        self._edited: dict[str, None] = {}
        self._others: dict[str, bool] = {}
        """By name, whether it was edited."""
        self._all_at: Instant = 0

    def __bool__(self) -> bool:
        """Is anything owed?"""
        return bool(self._edited or self._others)

    @property
    def hurried(self) -> bool:
        """Is anything owed that goes before all others?"""
        return bool(self._edited)

    def look(self, names: Collection[str], *, edited: Collection[str], now: Instant) -> None:
        """Owe what was edited since the last look, and once an hour all of the campaigns in force."""
        if self._all_at:
            self.put_first(edited)
        if now - self._all_at > AGAIN_US or now < self._all_at:
            self.put_all(names, edited=edited)
            self._all_at = now

    def put_first(self, names: Iterable[str]) -> None:
        """Owe the plans of campaigns that were edited, before all that are owed so far."""
        for name in names:
            self._others.pop(name, None)
            self._edited[name] = None

    def put_all(self, names: Iterable[str], *, edited: Collection[str]) -> None:
        """Owe the plans of all campaigns, after those that are owed already."""
        for name in names:
            if name not in self._edited:
                self._others[name] = self._others.get(name, False) or name in edited

    def first(self) -> tuple[str, bool]:
        """Return which campaign to plan next, and whether it was edited; only where any is owed."""
        for name in self._edited:
            return name, True
        return next(iter(self._others.items()))

    def stored(self, name: str) -> None:
        """Owe the plan of a campaign no longer."""
        self._edited.pop(name, None)
        self._others.pop(name, None)
