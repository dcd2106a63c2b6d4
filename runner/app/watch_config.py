"""Watch the config and its calendars' files: say when one has changed or broken, for the next start."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import file_stamp
from runner.app.journal import event
from runner.errors import FilesRejected, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.app.journal import Journal
    from runner.app.loaded import LoadedConfig
    from runner.model.instant import Instant


class ConfigWatch:
    """Compares the config on disk, with the files that its calendars come from, with the one in force."""

    def __init__(
        self, config: LoadedConfig, *, journal: Journal, read_again: Callable[[], LoadedConfig]
    ) -> None:
        self._in_force = config.config
        self._file = config.folder / Path(config.config.settings.file).name
        self._calendar_files = config.calendar_files
        self._stamp = self._stamps()
        self._told = ""
        self._journal = journal
        self._read_again = read_again

    async def look(self, *, now: Instant) -> None:
        """Read the config where one of its files has changed, and tell each change once."""
        stamp = self._stamps()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            loaded = await asyncio.to_thread(self._read_again)
        except FilesRejected as rejected:
            self._watch(rejected.calendar_files)
            problems = [str(one) for one in rejected.problems if one.severity is Severity.ERROR]
            file = str(self._file)
            await self._tell("\n".join(problems), "config.rejected", now=now, file=file, problems=problems)
            return
        self._watch(loaded.calendar_files)
        if loaded.config == self._in_force:
            if self._told:
                await self._tell("", "config.restored", now=now, file=str(self._file))
        else:
            await self._tell(repr(loaded.config), "config.changed", now=now, file=str(self._file))

    def _stamps(self) -> list[object]:
        return [file_stamp(file) for file in (self._file, *self._calendar_files)]

    def _watch(self, calendar_files: tuple[Path, ...]) -> None:
        if calendar_files != self._calendar_files:
            self._calendar_files = calendar_files
            # They may have been edited since they were read; the next look reads everything once more.
            self._stamp = []

    async def _tell(self, found: str, name: str, *, now: Instant, **fields: object) -> None:
        if found != self._told:
            self._told = found
            await self._journal.record([event(name, at=now, **fields)])
