"""Reload campaign files: what checks takes effect, what does not leaves its last good version in force."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import FileText, shown_path
from runner.app.journal import event
from runner.app.planning import withdraw
from runner.app.watch_files import FileWatch
from runner.errors import Severity
from runner.model.reload import RejectedFile, Reloaded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from runner.adapters.ledger import AcceptedVersion, Ledger
    from runner.app.check_child import FileChecker
    from runner.app.journal import Journal
    from runner.app.loaded import Loaded, LoadedConfig
    from runner.model.campaign import Campaign
    from runner.model.instant import Instant
    from runner.model.limit import Limit

MOST_PROBLEMS_TOLD = 10
"""Problems of one rejected file that are logged."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A campaign that is in force, and since when this version of it is."""

    campaign: Campaign
    since: Instant


class Campaigns:
    """The campaigns in force. Each file stands for itself; the ledger keeps the last good text of each."""

    def __init__(
        self,
        config: LoadedConfig,
        *,
        checker: FileChecker,
        ledger: Ledger,
        journal: Journal,
        working_folder: Path,
    ) -> None:
        self._config = config
        self._checker = checker
        self._ledger = ledger
        self._journal = journal
        self._working_folder = working_folder
        self._files = FileWatch(config, checker=checker, working_folder=working_folder)
        self._told: dict[str, str] = {}
        self._unreadable = False
        self.in_force: dict[str, InForce] = {}
        self.found = Reloaded(0)
        """What the last look at the files found."""

    def limits_of(self, campaign: str) -> tuple[Limit, ...]:
        """Return the limits of a campaign in force, none of one whose file is gone."""
        one = self.in_force.get(campaign)
        return () if one is None else one.campaign.limits

    async def changed(self) -> bool:
        """Tell whether any of the files looks otherwise than when it was read."""
        return await self._files.changed()

    async def reload(self, *, now: Instant, anyway: bool = False) -> list[str]:
        """Read the folder where it has changed, or `anyway`; return the names of the campaigns that changed.

        `found` then says what came of it.
        """
        look = await self._files.look(now=now, anyway=anyway)
        if look is None:
            return []
        accepted = {version.campaign: version for version in await self._ledger.accepted_versions()}
        # One campaign whose file is deleted has ended; all of them at once is a folder that was not mounted.
        vanished = not look.texts and not look.moving and len(self.in_force or accepted) > 1
        if look.loaded is None or vanished:
            await self._tell_unreadable(campaigns=len(self.in_force or accepted), now=now)
            restored = [] if self.in_force else await self._restore(accepted.values())
            self.found = Reloaded(len(self.in_force), unread=True)
            return restored
        self._unreadable = False
        loaded = look.loaded
        taken = await self._accept(loaded, texts=look.texts, accepted=accepted, now=now)
        restored = await self._keep(loaded, texts=look.texts, accepted=accepted, now=now)
        unseen = [
            version
            for name, version in accepted.items()
            if version.file in look.moving and name not in self.in_force
        ]
        restored += await self._restore(unseen)
        staying = {*loaded.rejected, *look.moving}
        removed = await self._remove(loaded, staying=staying, accepted=accepted, now=now)
        rejected = tuple(self._rejected(loaded, file) for file in loaded.rejected)
        self.found = Reloaded(len(self.in_force), tuple(taken), tuple(removed), rejected)
        self._files.taken_over()
        return [*taken, *restored, *removed]

    def _rejected(self, loaded: Loaded, file: str) -> RejectedFile:
        kept = tuple(name for name, one in self.in_force.items() if one.campaign.file == file)
        return RejectedFile(file, kept, tuple(_errors(loaded, file=file)[:MOST_PROBLEMS_TOLD]))

    async def _accept(
        self,
        loaded: Loaded,
        *,
        texts: Mapping[str, FileText],
        accepted: Mapping[str, AcceptedVersion],
        now: Instant,
    ) -> list[str]:
        changed = []
        for campaign in loaded.campaigns:
            before = self.in_force.get(campaign.name)
            self._told.pop(campaign.file, None)
            known = accepted.get(campaign.name)
            if known is None or (known.file, known.version) != (campaign.file, campaign.version):
                await self._ledger.accept_version(
                    campaign.name,
                    file=campaign.file,
                    version=campaign.version,
                    text=texts[campaign.file].content.decode(errors="replace"),
                    contents={one.name: one.text or "" for one in loaded.contents.get(campaign.file, ())},
                    now=now,
                )
            if before is not None and before.campaign.version == campaign.version:
                self.in_force[campaign.name] = InForce(campaign, before.since)
                continue
            if known is not None and known.version == campaign.version:
                self.in_force[campaign.name] = InForce(campaign, known.accepted_at)
            else:
                told = event(
                    "campaign.accepted",
                    at=now,
                    campaign=campaign.name,
                    file=campaign.file,
                    version=campaign.version[:12],
                    enabled=campaign.enabled,
                )
                await self._journal.record([told])
                self.in_force[campaign.name] = InForce(campaign, now)
            changed.append(campaign.name)
        return changed

    async def _keep(
        self,
        loaded: Loaded,
        *,
        texts: Mapping[str, FileText],
        accepted: Mapping[str, AcceptedVersion],
        now: Instant,
    ) -> list[str]:
        """Tell of each rejected file once, and keep or bring back its last good version."""
        restored = []
        for file in loaded.rejected:
            # A content file may be what is broken, and be broken otherwise now.
            digest = repr((texts[file].digest, _errors(loaded, file=file)))
            if self._told.get(file) == digest:
                continue
            self._told[file] = digest
            kept = [name for name, one in self.in_force.items() if one.campaign.file == file]
            for version in accepted.values():
                if version.file == file and version.campaign not in self.in_force:
                    kept += await self._restore([version])
                    restored += kept
            problems = _errors(loaded, file=file)
            told = event(
                "campaign.rejected",
                at=now,
                file=file,
                problems=problems[:MOST_PROBLEMS_TOLD],
                problem_count=len(problems),
                kept=kept or None,
            )
            await self._journal.record([told])
        return restored

    async def _restore(self, versions: Iterable[AcceptedVersion]) -> list[str]:
        """Put the last good texts of files that cannot be read now back in force, if they still check."""
        by_file = {version.file: version for version in versions}
        texts = {
            file: FileText(self._working_folder / file, version.text.encode(), contents=version.contents)
            for file, version in by_file.items()
        }
        restored = []
        for one in await asyncio.to_thread(self._checker.campaigns, texts, config=self._config):
            if one.campaign is not None:
                since = by_file[one.file].accepted_at
                self.in_force[one.campaign.name] = InForce(one.campaign, since)
                restored.append(one.campaign.name)
        return restored

    async def _remove(
        self,
        loaded: Loaded,
        *,
        staying: Collection[str],
        accepted: Mapping[str, AcceptedVersion],
        now: Instant,
    ) -> list[str]:
        """Cancel what is still planned of campaigns that no file has any more, also since the last start."""
        present = {campaign.name for campaign in loaded.campaigns}
        present |= {name for name, one in self.in_force.items() if one.campaign.file in staying}
        present |= {name for name, version in accepted.items() if version.file in staying}
        gone = {*self.in_force, *accepted} - present
        for name in sorted(gone):
            removed = await withdraw(
                name, ledger=self._ledger, journal=self._journal, reason="its file is gone", now=now
            )
            await self._ledger.end_campaign(name, now=now)
            if self.in_force.pop(name, None) is not None or removed:
                told = event("campaign.removed", at=now, campaign=name, removed=removed)
                await self._journal.record([told])
        return sorted(gone)

    async def _tell_unreadable(self, *, campaigns: int, now: Instant) -> None:
        if self._unreadable:
            return
        self._unreadable = True
        folder = self._config.config.settings.campaigns
        shown = shown_path(folder, working_folder=self._working_folder)
        await self._journal.record([event("campaigns.unreadable", at=now, folder=shown, campaigns=campaigns)])


def _errors(loaded: Loaded, *, file: str) -> list[str]:
    return [
        str(problem)
        for problem in loaded.problems
        if problem.file == file and problem.severity is Severity.ERROR
    ]
