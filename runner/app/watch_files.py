"""Watch the campaign files: which of them have changed and stand still by now, and what each says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import file_stamp, folder_stamps, read_folder, shown_path
from runner.app.loaded import together
from runner.model.document import MOST_BYTES
from runner.model.instant import SECOND
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from runner.adapters.campaign_folder import FileText, Stamp
    from runner.app.check_child import FileChecker
    from runner.app.loaded import CheckedFile, Loaded, LoadedConfig
    from runner.model.instant import Instant

JUST_SECONDS = 1.5
"""What was looked at so lately is not looked at again."""
SETTLE_SECONDS = 0.4
"""How long a file has to stay as it is before it is read: it may be written in pieces, or put in place of
one that was taken away."""
MOST_MOVING_SECONDS = 60.0
"""After so long a file is read even if it changes all the time."""
CHECK_AGAIN_SECONDS = 60.0
"""When files that could not be checked are tried again, though nobody has edited them."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the folder has found."""

    loaded: Loaded | None
    """What its files say; None where the folder cannot be read."""
    texts: Mapping[str, FileText]
    """The texts of its files, as problems call them."""
    moving: frozenset[str] = frozenset()
    """Files that are being written just now, and whose text before nobody has seen."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A file as it was read last."""

    text: FileText
    checked: CheckedFile


@dataclass(frozen=True, slots=True)
class _Stamps:
    """What the folder and the content files look like, without reading any."""

    files: Mapping[str, Stamp]
    contents: Mapping[str, Stamp]

    def all(self) -> dict[str, Stamp]:
        return {**self.contents, **self.files}


