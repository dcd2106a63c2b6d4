"""Find campaigns of one name: which of them was meant, nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import Problem, Severity
from runner.model.document import spot_of
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.model.campaign import Campaign
    from runner.model.document import Document


def clashing_names(checked: Iterable[tuple[Campaign, Document]]) -> tuple[Problem, ...]:
    """Return an error for each campaign whose name another file has, too."""
    by_name: dict[str, list[tuple[Campaign, Document]]] = {}
    for campaign, document in checked:
        by_name.setdefault(campaign.name, []).append((campaign, document))
    problems = []
    for name, sharers in by_name.items():
        for campaign, document in sharers if len(sharers) > 1 else ():
            other = next(other.file for other, _ in sharers if other.file != campaign.file)
            line, column = spot_of(document.place, ("name",))
            message = f"name: the campaign in {other} is called `{name}`, too; rename one"
            problems.append(
                Problem(document.file, line, column, Severity.ERROR, message, Rule.CAMPAIGN_TWICE)
            )
    return tuple(problems)
