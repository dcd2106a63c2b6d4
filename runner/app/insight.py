"""What the daemon lets others see of it, without a look into its store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.app.loaded import Loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.app.host_session import HostSession
    from runner.app.journal import Journal
    from runner.app.reload import Campaigns
    from runner.app.vital_signs import VitalSigns
    from runner.model.campaign import Campaign
    from runner.model.settings import Settings

STARTS = "it starts"
STOPS = "it stops"


class Insight:
    """Answers at once, from memory; used on the daemon's loop."""

    def __init__(
        self,
        settings: Settings,
        *,
        campaigns: Campaigns,
        sessions: Mapping[str, HostSession],
        journal: Journal,
        signs: VitalSigns,
    ) -> None:
        self._settings = settings
        self._campaigns = campaigns
        self._sessions = sessions
        self._journal = journal
        self._signs = signs
        self.started = False
        """Has a sign of life been written?"""
        self.stopping = False

    def standstill(self) -> str | None:
        """Return what of the daemon stands still, None where all goes on; a store that fails is no such."""
        return self._signs.standstill()

    def unready(self) -> str | None:
        """Return why nothing can be submitted now whatever the hosts do, None where nothing is in the way."""
        if self.stopping:
            return STOPS
        return self._journal.trouble if self.started else STARTS

    def loaded(self) -> Loaded:
        """Return the campaigns in force, and the files that do not check."""
        rejected = tuple(one.file for one in self._campaigns.found.rejected)
        checked = tuple(campaign for campaign in self.campaigns() if campaign.file not in rejected)
        return Loaded(self._settings, checked, (), rejected)

    def campaigns(self) -> tuple[Campaign, ...]:
        """Return all campaigns in force, the last good versions of broken files among them."""
        return tuple(one.campaign for one in self._campaigns.in_force.values())

    def broken_files(self) -> dict[str, str]:
        """Return the campaign files that do not check, or the folder that cannot be read, and why."""
        found = self._campaigns.found
        if found.unread:
            return {"the campaign folder": "it cannot be read, or all of its files are gone at once"}
        return {one.file: next(iter(one.problems), "it does not check") for one in found.rejected}

    @property
    def sessions(self) -> Mapping[str, HostSession]:
        """The hosts, by name."""
        return self._sessions

    def requests(self) -> dict[tuple[str, str], int]:
        """Return how many requests went to each host, by its name and their method."""
        return {
            (name, method): count
            for name, session in self._sessions.items()
            for method, count in session.client.requests.items()
        }
