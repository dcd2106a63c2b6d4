"""What comes of loading files: the config with its secrets, and the campaigns with all problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.errors import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.adapters.secrets import Secrets
    from runner.model.campaign import Campaign
    from runner.model.content import ContentText
    from runner.model.settings import Config, Settings


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the files say. Each campaign file stands for itself: a broken one keeps no other out."""

    settings: Settings
    campaigns: tuple[Campaign, ...]
    problems: tuple[Problem, ...]
    """Errors and warnings of all files, in their order."""
    rejected: tuple[str, ...] = ()
    """The files that are there but do not check, as problems call them."""
    contents: Mapping[str, tuple[ContentText, ...]] = field(default_factory=dict)
    """The content files that campaign files name, also those that are rejected."""
    complete: bool = True
    """Was the folder read? If not, a campaign that is missing here has not been deleted."""

    @property
    def broken(self) -> bool:
        """Is any problem an error?"""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config that checks, its warnings, and the secrets that are looked up from its folder."""

    config: Config
    problems: tuple[Problem, ...]
    secrets: Secrets
    folder: Path
    calendar_files: tuple[Path, ...] = ()
    """The files that its calendars come from."""
