"""Values that cannot stand where they do, each with the rule that it breaks."""

from __future__ import annotations

from runner.rules import Rule


class Misfit(ValueError):
    """A value that cannot stand where it does, and the rule that it breaks."""

    def __init__(self, message: str, *, rule: Rule) -> None:
        super().__init__(message)
        self.rule = rule


def rule_of(error: ValueError) -> Rule:
    """Return the rule that a value breaks which a reader refused."""
    return error.rule if isinstance(error, Misfit) else Rule.WRONG_VALUE
