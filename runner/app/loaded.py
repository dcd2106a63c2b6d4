"""What comes of loading files: the config with its secrets, and the campaigns with all problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.core.clashes import clashing_names
from runner.errors import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from runner.adapters.secrets import Secrets
    from runner.model.campaign import Campaign
    from runner.model.content import ContentText
    from runner.model.document import Spot
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
class CheckedFile:
    """What one campaign file says, whatever stands in the others."""

    file: str
    """As problems call it."""
    path: Path
    campaign: Campaign | None = None
    """None where it has an error."""
    spot: Spot = (1, 1)
    """Where it says the campaign's name."""
    problems: tuple[Problem, ...] = ()
    contents: tuple[ContentText, ...] = ()
    """The content files that it names."""
    is_list: bool = False
    """Does it hold a list, as content files do?"""


def together(files: Sequence[CheckedFile], *, settings: Settings) -> Loaded:
    """Return what files say together: two campaigns of one name are in each other's way."""
    problems = {one.file: one.problems for one in files}
    lists = {one.path.resolve(): one.file for one in files if one.is_list}
    # A list of rows lies among the campaigns, and one of them names it: it is no broken campaign.
    for content in (content for one in files for content in one.contents if lists):
        problems.pop(lists.get(content.path.resolve(), ""), None)
    good = [(one.campaign, one.spot) for one in files if one.campaign is not None]
    for clash in clashing_names(good):
        problems[clash.file] = (*problems[clash.file], clash)
    rejected = tuple(
        file
        for file, found in problems.items()
        if any(problem.severity is Severity.ERROR for problem in found)
    )
    broken = set(rejected)
    return Loaded(
        settings,
        campaigns=tuple(campaign for campaign, _ in good if campaign.file not in broken),
        problems=tuple(dict.fromkeys(problem for found in problems.values() for problem in found)),
        rejected=rejected,
        contents={one.file: one.contents for one in files if one.contents},
    )


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config that checks, its warnings, and the secrets that are looked up from its folder."""

    config: Config
    problems: tuple[Problem, ...]
    secrets: Secrets
    folder: Path
    calendar_files: tuple[Path, ...] = ()
    """The files that its calendars come from."""
