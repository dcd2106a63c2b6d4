"""Halts: what a person wants to be dropped, withdrawn and stopped, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.instant import Instant
    from runner.model.plan import AssignmentKey


class Depth(StrEnum):
    """How far the kill switch goes; each depth includes those before it."""

    SUBMIT = "submit"
    """Nothing new is submitted."""
    WITHDRAW = "withdraw"
    """And what is pending on the hosts is deleted there."""
    STOP = "stop"
    """And what runs there is stopped."""


class HaltScope(StrEnum):
    """What a halt is for."""

    ALL = "all"
    HOST = "host"
    CAMPAIGN = "campaign"
    ASSIGNMENT = "assignment"


class Fate(StrEnum):
    """What a halt has done with one assignment."""

    DROPPED = "dropped"
    """It was planned, or failed and to be tried again: it will not be."""
    WITHDRAWN = "withdrawn"
    """None of its tasks had begun, and they were deleted on the host."""
    STOPPED = "stopped"
    """It ran, and was stopped."""
    LEFT = "left"
    """It runs, and the halt does not stop what runs."""
    ENDED = "ended"
    """It had ended by itself before anything could be done."""
    UNKNOWN = "unknown"
    """What its request did could not be told: a person has to look."""


@dataclass(frozen=True, slots=True)
class Halt:
    """A halt as it was given, with how far it is."""

    id: int
    at: Instant
    owner: str
    reason: str | None
    depth: Depth
    scope: HaltScope
    subject: str
    """The host's or campaign's name, or the assignment's key; empty for all."""
    keeps_planned: bool
    """Is what is planned left in the plan?"""
    told_at: Instant | None = None
    """When the daemon has noticed it."""
    done_at: Instant | None = None
    """When nothing was left to be done."""

    @property
    def words(self) -> str:
        """By whom something is cancelled, and why: the reason of what it ends."""
        return f"cancelled by {self.owner}" + (f": {self.reason}" if self.reason else "")

    @property
    def remark(self) -> str:
        """What is remembered of a task that was withdrawn for it."""
        return f"{TAKEN_BACK}{self.owner}" + (f": {self.reason}" if self.reason else "")

    @property
    def stop_words(self) -> str:
        """The reason of what was stopped for it."""
        return f"stopped by {self.owner}" + (f": {self.reason}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class HaltStanding:
    """How far a halt is: how many assignments have met which fate, and how many are open still."""

    halt: Halt
    fates: Mapping[Fate, int]
    open: int


@dataclass(frozen=True, slots=True)
class Halted:
    """One assignment that a halt is for, and for which something is left to do."""

    halt: Halt
    key: AssignmentKey
    fate: Fate | None
    """Known already where it was dropped and nobody has told the log."""


@dataclass(frozen=True, slots=True)
class HaltTold:
    """The log has told of a halt."""

    halt_id: int
    at: Instant


@dataclass(frozen=True, slots=True)
class FateMet:
    """Nothing is left to do for a halt with one assignment."""

    halt_id: int
    key: AssignmentKey
    fate: Fate
    at: Instant


@dataclass(frozen=True, slots=True)
class HaltDone:
    """Nothing is left to do for a halt."""

    halt_id: int
    at: Instant


TAKEN_BACK = "withdrawn by "
"""How the remark of a task begins that was deleted on its host for a person."""
