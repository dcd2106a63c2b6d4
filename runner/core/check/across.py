"""Check what shows only across files, and against what the ledger knows: all of it warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.core.check.concern import Concern
from runner.core.check.durations import NOTHING_LEARNT, Durations
from runner.core.check.licences import groups_beyond_licences
from runner.core.check.planned_days import never_runs
from runner.core.check.planned_limits import limits_too_low
from runner.core.check.work import too_much_work
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from runner.model.campaign import Campaign
    from runner.model.settings import Config


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows that bears on files; by default nothing, as before the first run."""

    durations: Durations = NOTHING_LEARNT
    device_limits: Mapping[str, int] = field(default_factory=dict)
    """How many devices each host's licence allows, as it said last."""


def check_across(
    campaigns: Sequence[Campaign], *, config: Config, known: Known, today: date
) -> list[Concern]:
    """Return what is doubtful about campaigns together; each of them checks by itself.

    `today` is the day from which on they are looked at; what lies before it is over.
    """
    found = [
        Concern(
            campaign.file, ("days",), Rule.NEVER_RUNS, "no day is left for more than a year: it never runs"
        )
        for campaign in campaigns
        if never_runs(campaign, today=today)
    ]
    found += groups_beyond_licences(campaigns, config=config, device_limits=known.device_limits)
    found += limits_too_low(campaigns, settings=config.settings, today=today)
    found += too_much_work(campaigns, hosts=config.settings.hosts, durations=known.durations, today=today)
    return found
