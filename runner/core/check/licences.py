"""Check groups against the licences of their hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.core.check.concern import Concern
from runner.model.campaign import TargetKind
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.model.campaign import Campaign, Target
    from runner.model.settings import Config


def groups_beyond_licences(
    campaigns: Iterable[Campaign], *, config: Config, device_limits: Mapping[str, int]
) -> Iterator[Concern]:
    """Yield a concern for each group with more devices on a host than its licence allows."""
    if not device_limits:
        return
    for name, targets in config.groups.items():
        yield from _beyond(name, targets, file=config.settings.file, device_limits=device_limits)
    for campaign in campaigns:
        groups: dict[str, set[Target]] = {}
        for entry in campaign.entries:
            for placement in entry.placements:
                groups.setdefault(placement.group, set()).add(placement.target)
        for name, members in groups.items():
            if not members.issubset(config.groups.get(name, ())):
                yield from _beyond(name, members, file=campaign.file, device_limits=device_limits)


def _beyond(
    name: str, targets: Iterable[Target], *, file: str, device_limits: Mapping[str, int]
) -> Iterator[Concern]:
    counts: dict[str, int] = {}
    for target in targets:
        if target.kind is TargetKind.SERIAL:
            counts[target.host] = counts.get(target.host, 0) + 1
    for host, count in sorted(counts.items()):
        most = device_limits.get(host, count)
        if count > most:
            message = (
                f"{count} devices on `{host}`, whose licence allows {most}, as it said last; take some out"
            )
            yield Concern(file, ("device_groups", name), Rule.GROUP_EXCEEDS_LICENCE, message, at_key=True)