class FileWatch:
    """Knows what each file said when it was read last, and reads and checks only what has changed since.

    A file that is being written is taken as it was before, until it has stood still for a moment.
    """

    def __init__(self, config: LoadedConfig, *, checker: FileChecker, working_folder: Path) -> None:
        self._config = config
        self._folder = config.config.settings.campaigns
        self._checker = checker
        self._working_folder = working_folder
        self._known: dict[str, _Known] = {}
        self._taken: dict[str, Stamp] | None = None
        """What each file looked like as it was taken in; None before the first look."""
        self._listed = True
        """Could the folder be listed the last time?"""
        self._owed = False
        """Has something been found that is not in force yet?"""
        self._still_at = -inf
        """By the loop's clock: when nothing had changed."""
        self._moving_since: dict[str, float] = {}
        self._check_again_at = 0.0

    async def changed(self) -> bool:
        """Tell whether anything looks otherwise than at the last look."""
        stamps = await asyncio.to_thread(self._stamps)
        if stamps is None:
            return self._listed
        changed = not self._listed or stamps.all() != self._taken
        self._still_at = -inf if changed else asyncio.get_running_loop().time()
        return changed

    async def look(self, *, now: Instant, anyway: bool) -> Look | None:
        """Read what has changed, or everything (`anyway`), and return what all files say by now.

        Returns None where nothing has changed and nothing is owed from the looks before.
        """
        again = self._to_check_again()
        if not (anyway or again or self._owed) and self._has_just_looked():
            return None
        stamps = await asyncio.to_thread(self._stamps)
        if stamps is None and self._listed:
            await asyncio.sleep(SETTLE_SECONDS)
            stamps = await asyncio.to_thread(self._stamps)
        if stamps is None:
            return self._unread()
        if stamps.all() == self._taken and self._listed and not (anyway or again or self._owed):
            return None
        try:
            settled = await self._settled(stamps, now=now)
            if settled is None:
                return self._unread()
            stamps, moving = settled
            found = await self._read(stamps, moving=moving, again=again, anyway=anyway)
        except OSError:
            return self._unread()
        finally:
            await asyncio.to_thread(self._checker.rest)
        self._listed = self._owed = True
        return found

    def taken_over(self) -> None:
        """Note that what the last look has found is in force."""
        self._owed = False

    def _unread(self) -> Look:
        self._listed = False
        return Look(None, {})

    def _stamps(self) -> _Stamps | None:
        try:
            files = folder_stamps(self._folder)
        except OSError:
            return None
        contents = {str(one.path) for known in self._known.values() for one in known.checked.contents}
        return _Stamps(files, {name: file_stamp(name) for name in contents})

    def _has_just_looked(self) -> bool:
        return asyncio.get_running_loop().time() - self._still_at < JUST_SECONDS

    def _to_check_again(self) -> frozenset[str]:
        unchecked = frozenset(
            name for name, known in self._known.items() if _could_not_be_checked(known.checked)
        )
        return unchecked if asyncio.get_running_loop().time() >= self._check_again_at else frozenset()

    async def _settled(self, stamps: _Stamps, *, now: Instant) -> tuple[_Stamps, set[str]] | None:
        """Return the files a moment later, and which of those that have changed are still changing."""
        if self._taken is None:
            settle_us = round(SETTLE_SECONDS * SECOND)
            ages = {name: now - stamp[2] // 1_000 for name, stamp in stamps.files.items()}
            return stamps, {name for name, age_us in ages.items() if 0 <= age_us < settle_us}
        before, first = self._taken, stamps.all()
        if first == before:
            self._moving_since.clear()
            return stamps, set()
        await asyncio.to_thread(self._checker.get_ready)
        await asyncio.sleep(SETTLE_SECONDS)
        later = await asyncio.to_thread(self._stamps)
        if later is None:
            return None
        then = later.all()
        moving = {name for name in first.keys() | then.keys() if first.get(name) != then.get(name)}
        seconds = asyncio.get_running_loop().time()
        self._moving_since = {name: self._moving_since.get(name, seconds) for name in moving}
        return later, {
            name for name, since in self._moving_since.items() if seconds - since < MOST_MOVING_SECONDS
        }

    async def _read(
        self, stamps: _Stamps, *, moving: set[str], again: AbstractSet[str], anyway: bool
    ) -> Look:
        before, now = self._taken or {}, stamps.all()
        held: set[str] = set()
        wanted: set[str] = set()
        for name in {*stamps.files, *(self._known.keys() & moving)}:
            known = self._known.get(name)
            parts = [name] if known is None else [name, *_content_names(known)]
            if any(part in moving for part in parts):
                held.add(name)
            elif anyway or known is None or any(before.get(part) != now.get(part) for part in parts):
                wanted.add(name)
        wanted |= (again & stamps.files.keys()) - held
        texts = {}
        if wanted:
            texts = await asyncio.to_thread(self._texts, wanted)
        fresh = [name for name, text in texts.items() if self._is_news(name, text, before=before, now=now)]
        checked = await self._check({name: texts[name] for name in fresh}) if fresh else {}
        taken = {name: stamp for name, stamp in now.items() if name not in moving}
        taken |= {name: before[name] for name in moving if name in before}
        for name, one in checked.items():
            if await asyncio.to_thread(_contents_moved, one):
                # Read in the middle of an edit of its content: once more, at the next look.
                held.add(name)
                taken.pop(name, None)
            else:
                self._known[name] = _Known(texts[name], one)
                for content in one.contents:
                    # What others have read of it before counts: they have to read it anew, too.
                    taken.setdefault(str(content.path), content.stamp)
        gone = self._known.keys() - stamps.files.keys() - held
        for name in gone:
            del self._known[name]
        if any(_could_not_be_checked(one) for one in checked.values()):
            self._check_again_at = asyncio.get_running_loop().time() + CHECK_AGAIN_SECONDS
        # Of content files that nobody names any more, nothing is to be known.
        named = {part for known in self._known.values() for part in _content_names(known)}
        self._taken = {name: stamp for name, stamp in taken.items() if name in stamps.files or name in named}
        return self._found(held - self._known.keys())

    def _found(self, unseen: Collection[str]) -> Look:
        known = sorted(self._known.values(), key=lambda known: known.checked.path)
        return Look(
            together([one.checked for one in known], settings=self._config.config.settings),
            {one.checked.file: one.text for one in known},
            frozenset(self._shown(Path(name)) for name in unseen),
        )

    def _is_news(
        self, name: str, text: FileText, *, before: Mapping[str, Stamp], now: Mapping[str, Stamp]
    ) -> bool:
        known = self._known.get(name)
        if known is None or (known.text.content, known.text.unread) != (text.content, text.unread):
            return True
        parts = _content_names(known)
        moved = any(before.get(part) != now.get(part) for part in parts)
        return moved or _could_not_be_checked(known.checked)

    def _texts(self, names: Collection[str]) -> dict[str, FileText]:
        return {str(text.path): text for text in read_folder(self._folder, most_bytes=MOST_BYTES, only=names)}

    async def _check(self, texts: Mapping[str, FileText]) -> dict[str, CheckedFile]:
        shown = {self._shown(text.path): text for text in texts.values()}
        checked: Sequence[CheckedFile] = await asyncio.to_thread(
            self._checker.campaigns, shown, config=self._config
        )
        return {str(one.path): one for one in checked}

    def _shown(self, path: Path) -> str:
        return shown_path(path, working_folder=self._working_folder)


def _content_names(known: _Known) -> list[str]:
    return [str(one.path) for one in known.checked.contents]


def _contents_moved(one: CheckedFile) -> bool:
    return any(file_stamp(content.path) != content.stamp for content in one.contents)


def _could_not_be_checked(one: CheckedFile) -> bool:
    return any(problem.rule is Rule.NOT_CHECKED for problem in one.problems)
