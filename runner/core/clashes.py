"""Find campaigns of one name: which of them was meant, nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import Problem, Severity
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.campaign import Campaign
    from runner.model.document import Spot


def clashing_names(checked: Iterable[tuple[Campaign, Spot]]) -> tuple[Problem, ...]:
    """Return an error for each campaign whose name another file has, too, at the spot given beside it."""
    by_name: dict[str, list[tuple[Campaign, Spot]]] = {}
    for campaign, spot in checked:
        by_name.setdefault(campaign.name, []).append((campaign, spot))
    problems = []
    for name, sharers in by_name.items():
        for campaign, (line, column) in sharers if len(sharers) > 1 else ():
            other = next(other.file for other, _ in sharers if other.file != campaign.file)
            message = f"name: the campaign in {other} is called `{name}`, too; rename one"
            problems.append(
                Problem(campaign.file, line, column, Severity.ERROR, message, Rule.CAMPAIGN_TWICE)
            )
    return tuple(problems)
