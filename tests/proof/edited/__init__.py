"""Random edits of campaign files under load, judged by a model of the folder and by what the hosts saw."""

from __future__ import annotations

from proof.edited.life import Life, lived
from proof.edited.many import all_lived
from proof.edited.steps import KINDS, PAUSES, Step, some_steps

__all__ = ["KINDS", "PAUSES", "Life", "Step", "all_lived", "lived", "some_steps"]
