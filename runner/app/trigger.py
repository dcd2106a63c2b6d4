"""Ask for work now, beside the schedule: a wish for the daemon, and what stands in its way."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from runner.adapters.ledger import Reader
from runner.adapters.ledger.decisions import ask_to_trigger
from runner.app.ask_reload import daemon_runs
from runner.app.edits import campaigns_of_versions
from runner.app.load import load_campaigns
from runner.app.report import has_store, stop_file_holds
from runner.core.limits import refusal, reservations
from runner.core.quiet import quiet_until
from runner.core.trigger import closes_at, triggered
from runner.core.why import NO_DAEMON
from runner.errors import NotFound
from runner.model.suggest import did_you_mean
from runner.model.trigger import TriggerWish
from runner.model.use import Use

if TYPE_CHECKING:
    from pathlib import Path

    from runner.app.loaded import LoadedConfig
    from runner.model.campaign import Campaign
    from runner.model.instant import Instant
    from runner.model.plan import PlannedRun
    from runner.model.settings import Settings


@dataclass(frozen=True, slots=True)
class Triggering:
    """One wish: written, and to be waited for where a daemon is at work."""

    settings: Settings
    wish: TriggerWish
    runs: tuple[PlannedRun, ...]
    """What will be planned."""
    closes: Instant
    """When what has not gone by then expires."""
    obstacles: tuple[str, ...]
    """What stands in the way now."""

    def is_awaited(self) -> bool:
        """Does a daemon work on the store, so that it is planned at once?"""
        return daemon_runs(self.settings)

    def outcome(self) -> str | None:
        """Return what has become of it, None before the daemon has seen it; raises LedgerUnavailable."""
        with closing(Reader.open(self.settings.store)) as reader:
            return reader.trigger_wish(self.wish.id).outcome


def trigger(
    config: LoadedConfig,
    *,
    campaign: str,
    script: str | None,
    target: str | None,
    owner: str,
    working_folder: Path,
    now: Instant,
) -> Triggering:
    """Ask for a campaign's work, or a part of it, to be done now.

    Raises NotFound where there is no such campaign, entry or target, the campaign is not enabled, or the same
    was asked for a moment ago; LedgerError where the store cannot be written.
    """
    meant = _campaign(config, campaign, working_folder=working_folder)
    return trigger_known(config.config.settings, meant, script=script, target=target, owner=owner, now=now)


def trigger_known(
    settings: Settings,
    meant: Campaign,
    *,
    script: str | None,
    target: str | None,
    owner: str,
    now: Instant,
) -> Triggering:
    """Ask for the work of a campaign that is at hand; see `trigger`."""
    if not meant.enabled:
        raise NotFound(
            f"the campaign `{meant.name}` is not enabled; what is not enabled is not triggered either"
        )
    _check_part(meant, script=script, target=target)
    wish = TriggerWish(0, now, owner, meant.name, script, target)
    if not any(triggered(meant, wish, grace=settings.grace)):
        raise NotFound(f"`{script}` has no target `{target}`")
    wish = ask_to_trigger(settings.store, wish)
    runs = tuple(triggered(meant, wish, grace=settings.grace))
    obstacles = tuple(_obstacles(settings, meant, runs, now=now))
    return Triggering(settings, wish, runs, closes_at(now, grace=settings.grace), obstacles)


def _campaign(config: LoadedConfig, name: str, *, working_folder: Path) -> Campaign:
    """Return the campaign as it is in force, else as it is on disk."""
    loaded = load_campaigns(config, working_folder=working_folder)
    known = {campaign.name: campaign for campaign in loaded.campaigns}
    if has_store(loaded.settings):
        with closing(Reader.open(loaded.settings.store)) as reader:
            version = reader.accepted_version(name)
        if version is not None and (name not in known or known[name].version != version.version):
            known |= campaigns_of_versions([version], config=config)
    if name not in known:
        raise NotFound(f"there is no campaign `{name}`{did_you_mean(name, sorted(known))}")
    return known[name]


def _check_part(campaign: Campaign, *, script: str | None, target: str | None) -> None:
    scripts = [entry.name for entry in campaign.entries]
    if script is not None and script not in scripts:
        raise NotFound(f"`{campaign.name}` has no script entry `{script}`{did_you_mean(script, scripts)}")
    targets = {placement.target.name for entry in campaign.entries for placement in entry.placements}
    if target is not None and target not in targets:
        raise NotFound(f"`{campaign.name}` has no target `{target}`{did_you_mean(target, sorted(targets))}")


def _obstacles(
    settings: Settings, campaign: Campaign, runs: tuple[PlannedRun, ...], *, now: Instant
) -> list[str]:
    found = [] if daemon_runs(settings) else [NO_DAEMON]
    deadline_us = settings.timeout // timedelta(microseconds=1)
    if settings.quiet_hours is not None and quiet_until(
        settings.quiet_hours, now=now, deadline_us=deadline_us
    ):
        found.append(f"the quiet hours {settings.quiet_hours.label}")
    hosts = {assignment.target.host for run in runs for assignment in run.assignments}
    limits = (*settings.limits, *campaign.limits)
    with closing(Reader.open(settings.store)) as reader:
        holds = (*stop_file_holds(settings, now=now), *reader.holds())
        found += [
            f"paused by {hold.owner}" + (f": {hold.reason}" if hold.reason else "")
            for hold in holds
            if hold.is_in_force(now) and any(hold.covers(campaign=campaign.name, host=host) for host in hosts)
        ]
        states = {record.host: record for record in reader.hosts()}
        found += [
            f"the host {host} is {states[host].state}"
            for host in sorted(hosts)
            if host in states and states[host].state != "ready"
        ]
        for planned in runs if limits else ():
            run = planned.run
            for assignment in planned.assignments:
                use = Use(run.campaign, run.script, run.order.script_name, assignment.target)
                full = reader.used_up(reservations(limits, use=use, now=now))
                if full:
                    found.append(refusal(full, last_moment=run.closes - deadline_us).reason)
    return list(dict.fromkeys(found))
